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
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics => Rules.All;

    public override void Initialize(AnalysisContext context)
    {
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.EnableConcurrentExecution();
        context.RegisterSymbolAction(Analyze, SymbolKind.NamedType);
    }

    private static void Analyze(SymbolAnalysisContext context)
    {
        var type = (INamedTypeSymbol)context.Symbol;
        bool isMarked = type.TypeKind == TypeKind.Interface && type.HasAttribute(WellKnownTypes.IpcInterface)
            || type.TypeKind == TypeKind.Class && type.HasAttribute(WellKnownTypes.IpcFault);
        if (!isMarked)
        {
            return;
        }

        FileParser.Parse(type, context.Compilation, out var refusals, context.CancellationToken);
        foreach (var refusal in refusals.All)
        {
            context.ReportDiagnostic(refusal);
        }
    }
}
