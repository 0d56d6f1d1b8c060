using System.Reflection;
using FsCheck;
using FsCheck.Fluent;
using Multiprocess.Generator.Tests.Harness;
using Multiprocess.Scenarios.Harness;

namespace Multiprocess.Generator.Tests.Properties;

/// <summary>Contracts that nobody thought of: 50 written at random, compiled with what is generated for them, and called with 200 random values each.</summary>
/// <remarks>A failure shows the contract's source, the value, and the seeds that make both again.</remarks>
[CancelAfter(300_000)]
public sealed class RandomContractTests
{
    private const int Contracts = 50;
    private const int Values = 200;
    private const string Usings = """
        #nullable enable
        using System;
        using System.Collections;
        using System.Collections.Concurrent;
        using System.Collections.Frozen;
        using System.Collections.Generic;
        using System.Collections.Immutable;
        using System.Collections.ObjectModel;
        using System.Net;
        using System.Numerics;
        using System.Text;
        using System.Text.Json.Nodes;
        using System.Threading.Tasks;
        using Multiprocess;

        namespace Random;

        """;

    private static readonly MethodInfo s_createPair = typeof(IpcTestPair).GetMethods()
        .Single(method => method.Name == "Create" && !method.GetParameters()[0].ParameterType.IsGenericType);

    private static readonly Lazy<Assembly> s_assembly = new(() => GeneratorRun.Load([.. Enumerable.Range(0, Contracts).Select(SourceOf)]));

    private static IEnumerable<int> Seeds => Enumerable.Range(0, Contracts);

    [TestCaseSource(nameof(Seeds))]
    public void Every_value_comes_back_as_it_went(int seed)
    {
        var contract = s_assembly.Value.GetType("Random.IContract" + seed)!;
        object target = Activator.CreateInstance(s_assembly.Value.GetType("Random.Target" + seed)!)!;
        using var pair = (IDisposable)s_createPair.MakeGenericMethod(contract).Invoke(null, [target, null])!;
        object root = pair.GetType().GetProperty("Root")!.GetValue(pair)!;
        var echo = contract.GetMethod("Echo")!;
        var turn = contract.GetMethod("Turn")!;
        var nullability = new NullabilityInfoContext();
        bool firstMayBeNull = nullability.Create(echo.GetParameters()[0]).ReadState == NullabilityState.Nullable;
        bool secondMayBeNull = nullability.Create(turn.GetParameters()[2]).ReadState == NullabilityState.Nullable;
        var values = from a in RandomValues.Of(echo.ReturnType, firstMayBeNull)
                     from b in RandomValues.Of(turn.ReturnType, secondMayBeNull)
                     select (a, b);
        int count = 0;

        // Four members, so every fourth value goes through each; all of them through one of those that take it.
        bool Crosses((object? A, object? B) value)
        {
            object? back = (count++ % 4) switch
            {
                0 => echo.Invoke(root, [value.A]),
                1 => contract.GetMethod("Through")!.Invoke(root, [Identity(echo.ReturnType), value.A]),
                2 => Turned(turn, root, value.A, value.B),
                _ => ((dynamic)contract.GetMethod("EchoAsync")!.Invoke(root, [value.B])!).GetAwaiter().GetResult(),
            };
            object? gone = ((count - 1) % 4) switch
            {
                0 or 1 => value.A,
                2 => (value.A, value.B, value.B),
                _ => value.B,
            };
            return Description.Of(back) == Description.Of(gone);
        }

        var config = Config.QuickThrowOnFailure.WithMaxTest(Values).WithReplay((ulong)seed + 1, 99UL).WithEndSize(20);
        try
        {
            Check.One(contract.Name, config, Prop.ForAll(values.ToArbitrary(), Crosses));
        }
        catch (Exception exception)
        {
            Assert.Fail($"Seed {seed}:\n{exception.Message}\n{exception.InnerException}\n{SourceOf(seed)}");
        }

        Assert.That(count, Is.EqualTo(Values));
    }

    [Test]
    public void Contract_depends_on_its_seed_alone()
    {
        string first = SourceOf(7);
        string again = SourceOf(7);

        Assert.That(again, Is.EqualTo(first));
        Assert.That(SourceOf(8), Is.Not.EqualTo(first));
    }

    private static string SourceOf(int seed) => Usings + new RandomContract(seed).Source;

    private static object Turned(MethodInfo turn, object root, object? a, object? b)
    {
        object?[] arguments = [a, null, b];
        object? result = turn.Invoke(root, arguments);
        return (arguments[0], arguments[1], result);
    }

    private static Delegate Identity(Type type)
    {
        var value = System.Linq.Expressions.Expression.Parameter(type);
        return System.Linq.Expressions.Expression.Lambda(typeof(Func<,>).MakeGenericType(type, type), value, value).Compile();
    }
}
