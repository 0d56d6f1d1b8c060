using System.Diagnostics;
using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Multiprocess.Benchmarks.Contracts;
using Multiprocess.Benchmarks.Measuring;
using Multiprocess.Generator;

namespace Multiprocess.Benchmarks.Figures;

/// <summary>The generator on a contract of 150 methods: with a new driver, and after an edit elsewhere.</summary>
internal static class GeneratorRuns
{
    private const int Methods = 150;
    private const int WarmUps = 25;
    private const double TargetMilliseconds = 100;

    private static readonly CSharpParseOptions s_options = new(LanguageVersion.Preview);

    public static void Measure(Session session)
    {
        CSharpCompilation compilation = Compile();
        SyntaxTree edited = CSharpSyntaxTree.ParseText("class Unrelated { int _b; }", s_options, "Unrelated.cs");
        List<double> first = [];
        List<double> again = [];
        int stepsRun = 0;
        for (int i = 0; i < WarmUps + session.Effort.Rounds; i++)
        {
            // A compilation of its own: a build does not find one whose symbols are bound already.
            CSharpCompilation fresh = compilation.Clone();
            GeneratorDriver driver = Driver();
            double firstTime = Time(() => driver = driver.RunGenerators(fresh));
            CSharpCompilation next = fresh.ReplaceSyntaxTree(fresh.SyntaxTrees[1], edited);
            double againTime = Time(() => driver = driver.RunGenerators(next));
            if (i >= WarmUps)
            {
                first.Add(firstTime);
                again.Add(againTime);
                stepsRun = Math.Max(stepsRun, StepsRun(driver.GetRunResult().Results.Single()));
            }
        }

        session.Report(
            "generator-first", Statistics.Median([.. first]), "ms", Statistics.Median([.. first]) / TargetMilliseconds);
        session.Report("generator-again", Statistics.Median([.. again]), "ms", stepsRun);
    }

    private static double Time(Action action)
    {
        long start = Stopwatch.GetTimestamp();
        action();
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }

    /// <summary>How many outputs were made anew.</summary>
    private static int StepsRun(GeneratorRunResult result)
        => result.GeneratedSources.IsEmpty
            ? throw new InvalidOperationException("The generator emitted nothing.")
            : result.TrackedOutputSteps.SelectMany(step => step.Value).SelectMany(step => step.Outputs)
                .Count(output => output.Reason is IncrementalStepRunReason.New or IncrementalStepRunReason.Modified);

    private static GeneratorDriver Driver()
        => CSharpGeneratorDriver.Create(
            [new IpcGenerator().AsSourceGenerator()],
            parseOptions: s_options,
            driverOptions: new GeneratorDriverOptions(
                IncrementalGeneratorOutputKind.None, trackIncrementalGeneratorSteps: true));

    private static CSharpCompilation Compile()
    {
        IEnumerable<MetadataReference> references = ((string)AppContext.GetData(
            "TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(path => Path.GetFileName(path).StartsWith("System.", StringComparison.Ordinal))
            .Append(typeof(IBenchmark).Assembly.Location)
            .Append(typeof(IpcInterfaceAttribute).Assembly.Location)
            .Select(path => MetadataReference.CreateFromFile(path));
        return CSharpCompilation.Create(
            "Measured",
            [
                CSharpSyntaxTree.ParseText(Contract(), s_options, "Contract.cs"),
                CSharpSyntaxTree.ParseText("class Unrelated { int _a; }", s_options, "Unrelated.cs")
            ],
            references,
            new CSharpCompilationOptions(
                OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable));
    }

    /// <summary>A contract with numbers, text, collections, values, references, tasks and callbacks in turn.</summary>
    private static string Contract()
    {
        string[] shapes =
        [
            "int Number{0}(int a, long b);",
            "string Text{0}(string text, int? limit);",
            "List<Value> List{0}(IReadOnlyList<string> names);",
            "Task<Value> Find{0}Async(Value value, CancellationToken cancellationToken = default);",
            "IOther? Other{0}(IOther other, Action<int> onResult);",
            "bool Try{0}(Dictionary<string, double> values, out DateTime time);",
        ];
        StringBuilder source = new("""
            using System;
            using System.Collections.Generic;
            using System.Threading;
            using System.Threading.Tasks;
            using Multiprocess;

            namespace Measured;

            public record Value(string Name, int Number, List<Value>? Children = null);

            [IpcInterface]
            public interface IOther : IDisposable { int Count { get; } }

            [IpcInterface]
            public interface ILarge
            {

            """);
        for (int i = 0; i < Methods; i++)
        {
            source.Append("    ").AppendLine(
                shapes[i % shapes.Length].Replace("{0}", $"{i}", StringComparison.Ordinal));
        }

        return source.AppendLine("}").ToString();
    }
}
