using System.Reflection;
using System.Runtime.Loader;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.CodeAnalysis;
using Multiprocess.Generator.Tests.Harness;
using Multiprocess.Scenarios.Harness;

namespace Multiprocess.Generator.Tests.Properties;

/// <summary>
/// Contracts that nobody thought of, written at random, with types of another assembly and names of the generated
/// code's own: compiled without a warning with what is generated for them, and called with random values. What a client
/// sees is what it sees of the object itself. 20 contracts in each run of the tests, 200 when asked for.
/// </summary>
/// <remarks>A failure shows the contract's source, the value, and the seeds that make both again.</remarks>
[CancelAfter(300_000)]
public sealed class RandomContractTests
{
    private const int Few = 20;
    private const int Many = 200;
    private const int Values = 10 * RandomContract.Ways;
    private const string Usings = """
        #nullable enable
        using System;
        using System.Collections;
        using System.Collections.Concurrent;
        using System.Collections.Frozen;
        using System.Collections.Generic;
        using System.Collections.Immutable;
        using System.Collections.ObjectModel;
        using System.IO;
        using System.Net;
        using System.Numerics;
        using System.Runtime.CompilerServices;
        using System.Text;
        using System.Text.Json.Nodes;
        using System.Threading;
        using System.Threading.Tasks;
        using Multiprocess;

        """;

    private static readonly MethodInfo s_createPair = typeof(IpcTestPair).GetMethods()
        .Single(method => method.Name == "Create" && !method.GetParameters()[0].ParameterType.IsGenericType);

    private static readonly Lazy<Assembly> s_few = new(() => Load(0, Few));

    private static IEnumerable<int> FewSeeds => Enumerable.Range(0, Few);

    [TestCaseSource(nameof(FewSeeds))]
    public void Client_sees_what_it_sees_of_the_object(int seed) => Check(s_few.Value, seed);

    [Explicit("Takes some minutes.")]
    [CancelAfter(1_800_000)]
    [Test]
    public void Clients_of_many_contracts_see_what_they_see_of_the_object()
    {
        Assert.Multiple(() =>
        {
            for (int first = Few; first < Few + Many; first += Few)
            {
                Assembly some = Load(first, Few);
                for (int seed = first; seed < first + Few; seed++)
                {
                    Check(some, seed);
                }
            }
        });
    }

    [Test]
    public void Contract_depends_on_its_seed_alone()
    {
        string first = SourceOf(7);
        string again = SourceOf(7);

        Assert.That(again, Is.EqualTo(first));
        Assert.That(SourceOf(8), Is.Not.EqualTo(first));
    }

    private static void Check(Assembly assembly, int seed)
    {
        string space = new RandomContract(seed).Space;
        var contract = assembly.GetType(space + ".IContract")!;
        var run = assembly.GetType(space + ".Driver")!.GetMethod("Run")!;
        object target = Activator.CreateInstance(assembly.GetType(space + ".Target")!)!;
        using var pair = (IDisposable)s_createPair.MakeGenericMethod(contract).Invoke(null, [target, null])!;
        object root = pair.GetType().GetProperty("Root")!.GetValue(pair)!;
        var nullability = new NullabilityInfoContext();
        var parameters = run.GetParameters();
        bool firstMayBeNull = nullability.Create(parameters[2]).ReadState == NullabilityState.Nullable;
        bool secondMayBeNull = nullability.Create(parameters[3]).ReadState == NullabilityState.Nullable;
        var values = from a in RandomValues.Of(parameters[2].ParameterType, firstMayBeNull)
                     from b in RandomValues.Of(parameters[3].ParameterType, secondMayBeNull)
                     select (a, b);
        int count = 0;

        bool Agrees((object? A, object? B) value)
        {
            int way = count++ % RandomContract.Ways;
            object? direct = run.Invoke(null, [target, way, value.A, value.B]);
            object? through = run.Invoke(null, [root, way, value.A, value.B]);
            return Description.Of(through) == Description.Of(direct);
        }

        var config = Config.QuickThrowOnFailure.WithMaxTest(Values).WithReplay((ulong)seed + 1, 99UL).WithEndSize(20);
        try
        {
            FsCheck.Check.One(space, config, Prop.ForAll(values.ToArbitrary(), Agrees));
        }
        catch (Exception exception)
        {
            Assert.Fail(
                $"Seed {seed}, way "
                    + $"{(count - 1) % RandomContract.Ways}:\n{exception.Message}\n{exception.InnerException}\n{SourceOf(seed)}");
        }

        Assert.That(count, Is.EqualTo(Values));
    }

    /// <summary>
    /// Compiles contracts against a reference assembly of the types that they share, as two projects would be, and
    /// loads both.
    /// </summary>
    private static Assembly Load(int first, int count)
    {
        var contracts = Enumerable.Range(first, count).Select(seed => new RandomContract(seed)).ToList();
        string name = "RandomTypes" + first;
        var library = GeneratorRun.Compile(
            [.. contracts.Select(contract => Usings + contract.LibrarySource)]).WithAssemblyName(name);
        using var binary = new MemoryStream();
        var compiled = library.Emit(binary);
        Assert.That(
            compiled.Success,
            () => string.Join(
                "\n", compiled.Diagnostics.Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error)));
        binary.Position = 0;
        AssemblyLoadContext.Default.LoadFromStream(binary);

        var reference = GeneratorRun.CompileReferenceAssembly(library);
        var compilation = GeneratorRun.Compile(
            [.. contracts.Select(contract => Usings + contract.Source)]).AddReferences(reference);
        using var code = new MemoryStream(
            GeneratorRun.CompileWithoutWarnings(compilation.WithAssemblyName("RandomContracts" + first)));
        return AssemblyLoadContext.Default.LoadFromStream(code);
    }

    private static string SourceOf(int seed)
    {
        var contract = new RandomContract(seed);
        return contract.LibrarySource + "\n" + contract.Source;
    }
}
