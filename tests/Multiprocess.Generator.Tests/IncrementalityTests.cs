using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Multiprocess.Generator.Model;
using Multiprocess.Generator.Parsing;
using Multiprocess.Generator.Tests.Harness;

namespace Multiprocess.Generator.Tests;

/// <summary>
/// What keeps an IDE quick: an edit elsewhere runs nothing, and nothing in the pipeline keeps a compilation alive.
/// </summary>
public sealed class IncrementalityTests
{
    private const string Source = """
        using System;
        using System.Collections.Generic;
        using System.Threading.Tasks;
        using Multiprocess;

        [assembly: IpcClosedInterface(typeof(Demo.IBox<Demo.Person>))]
        [assembly: Multiprocess.CapnProto.CapnpContracts(LeaveOut = true)]

        namespace Demo;

        public record Person(string Name, List<Person>? Children = null);

        [IpcInterface]
        public interface IRegistry
        {
            Task<Person> FindAsync(string name);
            event Action<Person>? Added;
            int Count { get; set; }
        }

        [IpcInterface]
        public interface IBox<T> { T Content { get; } }

        [IpcInterface]
        public interface IBroken { void Take(object value); }

        [Multiprocess.CapnProto.CapnpInterface(1)]
        public interface ICapnp { Dictionary<string, int> Get(List<(int, string)> value); }

        [IpcFault]
        public sealed class FullException(string message, int limit) : Exception(message) { public int Limit { get; } = limit; }
        """;

    private static readonly string[] s_steps =
        [
            IpcGenerator.ContractsStep, IpcGenerator.FaultsStep, IpcGenerator.ClosedStep, IpcGenerator.CapnpStep,
            IpcGenerator.CapnpDerivedStep,
        ];

    [Test]
    public void Equal_sources_give_equal_models()
    {
        var first = Model(Source, "Demo.IRegistry");
        var second = Model(Source, "Demo.IRegistry");

        Assert.That(first, Is.Not.SameAs(second));
        Assert.That(first, Is.EqualTo(second));
        Assert.That(first.GetHashCode(), Is.EqualTo(second.GetHashCode()));
    }

    [TestCase("string name", "string? name")]
    [TestCase("Person? Children", "Person?>? Others")]
    [TestCase("int Count { get; set; }", "int Count { get; }")]
    [TestCase("Action<Person>", "Func<Person>")]
    public void Sources_that_differ_in_what_is_emitted_give_other_models(string before, string after)
    {
        string changed = Source.Replace(before, after).Replace("List<Person>? Children", "List<Person>? Others");

        Assert.That(Model(changed, "Demo.IRegistry"), Is.Not.EqualTo(Model(Source, "Demo.IRegistry")));
    }

    [Test]
    public void Unrelated_edit_leaves_every_step_as_it_was()
    {
        var compilation = GeneratorRun.Compile(Source, "class Unrelated { int _a; }");
        var driver = GeneratorRun.Driver().RunGenerators(compilation);

        var edited = compilation.ReplaceSyntaxTree(
            compilation.SyntaxTrees[1],
            CSharpSyntaxTree.ParseText(
                "class Unrelated { int _b; void Added() { } }", GeneratorRun.ParseOptions, "Source1.cs"));
        var result = driver.RunGenerators(edited).GetRunResult().Results.Single();

        Assert.That(s_steps, Is.SubsetOf(result.TrackedSteps.Keys));
        Assert.That(
            Reasons(result, s_steps),
            Is.All.AnyOf(IncrementalStepRunReason.Cached, IncrementalStepRunReason.Unchanged));
        Assert.That(
            result.TrackedOutputSteps
                .SelectMany(step => step.Value)
                .SelectMany(step => step.Outputs)
                .Select(output => output.Reason),
            Is.Not.Empty.And.All.AnyOf(IncrementalStepRunReason.Cached, IncrementalStepRunReason.Unchanged));
    }

    [Test]
    public void No_compiler_object_is_reachable_from_the_pipeline()
    {
        var result = GeneratorRun.Driver().RunGenerators(GeneratorRun.Compile(Source)).GetRunResult().Results.Single();

        var outputs = s_steps
            .SelectMany(step => result.TrackedSteps[step])
            .SelectMany(step => step.Outputs)
            .Select(output => output.Value)
            .ToList();

        Assert.That(
            outputs,
            Has.Count.EqualTo(7),
            "two contracts, an open one, a closed one, one of Cap'n Proto, one that is of Cap'n Proto too, one fault");
        foreach (object output in outputs)
        {
            Assert.That(ObjectGraph.FirstCompilerObject(output), Is.Null);
        }
    }

    [Test]
    public void Compiler_object_in_a_graph_is_found()
    {
        object compilation = GeneratorRun.Compile("");

        Assert.That(ObjectGraph.FirstCompilerObject(new object[] { 1, Tuple.Create("a", compilation) }), Is.Not.Null);
    }

    [Test]
    public void Every_run_gives_the_same_bytes()
    {
        var first = GeneratorRun.Generate(GeneratorRun.Compile(Source));
        var second = GeneratorRun.Generate(GeneratorRun.Compile(Source));

        Assert.That(
            second.Select(file => (file.HintName, file.SourceText.ToString())),
            Is.EqualTo(first.Select(file => (file.HintName, file.SourceText.ToString()))));
        Assert.That(first.Select(file => file.SourceText.ToString()), Has.None.Contains("\r"));
    }

    [Test]
    public void Order_of_the_contracts_does_not_change_their_files()
    {
        const string a = "[Multiprocess.IpcInterface] public interface IA { void Run(System.Action<int> a); }";
        const string b = "[Multiprocess.IpcInterface] public interface IB { void Run(System.Action<int> a); }";

        Assert.That(Files(b + a), Is.EqualTo(Files(a + b)));

        static IEnumerable<string> Files(string source)
            => GeneratorRun.Generate(GeneratorRun.Compile(source))
                .Select(file => file.SourceText.ToString())
                .Order(StringComparer.Ordinal);
    }

    private static FileModel Model(string source, string type)
    {
        var compilation = GeneratorRun.Compile(source);
        return FileParser.Parse(compilation.GetTypeByMetadataName(type)!, compilation, CancellationToken.None);
    }

    private static IEnumerable<IncrementalStepRunReason> Reasons(GeneratorRunResult result, IEnumerable<string> steps)
        => steps.SelectMany(step => result.TrackedSteps[step])
            .SelectMany(step => step.Outputs)
            .Select(output => output.Reason);
}
