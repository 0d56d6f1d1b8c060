using System.Collections.Concurrent;
using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Text;
using Multiprocess.Generator.Baselines;
using Multiprocess.Generator.Diagnostics;
using Multiprocess.Generator.Model;
using Multiprocess.Generator.Parsing;

namespace Multiprocess.Generator;

/// <summary>Compares the contracts of a build with their committed baseline, an additional file.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class IpcBaselineAnalyzer : DiagnosticAnalyzer
{
    /// <summary>The metadata that marks the additional file, set by the package's targets.</summary>
    internal const string Mark = "build_metadata.AdditionalFiles.MultiprocessBaseline";

    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } =
    [
        Rules.BrokenBaseline, Rules.OldBaseline, Rules.UnreadableBaseline
    ];

    public override void Initialize(AnalysisContext context)
    {
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.EnableConcurrentExecution();
        context.RegisterCompilationStartAction(Start);
    }

    /// <summary>The baseline among the additional files; null without one.</summary>
    internal static AdditionalText? Find(AnalyzerOptions options)
        => options.AdditionalFiles.FirstOrDefault(file => IsBaseline(options.AnalyzerConfigOptionsProvider, file));

    internal static bool IsBaseline(AnalyzerConfigOptionsProvider provider, AdditionalText file)
        => provider.GetOptions(file).TryGetValue(Mark, out string? mark)
            && string.Equals(mark, "true", StringComparison.OrdinalIgnoreCase);

    private static void Start(CompilationStartAnalysisContext context)
    {
        AdditionalText? file = Find(context.Options);
        if (file?.GetText(context.CancellationToken) is not { } text)
        {
            return;
        }

        var before = BaselineText.Read(text.ToString(), out int wrongLine);
        var seen = new ConcurrentDictionary<string, bool>();
        bool isWhole = true;
        IEnumerable<(Difference Difference, Location Place)> Differences(
            FileModel model,
            FileScope scope,
            ISymbol root,
            Location otherwise)
            => Block.Of(model, scope.Shapes.Values)
                .Where(block => seen.TryAdd(block.Name, true))
                .SelectMany(
                    block => BaselineRules.Compare(before.TryGetValue(block.Name, out var old) ? old : null, block))
                .Select(difference => (difference, Places.Of(difference, root, scope, otherwise)));

        context.RegisterSymbolAction(
            symbol =>
            {
                if (!IpcAnalyzer.IsMarked((INamedTypeSymbol)symbol.Symbol))
                {
                    return;
                }

                var model = FileParser.Parse(
                    (INamedTypeSymbol)symbol.Symbol,
                    symbol.Compilation,
                    out FileScope scope,
                    symbol.CancellationToken);
                if (model.Errors.Count != 0 || scope.HasCompilerErrors)
                {
                    Volatile.Write(ref isWhole, false); // IpcAnalyzer reports the errors.
                    return;
                }

                foreach (var (difference, place) in Differences(model, scope, symbol.Symbol, Location.None))
                {
                    symbol.ReportDiagnostic(Diagnose(difference, place));
                }
            },
            SymbolKind.NamedType);
        context.RegisterCompilationEndAction(end =>
        {
            foreach (var attribute in ClosedContracts.NamedBy(end.Compilation.Assembly))
            {
                var model = ClosedContracts.Parse(
                    attribute,
                    end.Compilation.Assembly,
                    end.Compilation,
                    out var scope,
                    out _,
                    end.CancellationToken);
                if (model is null || scope is null || model.Errors.Count != 0 || scope.HasCompilerErrors)
                {
                    Volatile.Write(ref isWhole, false);
                    continue;
                }

                foreach (var (difference, place) in Differences(model, scope, scope.Root, Site.ArgumentOf(attribute)))
                {
                    end.ReportDiagnostic(Diagnose(difference, place));
                }
            }

            if (wrongLine >= 0)
            {
                end.ReportDiagnostic(
                    Diagnostic.Create(
                        Rules.UnreadableBaseline,
                        LineOf(file, text, wrongLine),
                        text.Lines[wrongLine].ToString()));
            }

            foreach (var gone in before.Values.Where(
                block => Volatile.Read(ref isWhole) && !seen.ContainsKey(block.Name)))
            {
                int line = text.Lines.FirstOrDefault(line => line.ToString().TrimEnd() == gone.Head).LineNumber;
                end.ReportDiagnostic(
                    Diagnose(
                        new Difference(
                            gone.IsContract,
                            gone,
                            null,
                            $"{gone.Kind} '{gone.Name}'",
                            $"'{gone.Head}'",
                            "none"),
                        LineOf(file, text, line)));
            }
        });
    }

    private static Diagnostic Diagnose(Difference difference, Location place)
        => Diagnostic.Create(
            difference.IsBreak ? Rules.BrokenBaseline : Rules.OldBaseline,
            place,
            difference.What,
            difference.Expected,
            difference.Found,
            difference.Consequence);

    private static Location LineOf(AdditionalText file, SourceText text, int line)
        => Location.Create(file.Path, text.Lines[line].Span, text.Lines.GetLinePositionSpan(text.Lines[line].Span));
}
