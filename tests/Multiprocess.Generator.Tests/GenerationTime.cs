using System.Diagnostics;
using Microsoft.CodeAnalysis;
using Multiprocess.Generator.Tests.Harness;

namespace Multiprocess.Generator.Tests;

/// <summary>
/// How long a large contract takes to generate. For people to run and read; no test depends on a clock.
/// </summary>
public sealed class GenerationTime
{
    private const int Methods = 150;

    [Test]
    [Explicit("Measures; run it in Release: dotnet test -c Release --filter FullyQualifiedName~GenerationTime")]
    public void Contract_of_150_methods_with_a_new_driver()
    {
        var times = new List<double>();
        var processorTimes = new List<double>();
        int characters = 0;
        for (int i = 0; i < 15; i++)
        {
            var compilation = GeneratorRun.Compile(Source(i));
            Assert.That(
                compilation.GetDiagnostics().Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error),
                Is.Empty);
            var driver = GeneratorRun.Driver();
            var clock = Stopwatch.StartNew();
            var processor = Environment.CpuUsage.TotalTime;
            var result = driver.RunGenerators(compilation).GetRunResult();
            times.Add(clock.Elapsed.TotalMilliseconds);
            processorTimes.Add((Environment.CpuUsage.TotalTime - processor).TotalMilliseconds);
            characters = result.Results[0].GeneratedSources.Sum(source => source.SourceText.Length);
            Assert.That(result.Results[0].Exception, Is.Null);
        }

        TestContext.Progress.WriteLine(
            $"{Methods} methods, {characters:N0} characters. Median of the last ten runs: {Median(times):F0} ms, of which the processor worked {Median(processorTimes):F0} ms. All: {string.Join(" ", times.Select(time => time.ToString("F0")))} ms");
        Assert.That(characters, Is.Positive);
    }

    private static double Median(List<double> times) => times[^10..].Order().ElementAt(5);

    private static string Source(int run)
    {
        string[] shapes =
        [
            "int Add{0}(int a, int b);",
            "Person Find{0}(string name, out int age);",
            "Task<List<Person>> ListAsync{0}(Dictionary<string, int[]> filter, CancellationToken cancellationToken = "
                + "default);",
            "void Watch{0}(Action<int, string> handler);",
            "(int A, string? B) Mix{0}(Color color, DateTime? when, params Guid[] ids);",
        ];
        var members = Enumerable.Range(0, Methods)
            .Select(
                i => string.Format(System.Globalization.CultureInfo.InvariantCulture, shapes[i % shapes.Length], i));
        return $$"""
            using System;
            using System.Collections.Generic;
            using System.Threading;
            using System.Threading.Tasks;
            namespace Demo{{run}};
            public enum Color { Red, Green }
            public record Person(string Name, int Age, Color Favourite, Person? Parent, IReadOnlyList<string> Tags);
            [Multiprocess.IpcInterface]
            public interface ILarge
            {
                {{string.Join("\n    ", members)}}
            }
            """;
    }
}
