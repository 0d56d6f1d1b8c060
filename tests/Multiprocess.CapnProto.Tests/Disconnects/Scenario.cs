using Multiprocess.CapnProto.Messages;
using Multiprocess.CapnProto.Rpc;
using Multiprocess.CapnProto.Threads;

namespace Multiprocess.CapnProto.Tests.Disconnects;

/// <summary>One kind of call. It checks every answer that it gets.</summary>
/// <param name="Name">The name of the case.</param>
/// <param name="Run">Makes the calls, on a thread of its own, until they are done or one throws.</param>
/// <param name="Rests">Whether it never ends by itself: it is cut once its method was entered.</param>
/// <param name="IsFirst">Whether the connection may be lost from its first byte on.</param>
internal sealed record Scenario(string Name, Action<Caller> Run, bool Rests = false, bool IsFirst = false)
{
    private const ulong Thing = 0x9d1c2b3a40516202;
    private const ulong Passing = 0x9d1c2b3a40516201;
    private const ushort Twice = 2;

    public static Scenario[] All { get; } =
    [
        new("the root and its threads", caller => Is(3, caller.Acts.Add(1, 2)), IsFirst: true),
        new("plain", caller => Is(3, caller.Acts.Add(1, 2))),
        new("on the pool", caller => Is(3, caller.Acts.AddAnywhere(1, 2))),
        new("a thread of its own", caller => OnThread(() => Is(3, caller.Acts.Add(1, 2)))),
        new("makePool", caller =>
        {
            using CapnpReference threads = caller.PeerThreads();
            using CapnpRequest request = threads.Call(ThreadFormat.ThreadMapId, ThreadFormat.MakePool);
            request.Parameters.InitStruct(new CapnpStructSize(1, 0)).WriteUInt32(0, 2);
            using CapnpAnswer made = request.Send();
            Await(made);
            Is(3, caller.Acts.AddAnywhere(1, 2));
        }),
        new("nested", caller =>
        {
            int Back(int depth) => caller.Acts.Nest(depth, Back);
            Is(4, caller.Acts.Nest(4, Back));
        }),
        new("failing", caller => AssertThrows<CapnpException>("as asked", () => caller.Acts.Fail("as asked"))),
        new(
            "failing as declared",
            caller => AssertThrows<ActException>("as asked", () => caller.Acts.FailAsDeclared("as asked"))),
        new("making an object", caller =>
        {
            using IThing thing = caller.Acts.Make(7);
            Is(7, thing.Number());
        }),
        new("making objects and leaving them", caller =>
        {
            IThing[] things = [caller.Acts.Make(1), caller.Acts.Make(2)];
            caller.Own.Held = things;
            Is(3, things.Sum(thing => thing.Number()));
        }),
        new("object as an argument", caller => Is(9, caller.Acts.Use(caller.Own.Make(9)))),
        new("kept std::function", caller =>
        {
            caller.Acts.Keep(x => x + 1);
            Is(6, caller.Acts.CallKept(5));
            caller.Acts.Keep(null);
        }),
        new("property", caller =>
        {
            caller.Acts.Title = "titled";
            Assert.That(caller.Acts.Title, NUnit.Framework.Is.EqualTo("titled"));
        }),
        new("results by reference", caller =>
        {
            int sum = 1;
            Assert.That(caller.Acts.TrySum([2, 3], ref sum, out string text), NUnit.Framework.Is.True);
            Assert.That((sum, text), NUnit.Framework.Is.EqualTo((6, "summed")));
        }),
        new(
            "asynchronous",
            caller => Is(6, Task.WhenAll(caller.Acts.AddAsync(1, 2), caller.Acts.AddAsync(1, 2)).Result().Sum())),
        new("asynchronous with a callback", caller => Is(8, caller.Acts.CallBackAsync(4, x => 2 * x).Result())),
        new("asynchronously made object", caller =>
        {
            using IThing thing = caller.Acts.MakeAsync(7).Result();
            Is(7, thing.Number());
        }),
        new("pipelined", caller =>
        {
            using CapnpReference own = CapnpReference.Of(CapnpContract.Serve<IThing>(caller.Own.Make(8)));
            using CapnpAnswer passed = Pass(caller, own);
            using CapnpReference pipelined = passed.Pipeline(0);
            Is(16, TwiceOf(pipelined)); // Through the peer, before or after it has answered.
            Await(passed);
            Is(16, TwiceOf(pipelined)); // Here, after the embargo.
        }),
        new("a promise passed", caller =>
        {
            var source = new TaskCompletionSource<CapnpReference>();
            using CapnpReference promise = CapnpReference.Of(source.Task);
            using CapnpAnswer passed = Pass(caller, promise);
            using CapnpReference pipelined = passed.Pipeline(0);
            using CapnpAnswer early = Call(pipelined);
            source.SetResult(CapnpReference.Of(CapnpContract.Serve<IThing>(caller.Own.Make(8))));
            Is(16, NumberOf(early));
            Await(passed);
            Is(16, TwiceOf(pipelined));
        }),
        new("cancelled", caller =>
        {
            using var cancel = new CancellationTokenSource();
            _ = caller.Callee.Entered.Task.ContinueWith(_ => cancel.Cancel(), TaskScheduler.Default);
            AssertThrows<OperationCanceledException>(null, () => caller.Acts.Wait(cancel.Token));
            Is(3, caller.Acts.Add(1, 2));
        }),
        new("cancelled asynchronously", caller =>
        {
            using var cancel = new CancellationTokenSource();
            _ = caller.Callee.Entered.Task.ContinueWith(_ => cancel.Cancel(), TaskScheduler.Default);
            AssertThrows<OperationCanceledException>(null, () => caller.Acts.WaitAsync(cancel.Token).Result());
            Is(3, caller.Acts.AddAsync(1, 2).Result());
        }),
        new("waiting", caller => caller.Acts.Wait(CancellationToken.None), Rests: true),
        new("waiting asynchronously", caller => caller.Acts.WaitAsync(CancellationToken.None).Result(), Rests: true),
        new("waiting in a callback", caller => caller.Acts.Nest(1, _ => caller.Own.Rest()), Rests: true),
        new(
            "waiting in an asynchronous callback",
            caller => caller.Acts.CallBackAsync(1, _ => caller.Own.Rest()).Result(),
            Rests: true),
        new("waiting with objects", caller =>
        {
            caller.Own.Held = (caller.Acts.Make(1), caller.Acts.Make(2));
            caller.Acts.Hold(caller.Own.Make(3));
        }, Rests: true),
        new("waiting on the pool", caller => caller.Acts.WaitAnywhere(CancellationToken.None), Rests: true),
        new("waiting for a pipelined call", caller =>
        {
            using CapnpReference root = caller.Connection.Bootstrap();
            using CapnpRequest request = root.Call(Passing, 22);
            request.Parameters.InitStruct(default);
            using CapnpAnswer late = request.Send();
            using CapnpReference pipelined = late.Pipeline(0);
            TwiceOf(pipelined);
        }, Rests: true),
        new("disposing slowly", caller =>
        {
            // A disposal is silent when the connection is lost meanwhile. The next call throws.
            caller.Acts.MakeSlow().Dispose();
            caller.Acts.Add(1, 2);
        }, Rests: true),
        new("waiting in a nested call", caller => caller.Acts.Nest(1, _ => caller.Acts.Wait(default)), Rests: true),
    ];

    public override string ToString() => Name;

    private static CapnpAnswer Pass(Caller caller, CapnpReference reference)
    {
        using CapnpReference root = caller.Connection.Bootstrap();
        using CapnpRequest request = root.Call(Passing, 17);
        request.Write(request.Parameters.InitStruct(new CapnpStructSize(0, 1)).Pointer(0), reference);
        return request.Send();
    }

    private static CapnpAnswer Call(CapnpReference thing)
    {
        using CapnpRequest request = thing.Call(Thing, Twice);
        request.Parameters.InitStruct(default);
        return request.Send();
    }

    private static int TwiceOf(CapnpReference thing)
    {
        using CapnpAnswer answer = Call(thing);
        return NumberOf(answer);
    }

    private static int NumberOf(CapnpAnswer answer)
    {
        Await(answer);
        return answer.Results.ReadStruct().ReadInt32(0);
    }

    private static void Await(CapnpAnswer answer) => answer.Completion.GetAwaiter().GetResult();

    private static void OnThread(Action body)
    {
        Exception? thrown = null;
        var thread = new Thread(() =>
        {
            try
            {
                body();
            }
            catch (Exception exception)
            {
                thrown = exception;
            }
        });
        thread.Start();
        thread.Join();
        if (thrown is not null)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(thrown);
        }
    }

    // An exception of another type goes to the test, which decides whether the connection was lost.
    private static void AssertThrows<T>(string? message, Action call)
        where T : Exception
    {
        try
        {
            call();
        }
        catch (T thrown)
        {
            Assert.That(thrown.Message, message is null ? NUnit.Framework.Is.Not.Empty : Contains.Substring(message));
            return;
        }

        Assert.Fail("The call did not throw.");
    }

    private static void Is(int expected, int actual) => Assert.That(actual, NUnit.Framework.Is.EqualTo(expected));
}

/// <summary>The side that calls.</summary>
/// <param name="Connection">Its connection.</param>
/// <param name="Own">Its objects.</param>
/// <param name="Callee">The other side.</param>
internal sealed record Caller(CapnpConnection Connection, Acts Own, Acts Callee)
{
    private readonly Lazy<IActs> _root = new(Connection.GetRoot<IActs>);

    public IActs Acts => _root.Value;

    /// <summary>The map that makes threads of the peer, from a second <c>construct</c>.</summary>
    public CapnpReference PeerThreads()
    {
        using CapnpReference root = Connection.Bootstrap();
        using CapnpRequest request = root.Call(0x9d1c2b3a40516201, 0);
        using CapnpReference own = Connection.State.Session.ShareThreadMap();
        request.Write(request.Parameters.InitStruct(new CapnpStructSize(0, 1)).Pointer(0), own);
        using CapnpAnswer answer = request.Send();
        return answer.Pipeline(0);
    }
}

internal static class Awaited
{
    public static T Result<T>(this Task<T> task) => task.GetAwaiter().GetResult();
}
