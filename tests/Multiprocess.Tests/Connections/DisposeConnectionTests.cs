using System.Runtime.CompilerServices;
using Multiprocess.Tests.Support;

namespace Multiprocess.Tests.Connections;

/// <summary>Where and how often a connection and a server may be disposed.</summary>
public sealed class DisposeConnectionTests(IpcTestTransport transport) : PairFixture(transport)
{
    [Test]
    public void The_server_s_end_may_be_disposed_from_inside_a_call()
    {
        IpcConnection? end = null;
        IpcTestPair<IStage> pair = Serve<IStage>(connection =>
        {
            end = connection;
            return new Stage
            {
                OnCall = x =>
                {
                    end!.Dispose();
                    end.Dispose();
                    return x;
                },
            };
        });

        Assert.That(() => pair.Root.Call(1), Throws.TypeOf<IpcDisconnectedException>());
        Assert.That(() => pair.Root.Call(1), Throws.TypeOf<IpcDisconnectedException>());
    }

    [Test]
    public void The_client_s_end_may_be_disposed_from_inside_a_callback()
    {
        IpcTestPair<IStage>? pair = null;
        pair = Serve<IStage>(new Stage());

        Assert.That(
            () => pair.Root.CallBack(1, x =>
            {
                pair.Client.Dispose();
                return x;
            }),
            Throws.TypeOf<IpcDisconnectedException>());
    }

    [Test]
    public void Disposing_from_many_threads_while_calls_run_ends_everything_once()
    {
        int closed = 0;
        var entered = new Signal();
        var stage = new Stage
        {
            OnCallUntil = (x, token) =>
            {
                entered.Set();
                token.WaitHandle.WaitOne(Patience.Bound);
                return x;
            },
        };
        IpcTestPair<IStage> pair = Serve<IStage>(stage);
        using CancellationTokenRegistration registration = pair.Client.Closed.Register(
            () => Interlocked.Increment(ref closed));
        TestThread<int> caller = TestThread.Start(() => pair.Root.CallUntil(1, CancellationToken.None));
        entered.Await();

        TestThread<bool>[] disposers = [.. Enumerable.Range(0, 8).Select(number => TestThread.Start(() =>
        {
            (number % 2 == 0 ? (IDisposable)pair.Client : pair.Server).Dispose();
        }))];

        Assert.That(disposers.Select(disposer => disposer.Join()), Is.All.True);
        Assert.That(caller.Join, Throws.TypeOf<IpcDisconnectedException>());
        Patience.Until(() => Volatile.Read(ref closed) == 1, "the end is told");
        Assert.That(pair.Client.Completion.IsCompletedSuccessfully && pair.Server.Completion.IsCompleted, Is.True);
    }

    [Test]
    public void A_connection_may_be_disposed_by_a_finalizer()
    {
        IpcTestPair<IStage> pair = Serve<IStage>(new Stage());
        pair.Root.Call(1);

        LeaveToFinalizer(pair.Client);

        Patience.UntilCollected(
            () => pair.Client.Closed.IsCancellationRequested, "the finalizer has disposed the connection");
        Assert.That(() => pair.Root.Call(1), Throws.TypeOf<IpcDisconnectedException>());
    }

    [Test]
    public void A_disposed_connection_says_so_in_every_way_of_calling()
    {
        IpcTestPair<IStage> pair = Serve<IStage>(new Stage());
        IStage root = pair.Root;
        pair.Client.Dispose();

        Assert.That(() => root.Call(1), Throws.TypeOf<IpcDisconnectedException>());
        Assert.That(async () => await root.CallAsync(1), Throws.TypeOf<IpcDisconnectedException>());
        Assert.That(() => root.CallBack(1, x => x), Throws.TypeOf<IpcDisconnectedException>());
        Assert.That(() => root.Post(1), Throws.TypeOf<IpcDisconnectedException>());
        Assert.That(
            async () => await pair.Client.ShutdownAsync(TimeSpan.FromSeconds(30)).WaitAsync(Patience.Bound),
            Throws.Nothing);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void LeaveToFinalizer(IDisposable what) => _ = new Finalized(what);

    private sealed class Finalized(IDisposable what)
    {
        ~Finalized() => what.Dispose();
    }
}
