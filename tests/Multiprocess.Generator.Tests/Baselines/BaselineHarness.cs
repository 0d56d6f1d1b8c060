using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Text;
using Multiprocess.Contracts.Tool;
using Multiprocess.Generator.Baselines;

namespace Multiprocess.Generator.Tests.Baselines;

/// <summary>Runs the analyzer against a baseline, as a build does that has one.</summary>
internal static class BaselineHarness
{
    /// <summary>The baseline of a compilation's own contracts.</summary>
    public static string Write(Compilation compilation, string? before = null)
        => BaselineText.Write(
            BaselineText.Update(
                before is null ? [] : BaselineText.Read(before, out _),
                ContractAssembly.Read(compilation.Assembly, compilation).Blocks));

    public static Task<ImmutableArray<Diagnostic>> AnalyzeAsync(Compilation compilation, string baseline)
    {
        var file = new Text("contracts.txt", baseline);
        return compilation.WithAnalyzers(
            [new IpcBaselineAnalyzer()], new AnalyzerOptions([new Text("other.txt", "other"), file], new Marks(file)))
            .GetAnalyzerDiagnosticsAsync();
    }

    private sealed class Text(string path, string content) : AdditionalText
    {
        public override string Path => path;

        public override SourceText GetText(CancellationToken cancellationToken = default) => SourceText.From(content);
    }

    private sealed class Marks(AdditionalText marked) : AnalyzerConfigOptionsProvider
    {
        public override AnalyzerConfigOptions GlobalOptions { get; } = new Options(false);

        public override AnalyzerConfigOptions GetOptions(SyntaxTree tree) => new Options(false);

        public override AnalyzerConfigOptions GetOptions(AdditionalText textFile) => new Options(textFile == marked);
    }

    private sealed class Options(bool isMarked) : AnalyzerConfigOptions
    {
        public override bool TryGetValue(string key, [NotNullWhen(true)] out string? value)
        {
            value = isMarked && key == IpcBaselineAnalyzer.Mark ? "true" : null;
            return value is not null;
        }
    }
}
