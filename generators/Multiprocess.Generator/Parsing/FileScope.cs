using Microsoft.CodeAnalysis;
using Multiprocess.Generator.Diagnostics;
using Multiprocess.Generator.Model;

namespace Multiprocess.Generator.Parsing;

/// <summary>What the parsing of one marked type shares: the compilation, the names taken in the file, and what was found so far.</summary>
internal sealed class FileScope
{
    /// <summary>A scope.</summary>
    /// <param name="root">The marked type, or the closed contract that an assembly names.</param>
    /// <param name="assembly">The assembly in which the code is generated.</param>
    /// <param name="compilation">The compilation that knows them.</param>
    /// <param name="cancellationToken">Ends the parsing.</param>
    public FileScope(INamedTypeSymbol root, IAssemblySymbol assembly, Compilation compilation, CancellationToken cancellationToken)
    {
        Root = root;
        Assembly = assembly;
        Compilation = compilation;
        CancellationToken = cancellationToken;
        AllowsUndefinedEnumValues = root.FindAttribute(WellKnownTypes.IpcInterface)?.NamedArguments
            .Any(argument => argument is { Key: "AllowUndefinedEnumValues", Value.Value: true }) ?? false;

        // The namespace may be another assembly's, and yet have types here.
        var space = compilation.GetCompilationNamespace(root.ContainingNamespace) ?? root.ContainingNamespace;
        Names = new GeneratedNames(space);
        QualifyRuntimeNames = space.IsGlobalNamespace || CodecTable.RuntimeTypes.Any(name => space.GetMembers(name).Any());
    }

    public INamedTypeSymbol Root { get; }

    public IAssemblySymbol Assembly { get; }

    public Compilation Compilation { get; }

    public CancellationToken CancellationToken { get; }

    public Refusals Refusals { get; } = new();

    /// <summary>The names of the generated types.</summary>
    public GeneratedNames Names { get; }

    /// <summary>Whether the contract takes enum values that its reader does not define.</summary>
    public bool AllowsUndefinedEnumValues { get; }

    /// <summary>Whether the runtime's names would be found in the user's own namespace first.</summary>
    public bool QualifyRuntimeNames { get; }

    /// <summary>Set when a member carries nullability attributes.</summary>
    public bool HasFlowAttributes { get; set; }

    /// <summary>The ids of the warnings that come with what is used because it is experimental.</summary>
    public SortedSet<string> Warnings { get; } = new(StringComparer.Ordinal);

    /// <summary>Set when something is used that is obsolete.</summary>
    public bool UsesObsolete { get; private set; }

    /// <summary>Set when the user's code does not compile: the compiler has said so, and nothing is generated.</summary>
    public bool HasCompilerErrors { get; set; }

    /// <summary>How each type crosses that was found to cross, nullability included.</summary>
    public Dictionary<ITypeSymbol, TypeModel> Resolved { get; } = new(SymbolEqualityComparer.IncludeNullability);

    /// <summary>Codecs of by-value types by type, nullability included: the codec of <c>Page&lt;string?&gt;</c> lets nulls through.</summary>
    public Dictionary<ITypeSymbol, string?> ValueCodecs { get; } = new(SymbolEqualityComparer.IncludeNullability);

    public List<ValueModel> Values { get; } = [];

    public List<UnionModel> Unions { get; } = [];

    /// <summary>What the user's types look like on the wire, by their full names.</summary>
    public Dictionary<string, ShapeModel> Shapes { get; } = [];

    /// <summary>The types that the shapes are of.</summary>
    public Dictionary<string, ITypeSymbol> ShapeTypes { get; } = [];

    public void AddShape(ITypeSymbol type, ShapeModel shape)
    {
        Shapes[shape.Name] = shape;
        ShapeTypes[shape.Name] = type;
    }

    /// <summary>Delegate types that are used, each once however its nullability is spelled: to the runtime it is one type.</summary>
    public HashSet<ITypeSymbol> ReferenceTypes { get; } = new(SymbolEqualityComparer.Default);

    public List<ContractModel> References { get; } = [];

    /// <summary>Takes note that the file names a symbol, which may be obsolete or experimental, or inside of what is.</summary>
    public void AddWarnings(ISymbol symbol)
    {
        for (ISymbol? current = symbol; current is not (null or INamespaceSymbol); current = current.ContainingType)
        {
            AddWarningsOf(current);
        }

        foreach (var accessor in ContractParser.MethodsOf(symbol).Where(method => method.AssociatedSymbol is not null))
        {
            AddWarningsOf(accessor);
        }

        if (symbol.ContainingAssembly is { } assembly)
        {
            AddWarningsOf(assembly);
        }

        if (symbol.ContainingModule is { } module)
        {
            AddWarningsOf(module);
        }
    }

    private void AddWarningsOf(ISymbol symbol)
    {
        UsesObsolete |= symbol.HasAttribute(WellKnownTypes.Obsolete);
        if (symbol.FindAttribute(WellKnownTypes.Experimental)?.ConstructorArguments.FirstOrDefault().Value is string experiment)
        {
            Warnings.Add(experiment);
        }
    }

    public bool IsAccessible(ISymbol symbol) => Compilation.IsSymbolAccessibleWithin(symbol, Assembly);

    /// <summary>A runtime type as this file writes it.</summary>
    public string Runtime(string name) => RuntimeNames.Write(name, QualifyRuntimeNames);
}
