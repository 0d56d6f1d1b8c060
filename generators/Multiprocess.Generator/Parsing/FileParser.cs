using Microsoft.CodeAnalysis;
using Multiprocess.Generator.Diagnostics;
using Multiprocess.Generator.Model;

namespace Multiprocess.Generator.Parsing;

/// <summary>Parses one marked type. The generator needs the model, the analyzer needs the refusals.</summary>
internal static class FileParser
{
    public static FileModel Parse(INamedTypeSymbol type, Compilation compilation, CancellationToken cancellationToken)
        => Parse(type, compilation, out _, cancellationToken);

    public static FileModel Parse(
        INamedTypeSymbol type,
        Compilation compilation,
        out FileScope scope,
        CancellationToken cancellationToken)
    {
        var here = scope = new FileScope(type, type.ContainingAssembly, compilation, cancellationToken);
        return Guard(HintName(type), here, Site.NameOf(type, Location.None), () =>
        {
            var contract = type.TypeKind == TypeKind.Interface ? new ContractParser(type, here).Parse() : null;
            var fault = type.TypeKind == TypeKind.Class
                ? new FaultParser(here, new TypeResolver(here)).Parse(type)
                : null;
            return Build(HintName(type), here, contract, fault);
        });
    }

    /// <summary>
    /// Parses. An unexpected exception becomes a refusal that names the contract: if it escaped, no code at all would
    /// be generated.
    /// </summary>
    public static FileModel Guard(string hintName, FileScope scope, Location place, Func<FileModel> parse)
    {
        try
        {
            return parse();
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            scope.Refusals.Add(Rules.Failure, place, TypeNames.Display(scope.Root), Failure.Describe(exception));
            return Build(hintName, scope, contract: null, fault: null);
        }
    }

    /// <summary>The model of the generated file, from the parsed contract or exception.</summary>
    public static FileModel Build(string hintName, FileScope scope, ContractModel? contract, FaultModel? fault)
    {
        var type = scope.Root;
        var refusals = scope.Refusals;
        var forms = new EncodingForms(scope, contract is null ? scope.References : scope.References.Prepend(contract));
        bool isValid = refusals.All.Count == 0 && !scope.HasCompilerErrors;
        var described = isValid && contract is not null
            ? forms.Mark(ShapeParser.Describe(contract, scope.Shapes))
            : null;
        var references = isValid ? Describe(scope, forms) : default;
        return new FileModel(
            hintName,
            type.ContainingNamespace.IsGlobalNamespace ? null : Namespace(type.ContainingNamespace),
            TypeNames.Display(type),
            scope.QualifyRuntimeNames,
            described,
            isValid ? fault : null,
            references,
            isValid ? scope.Values.ToEquatableArray() : default,
            isValid ? scope.Unions.ToEquatableArray() : default,
            isValid ? scope.Formatters.ToEquatableArray() : default,
            scope.HasFlowAttributes,
            scope.UsesObsolete,
            scope.Warnings.ToEquatableArray(),
            refusals.All.Select(Error).ToEquatableArray())
        {
            Description = described is null ? "" : Descriptions.Of(references.Prepend(described), scope.Shapes.Values),
            OtherContracts = described is null ? default : scope.OtherContracts.ToEquatableArray(),
        };
    }

    private static EquatableArray<ContractModel> Describe(FileScope scope, EncodingForms forms)
        => scope.References.Select(reference => forms.Mark(ShapeParser.Describe(reference, scope.Shapes)))
            .ToEquatableArray();

    public static ErrorModel Error(Diagnostic diagnostic)
        => new(diagnostic.Id, diagnostic.GetMessage(System.Globalization.CultureInfo.InvariantCulture));

    internal static string Namespace(INamespaceSymbol space)
        => (space.ContainingNamespace.IsGlobalNamespace
            ? ""
            : Namespace(space.ContainingNamespace) + ".") + TypeNames.Escape(space.Name);

    /// <summary>The full metadata name: unique in an assembly, and valid as a file name.</summary>
    /// <remarks>The metadata name of a file-local type has angle brackets, and file names may ignore case.</remarks>
    internal static string HintName(INamedTypeSymbol type)
    {
        string name = WellKnownTypes.FullName(type).Replace('<', '_').Replace('>', '_');
        bool differsInCaseAlone = false;
        for (INamespaceOrTypeSymbol current = type; current
            is not INamespaceSymbol { IsGlobalNamespace: true }; current = current.ContainingType
            ?? (INamespaceOrTypeSymbol)current.ContainingNamespace)
        {
            var siblings = (current.ContainingType ?? (INamespaceOrTypeSymbol)current.ContainingNamespace)
                .GetMembers()
                .OfType<INamespaceOrTypeSymbol>();
            differsInCaseAlone |= siblings.Any(
                other => other.Name != current.Name
                    && string.Equals(other.Name, current.Name, StringComparison.OrdinalIgnoreCase));
        }

        return name + (
            differsInCaseAlone
                ? "_" + WireIds.OfSignature(name).ToString("X8", System.Globalization.CultureInfo.InvariantCulture)
                : "") + ".g.cs";
    }
}
