using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Multiprocess.Generator.Diagnostics;
using Multiprocess.Generator.Parsing;

namespace Multiprocess.Generator;

/// <summary>Reports, at the user's own declaration and while typing, why a contract is refused. It asks the generator's own parser.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class IpcAnalyzer : DiagnosticAnalyzer
{
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = Rules.OfContracts;

    public override void Initialize(AnalysisContext context)
    {
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.EnableConcurrentExecution();
        context.RegisterSymbolAction(Analyze, SymbolKind.NamedType);
    }

    /// <summary>Whether code is generated for the type.</summary>
    internal static bool IsMarked(INamedTypeSymbol type)
        => type.TypeKind == TypeKind.Interface && type.HasAttribute(WellKnownTypes.IpcInterface)
            || type.TypeKind == TypeKind.Class && type.HasAttribute(WellKnownTypes.IpcFault);

    private static void Analyze(SymbolAnalysisContext context)
    {
        var type = (INamedTypeSymbol)context.Symbol;
        if (!IsMarked(type))
        {
            return;
        }

        FileParser.Parse(type, context.Compilation, out FileScope scope, context.CancellationToken);
        foreach (var refusal in scope.Refusals.All)
        {
            context.ReportDiagnostic(refusal);
        }
    }
}
