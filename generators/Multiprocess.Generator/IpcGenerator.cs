using System.Collections.Immutable;
using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;
using Multiprocess.Generator.Emitting;
using Multiprocess.Generator.Model;
using Multiprocess.Generator.Parsing;

namespace Multiprocess.Generator;

/// <summary>
/// Emits the proxy and the stub of each interface marked <c>[IpcInterface]</c>, and the codec of each exception marked
/// <c>[IpcFault]</c>. For Cap'n Proto, the same for each interface and delegate type marked <c>[CapnpInterface]</c>.
/// </summary>
[Generator(LanguageNames.CSharp)]
public sealed class IpcGenerator : IIncrementalGenerator
{
    /// <summary>The build property with which the package says that the build runs analyzers.</summary>
    internal const string AnalyzersRun = "build_property.MultiprocessAnalyzersRun";

    internal const string ContractsStep = "Contracts";
    internal const string ClosedStep = "ClosedContracts";
    internal const string FaultsStep = "Faults";
    internal const string CapnpStep = "CapnpContracts";
    internal const string CapnpDerivedStep = "CapnpDerivedContracts";

    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
        var contracts = context.SyntaxProvider.ForAttributeWithMetadataName(
            WellKnownTypes.IpcInterface,
            static (node, _) => node is InterfaceDeclarationSyntax,
            static (marked, cancellationToken) => Parse(marked, cancellationToken)).WithTrackingName(ContractsStep);
        var faults = context.SyntaxProvider.ForAttributeWithMetadataName(
            WellKnownTypes.IpcFault,
            static (node, _) => node is ClassDeclarationSyntax or RecordDeclarationSyntax,
            static (marked, cancellationToken) => Parse(marked, cancellationToken)).WithTrackingName(FaultsStep);
        var closed = context.SyntaxProvider.ForAttributeWithMetadataName(
            WellKnownTypes.IpcClosedInterface,
            static (node, _) => node is CompilationUnitSyntax,
            static (marked, cancellationToken) => ParseClosed(marked, cancellationToken))
            .Collect()
            // Two attributes may name the same contract.
            .SelectMany(
                static (files, _)
                    => files.SelectMany(each => each).GroupBy(file => file.HintName).Select(same => same.First()))
            .WithTrackingName(ClosedStep);

        var capnp = context.SyntaxProvider.ForAttributeWithMetadataName(
            CapnpAttributes.Interface,
            static (node, _) => node is InterfaceDeclarationSyntax or DelegateDeclarationSyntax,
            static (marked, cancellationToken) => CapnpContractParser.Parse(
                (INamedTypeSymbol)marked.TargetSymbol, cancellationToken)).WithTrackingName(CapnpStep);

        var baseline = context.AdditionalTextsProvider.Combine(context.AnalyzerConfigOptionsProvider)
            .Where(static pair => IpcBaselineAnalyzer.IsBaseline(pair.Right, pair.Left))
            .Select(static (pair, cancellationToken) => pair.Left.GetText(cancellationToken)?.ToString())
            .Collect();

        // Of the whole compilation, because an attribute of the assembly decides. Without it, this is one look.
        var derived = context.CompilationProvider.Combine(baseline)
            .SelectMany(static (pair, cancellationToken) => CapnpDerivedParser.All(
                pair.Left, pair.Right.FirstOrDefault(), cancellationToken))
            .WithTrackingName(CapnpDerivedStep);

        // In a build with analyzers, the analyzer reports refusals; the emitted errors are for builds without
        // analyzers.
        var hasAnalyzers = context.AnalyzerConfigOptionsProvider.Select(static (options, _) =>
            options.GlobalOptions.TryGetValue(AnalyzersRun, out string? value)
                && string.Equals(value, "true", StringComparison.OrdinalIgnoreCase));
        context.RegisterSourceOutput(
            contracts.Combine(hasAnalyzers),
            static (output, file) => Emit(output, file.Left, file.Right));
        context.RegisterSourceOutput(
            faults.Combine(hasAnalyzers),
            static (output, file) => Emit(output, file.Left, file.Right));
        context.RegisterSourceOutput(
            closed.Combine(hasAnalyzers),
            static (output, file) => Emit(output, file.Left, file.Right));
        context.RegisterSourceOutput(
            capnp.Combine(hasAnalyzers),
            static (output, file) => Emit(output, file.Left, file.Right));
        context.RegisterSourceOutput(
            derived.Combine(hasAnalyzers),
            static (output, file) => Emit(output, file.Left, file.Right));
    }

    private static FileModel Parse(GeneratorAttributeSyntaxContext marked, CancellationToken cancellationToken)
        => FileParser.Parse((INamedTypeSymbol)marked.TargetSymbol, marked.SemanticModel.Compilation, cancellationToken);

    private static EquatableArray<FileModel> ParseClosed(
        GeneratorAttributeSyntaxContext marked,
        CancellationToken cancellationToken)
    {
        var compilation = marked.SemanticModel.Compilation;
        return marked.Attributes
            .Select(
                attribute
                    => ClosedContracts.Parse(
                        attribute,
                        compilation.Assembly,
                        compilation,
                        out _,
                        out _,
                        cancellationToken))
            .OfType<FileModel>()
            .ToEquatableArray();
    }

    private static void Emit(SourceProductionContext output, FileModel file, bool hasAnalyzers)
    {
        if (file.Errors.Count != 0)
        {
            if (hasAnalyzers)
            {
                return;
            }

            output.AddSource(file.HintName, Text(FileEmitter.EmitErrors(file)));
        }
        else if (file.HasCode)
        {
            output.AddSource(file.HintName, Text(FileEmitter.EmitGuarded(file, FileEmitter.Emit)));
        }
    }

    private static void Emit(SourceProductionContext output, CapnpFile file, bool hasAnalyzers)
    {
        if (file.Errors.Count == 0 && file.Contract is not null)
        {
            output.AddSource(file.HintName, Text(CapnpFileEmitter.Emit(file)));
        }
        else if (!hasAnalyzers)
        {
            output.AddSource(file.HintName, Text(CapnpFileEmitter.EmitErrors(file)));
        }
    }

    private static SourceText Text(string code) => SourceText.From(code, Encoding.UTF8);
}
