using Microsoft.CodeAnalysis;
using Multiprocess.Generator.Diagnostics;
using Multiprocess.Generator.Model;

namespace Multiprocess.Generator.Parsing;

/// <summary>
/// The shared state of parsing one marked type: the compilation, the names taken in the file, and the results so far.
/// </summary>
internal sealed class FileScope
{
    private readonly Dictionary<INamedTypeSymbol, ContractOptions> _options = new(SymbolEqualityComparer.Default);

    /// <summary>A scope.</summary>
    /// <param name="root">The marked type, or the closed contract that an assembly names.</param>
    /// <param name="assembly">The assembly in which the code is generated.</param>
    /// <param name="compilation">The compilation of both.</param>
    /// <param name="cancellationToken">Cancels the parsing.</param>
    public FileScope(
        INamedTypeSymbol root,
        IAssemblySymbol assembly,
        Compilation compilation,
        CancellationToken cancellationToken)
    {
        Root = root;
        Assembly = assembly;
        Compilation = compilation;
        CancellationToken = cancellationToken;
        Here = new ContractOptions(ContractOptions.Allows(root), [root]);
        _options.Add(root.OriginalDefinition, Here);

        // The namespace may come from another assembly, and still have types in this compilation.
        var space = compilation.GetCompilationNamespace(root.ContainingNamespace) ?? root.ContainingNamespace;
        Names = new GeneratedNames(space);
        QualifyRuntimeNames = space.IsGlobalNamespace
            || CodecTable.RuntimeTypes.Any(name => space.GetMembers(name).Any());
    }

    public INamedTypeSymbol Root { get; }

    public IAssemblySymbol Assembly { get; }

    public Compilation Compilation { get; }

    public CancellationToken CancellationToken { get; }

    public Refusals Refusals { get; } = new();

    /// <summary>The names of the generated types.</summary>
    public GeneratedNames Names { get; }

    /// <summary>The options for the types of the contract that is being parsed.</summary>
    public ContractOptions Here { get; private set; }

    /// <summary>The types whose contracts signatures close.</summary>
    public IEnumerable<ITypeSymbol> ClosedTypes => _options.Values.SelectMany(options => options.Stubs.Keys);

    /// <summary>Whether the contract has options that apply only to its own types.</summary>
    public bool HasOptions => ContractOptions.Has(Root);

    public Nesting Nesting { get; } = new();

    /// <summary>
    /// Whether the contract comes from a compiled assembly: its types were checked by its own build, which saw the
    /// code.
    /// </summary>
    public bool IsCompiled => !SymbolEqualityComparer.Default.Equals(Assembly, Compilation.Assembly);

    /// <summary>Whether the user's namespace has types with names of the runtime, which would be found first.</summary>
    public bool QualifyRuntimeNames { get; }

    /// <summary>Set when a member has nullability attributes.</summary>
    public bool HasFlowAttributes { get; set; }

    /// <summary>The ids of the warnings for experimental symbols that the file uses.</summary>
    public SortedSet<string> Warnings { get; } = new(StringComparer.Ordinal);

    /// <summary>Set when an obsolete symbol is used.</summary>
    public bool UsesObsolete { get; private set; }

    /// <summary>
    /// Set when the user's code does not compile: the compiler reports the error, and nothing is generated.
    /// </summary>
    public bool HasCompilerErrors { get; set; }

    public List<ValueModel> Values { get; } = [];

    public List<UnionModel> Unions { get; } = [];

    public List<FormatterModel> Formatters { get; } = [];

    /// <summary>The shapes of the user's types, by their full names.</summary>
    public Dictionary<string, ShapeModel> Shapes { get; } = [];

    /// <summary>The types of the shapes.</summary>
    public Dictionary<string, ITypeSymbol> ShapeTypes { get; } = [];

    public void AddShape(ITypeSymbol type, ShapeModel shape)
    {
        Shapes[shape.Name] = shape;
        ShapeTypes[shape.Name] = type;
    }

    public List<ContractModel> References { get; } = [];

    /// <summary>The contracts with their own files that are mentioned here, as generated code names them.</summary>
    public SortedSet<string> OtherContracts { get; } = new(StringComparer.Ordinal);

    /// <summary>
    /// Parses a generic contract that a signature closes: its own options apply inside, in addition to those of the
    /// file's contract.
    /// </summary>
    public T Within<T>(INamedTypeSymbol contract, Func<T> parse)
    {
        var around = Here;
        if (ContractOptions.Has(contract))
        {
            if (!_options.TryGetValue(contract.OriginalDefinition, out var inside))
            {
                inside = new ContractOptions(
                    ContractOptions.Allows(contract) || ContractOptions.Allows(Root),
                    [contract, Root]);
                _options.Add(contract.OriginalDefinition, inside);
            }

            Here = inside;
        }

        var parsed = parse();
        Here = around;
        return parsed;
    }

    /// <summary>
    /// Records that the file names a symbol that, or whose containing type, may be obsolete or experimental.
    /// </summary>
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
        if (symbol.FindAttribute(
            WellKnownTypes.Experimental)?.ConstructorArguments.FirstOrDefault().Value is string experiment)
        {
            Warnings.Add(experiment);
        }
    }

    /// <summary>The alias of a type's assembly if it is referenced only by alias; null for most.</summary>
    public string? AliasOf(ITypeSymbol type)
        => type.ContainingAssembly is { } assembly
            && Compilation.GetMetadataReference(assembly)?.Properties.Aliases is { IsDefaultOrEmpty: false } aliases
            && !aliases.Contains(MetadataReferenceProperties.GlobalAlias)
            ? aliases[0]
            : null;

    public bool IsAccessible(ISymbol symbol) => Compilation.IsSymbolAccessibleWithin(symbol, Assembly);

    /// <summary>A runtime type as this file writes it.</summary>
    public string Runtime(string name) => RuntimeNames.Write(name, QualifyRuntimeNames);
}
