using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Diagnostics;
using Multiprocess.Generator.Diagnostics;
using Multiprocess.Generator.Parsing;

namespace Multiprocess.Generator;

/// <summary>
/// Reports why a contract is refused, at the user's declaration and while typing. Uses the generator's parser.
/// </summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class IpcAnalyzer : DiagnosticAnalyzer
{
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = Rules.OfContracts;

    public override void Initialize(AnalysisContext context)
    {
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.EnableConcurrentExecution();
        context.RegisterSymbolAction(Analyze, SymbolKind.NamedType);
        context.RegisterSymbolAction(TrimmingRules.Check, SymbolKind.NamedType);
        context.RegisterSyntaxNodeAction(AnalyzeAttribute, SyntaxKind.Attribute);
        context.RegisterCompilationStartAction(static start =>
        {
            var roots = new RootRules(start.Compilation);
            start.RegisterOperationAction(roots.Check, OperationKind.Invocation, OperationKind.MethodReference);
            start.RegisterOperationAction(FaultRules.Check, OperationKind.Throw);
        });
    }

    /// <summary>Whether code is generated for the type.</summary>
    internal static bool IsMarked(INamedTypeSymbol type)
        => type.TypeKind == TypeKind.Interface && type.HasAttribute(WellKnownTypes.IpcInterface)
            || type.TypeKind == TypeKind.Class && type.HasAttribute(WellKnownTypes.IpcFault);

    private static void Analyze(SymbolAnalysisContext context)
    {
        var type = (INamedTypeSymbol)context.Symbol;
        if (type.HasAttribute(CapnpAttributes.Interface))
        {
            CapnpContractParser.Parse(type, out Refusals refusals, context.CancellationToken);
            foreach (var refusal in refusals.All)
            {
                context.ReportDiagnostic(refusal);
            }
        }

        if (!IsMarked(type))
        {
            return;
        }

        FileParser.Parse(type, context.Compilation, out FileScope scope, context.CancellationToken);
        foreach (var refusal in scope.Refusals.All)
        {
            context.ReportDiagnostic(refusal);
        }

        if (CapnpDerived.Applies(type)
            && CapnpDerived.Of(
                context.Compilation,
                context.Compilation.Assembly,
                IpcBaselineAnalyzer.Find(context.Options)?.GetText(context.CancellationToken)?.ToString())
                is { } derived)
        {
            CapnpDerivedParser.Parse(type, derived, out Refusals refusals, context.CancellationToken);
            foreach (var refusal in refusals.All)
            {
                context.ReportDiagnostic(refusal);
            }
        }
    }

    /// <summary>A closed contract that the assembly names.</summary>
    private static void AnalyzeAttribute(SyntaxNodeAnalysisContext context)
    {
        var written = (AttributeSyntax)context.Node;
        if (written.Parent is not AttributeListSyntax { Target.Identifier.RawKind: (int)SyntaxKind.AssemblyKeyword })
        {
            return;
        }

        var attribute = ClosedContracts.NamedBy(context.Compilation.Assembly).FirstOrDefault(attribute =>
            attribute.ApplicationSyntaxReference is { } place
                && place.SyntaxTree == written.SyntaxTree
                && place.Span == written.Span);
        if (attribute is null)
        {
            return;
        }

        ClosedContracts.Parse(
            attribute,
            context.Compilation.Assembly,
            context.Compilation,
            out _,
            out var refusals,
            context.CancellationToken);
        foreach (var refusal in refusals.All)
        {
            context.ReportDiagnostic(refusal);
        }
    }
}
