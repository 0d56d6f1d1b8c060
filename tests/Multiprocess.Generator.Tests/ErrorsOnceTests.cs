using System.Diagnostics.CodeAnalysis;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Multiprocess.Generator.Tests.Harness;

namespace Multiprocess.Generator.Tests;

/// <summary>
/// A build tells each refusal once: by the analyzer, or by the generated file where no analyzers run.
/// </summary>
public sealed class ErrorsOnceTests
{
    [TestCase("true", false)]
    [TestCase("false", true)]
    [TestCase(null, true)]
    public void Refusal_is_in_the_generated_file_only_where_no_analyzer_tells_it(string? analyzersRun, bool isEmitted)
    {
        var compilation = GeneratorRun.Compile(
            """
            [Multiprocess.IpcInterface] public interface IService { void Take(object value); }
            [Multiprocess.IpcFault] public class Broken<T> : System.Exception;
            """);

        var sources = GeneratorRun.Driver()
            .WithUpdatedAnalyzerConfigOptions(new BuildProperty(IpcGenerator.AnalyzersRun, analyzersRun))
            .RunGenerators(compilation)
            .GetRunResult()
            .Results.Single()
            .GeneratedSources;

        int errors = sources.Count(
            source => source.SourceText.ToString().Contains("#error MP", StringComparison.Ordinal));
        Assert.That(errors, Is.EqualTo(isEmitted ? 2 : 0));
    }

    [Test]
    public async Task Analyzer_tells_each_refusal_once()
    {
        var compilation = GeneratorRun.Compile(
            "[Multiprocess.IpcInterface] public interface IService { void Take(object value); }");

        var told = await GeneratorRun.AnalyzeAsync(compilation);

        Assert.That(told.Select(diagnostic => diagnostic.Id), Is.EqualTo(new[] { "MP0003" }));
    }

    /// <summary>One property of a build, or none.</summary>
    private sealed class BuildProperty(string name, string? value) : AnalyzerConfigOptionsProvider
    {
        public override AnalyzerConfigOptions GlobalOptions { get; } = new Options(name, value);

        public override AnalyzerConfigOptions GetOptions(SyntaxTree tree) => GlobalOptions;

        public override AnalyzerConfigOptions GetOptions(AdditionalText textFile) => GlobalOptions;

        private sealed class Options(string name, string? value) : AnalyzerConfigOptions
        {
            public override bool TryGetValue(string key, [NotNullWhen(true)] out string? found)
            {
                found = key == name ? value : null;
                return found is not null;
            }
        }
    }
}
