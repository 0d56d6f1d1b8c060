using System.Runtime.CompilerServices;
using Multiprocess.Testing;
using Multiprocess.Tests.Objects;
using Multiprocess.Tests.Support;

namespace Multiprocess.Tests;

/// <summary>The test pair itself: each fault does what it says, and what is left behind is found.</summary>
public sealed class TestPairTests(IpcTestTransport transport) : PairFixture(transport)
{
    [Test]
    public void A_cut_after_one_frame_lets_the_answer_through_and_nothing_behind_it()
    {
        IpcTestPair<IStage> pair = Serve<IStage>(new Stage());

        pair.Faults.ServerToClient.CutAfterFrames(1);

        Assert.That(pair.Root.Call(1), Is.EqualTo(1));
        Assert.That(() => pair.Root.Call(2), Throws.TypeOf<IpcDisconnectedException>());
    }

    [Test]
    public void A_cut_of_the_clients_frames_lets_the_call_run()
    {
        int calls = 0;
        var called = new Signal();
        IpcTestPair<IStage> pair = Serve<IStage>(new Stage
        {
            OnCall = x =>
            {
                calls++;
                called.Set();
                return x;
            },
        });
        pair.Root.Call(0);

        pair.Faults.ClientToServer.CutAfterFrames(2);

        Assert.That(pair.Root.Call(1), Is.EqualTo(1));
        Assert.That(() => pair.Root.Call(2), Throws.TypeOf<IpcDisconnectedException>());
        Assert.That(() => pair.Root.Call(3), Throws.TypeOf<IpcDisconnectedException>());
        Assert.That(calls, Is.LessThanOrEqualTo(3));
        Assert.That(pair.Faults.ClientToServer.SentFrames, Is.GreaterThanOrEqualTo(4));
    }

    [Test]
    public void A_cut_after_no_frame_is_a_cut_now()
    {
        IpcTestPair<IStage> pair = Serve<IStage>(new Stage());

        pair.Faults.ClientToServer.CutAfterFrames(0);

        Assert.That(() => pair.Root.Call(1), Throws.TypeOf<IpcDisconnectedException>());
    }

    [TestCase(1)]
    [TestCase(2)]
    [TestCase(7)]
    public void Frames_are_counted_in_pieces_of_one_byte_too(int frames)
    {
        IpcTestPair<IStage> pair = Serve<IStage>(new Stage());
        pair.Root.Call(0);
        pair.Faults.ServerToClient.Fragment();
        long before = pair.Faults.ServerToClient.SentFrames;

        pair.Faults.ServerToClient.CutAfterFrames(frames);
        for (int i = 0; i < frames; i++)
        {
            Assert.That(pair.Root.Call(i), Is.EqualTo(i));
        }

        Assert.That(() => pair.Root.Call(99), Throws.TypeOf<IpcDisconnectedException>());
        Assert.That(pair.Faults.ServerToClient.SentFrames - before, Is.EqualTo(frames));
    }

    [Test]
    public void A_frame_whose_end_is_sent_from_elsewhere_counts_once()
    {
        IpcTestPair<IShape> pair = Serve<IShape>(new Shape());
        pair.Root.Length([]);
        long before = pair.Faults.ClientToServer.SentFrames;

        Assert.That(pair.Root.Length(new byte[400_000]), Is.EqualTo(400_000));

        Assert.That(pair.Faults.ClientToServer.SentFrames - before, Is.EqualTo(1));
    }

    [Test]
    public void A_delayed_answer_comes_when_the_clock_says_so()
    {
        var time = new ManualTime();
        IpcTestPair<IStage> pair = Serve<IStage>(new Stage());
        pair.Root.Call(0);
        pair.Faults.ServerToClient.Delay(TimeSpan.FromSeconds(2), time);
        TestThread<int> caller = TestThread.Start(() => pair.Root.Call(1));

        time.AwaitTimer(TimeSpan.FromSeconds(2));
        time.Advance(TimeSpan.FromSeconds(1));
        bool early = caller.HasEnded;
        time.Advance(TimeSpan.FromSeconds(1));

        Assert.That(caller.Join(), Is.EqualTo(1));
        Assert.That(early, Is.False);
        pair.Faults.ServerToClient.Delay(TimeSpan.Zero);
        Assert.That(TestThread.Run(() => pair.Root.Call(2)), Is.EqualTo(2));
    }

    [Test]
    public void A_call_whose_answer_is_delayed_too_long_runs_out_of_time()
    {
        var time = new ManualTime();
        IpcTestPair<IStage> pair = Serve<IStage>(new Stage(), client: new IpcConnectionOptions { TimeProvider = time });
        pair.Root.Call(0);
        pair.Faults.ServerToClient.Delay(TimeSpan.FromSeconds(100), time);
        TestThread<int> caller = TestThread.Start(() => pair.Root.CallBounded(1));
        time.AwaitTimer(TimeSpan.FromSeconds(1.5));

        time.Advance(TimeSpan.FromSeconds(1.5));

        Assert.That(caller.Join, Throws.TypeOf<IpcTimeoutException>());
        pair.Faults.ServerToClient.Delay(TimeSpan.Zero);
        Assert.That(pair.Root.Call(2), Is.EqualTo(2));
    }

    [Test]
    public void A_test_that_leaves_nothing_passes()
    {
        IpcTestPair<IStore> pair = Serve<IStore>(new Store());
        UseAndForget(pair.Root);
        TestThread.Run(() => pair.Root.Ping());

        pair.AssertNothingLeft(Patience.Bound);
    }

    [Test]
    public void An_object_that_is_left_is_named_with_where_it_was_sent()
    {
        IpcTestPair<IStore> pair = Serve<IStore>(
            new Store(), server: new IpcConnectionOptions { CaptureCreationStacks = true });
        using IResource left = pair.Root.Open();

        IpcTestLeakException caught = Assert.Throws<IpcTestLeakException>(() => pair.AssertNothingLeft(TimeSpan.Zero))!;

        Assert.That(
            caught.Message, Does.Contain("the server's").And.Contain(nameof(IResource)).And.Contain("StoreStub"));
        Assert.That(caught.Objects.Select(live => live.Type), Is.EqualTo(new[] { typeof(IResource) }));
        left.Dispose();
        pair.AssertNothingLeft(Patience.Bound);
    }

    [Test]
    public void What_is_left_between_a_server_and_a_client_of_one_process_is_found_too()
    {
        string socket = Path.Combine(Directory.CreateTempSubdirectory("ipc-").FullName, "s");
        var accepted = new TaskCompletionSource<IpcConnection>();
        using var server = IpcServer.Listen<IStore>($"unix:{socket}", connection =>
        {
            accepted.TrySetResult(connection);
            return new Store();
        });
        using var client = IpcConnection.Connect<IStore>($"unix:{socket}");
        using IResource left = client.Root.Open();
        Assert.That(accepted.Task.Wait(Patience.Bound), Is.True);

        IpcTestLeakException caught = Assert.Throws<IpcTestLeakException>(
            () => IpcLeakCheck.AssertNothingLeft(client, accepted.Task.Result, TimeSpan.Zero))!;

        Assert.That(caught.Objects.Select(live => live.Type), Is.EqualTo(new[] { typeof(IResource) }));
        left.Dispose();
        IpcLeakCheck.AssertNothingLeft(client, accepted.Task.Result, Patience.Bound);
        server.Dispose();
        Directory.Delete(Path.GetDirectoryName(socket)!, recursive: true);
    }

    [Test]
    public void A_callback_that_the_other_side_keeps_is_left()
    {
        var stage = new Stage();
        IpcTestPair<IStage> pair = Serve<IStage>(stage);
        pair.Root.Keep(x => x);

        IpcTestLeakException caught = Assert.Throws<IpcTestLeakException>(() => pair.AssertNothingLeft(TimeSpan.Zero))!;

        Assert.That(caught.Message, Does.Contain("the client's").And.Contain("Func"));
        pair.Root.Keep(null);
        pair.AssertNothingLeft(Patience.Bound);
    }

    [Test]
    public void A_call_that_still_runs_is_left()
    {
        var entered = new Signal();
        var leave = new Signal();
        using var cancellation = new CancellationTokenSource();
        IpcTestPair<IStage> pair = Serve<IStage>(new Stage
        {
            OnCallUntil = (x, _) =>
            {
                entered.Set();
                leave.Await();
                return x;
            },
        });
        TestThread<int> caller = TestThread.Start(() => pair.Root.CallUntil(1, cancellation.Token));
        entered.Await();
        cancellation.Cancel();
        Assert.That(caller.Join, Throws.InstanceOf<OperationCanceledException>());

        IpcTestLeakException caught = Assert.Throws<IpcTestLeakException>(() => pair.AssertNothingLeft(TimeSpan.Zero))!;

        Assert.That(caught.Message, Does.Contain("1 calls that run at the server"));
        leave.Set();
        pair.AssertNothingLeft(Patience.Bound);
    }

    [Test]
    public void A_pair_that_fails_on_leaks_throws_when_it_is_ended_and_has_ended_all_the_same()
    {
        IpcTestPair<IStore> pair = IpcTestPair.Create<IStore>(
            new Store(),
            new IpcTestPairOptions { Transport = Transport, FailOnLeaks = true, LeakPatience = TimeSpan.Zero });
        EndWithTest(pair.Client);
        EndWithTest(pair.Server);
        using IResource left = pair.Root.Open();

        Assert.That(pair.Dispose, Throws.TypeOf<IpcTestLeakException>());

        Patience.Until(
            () => pair.Client.Completion.IsCompleted && pair.Server.Completion.IsCompleted, "both ends have ended");
        Assert.That(pair.Dispose, Throws.Nothing, "It has ended already.");
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void UseAndForget(IStore root)
    {
        Assert.That(root.Make("forgotten").Name, Is.EqualTo("forgotten"));
        using IResource resource = root.Open();
        Assert.That(resource.Use(3), Is.EqualTo(3));
    }

    private sealed class Shape : IShape
    {
        public int Length(byte[] bytes) => bytes.Length;
    }
}

/// <summary>Takes bytes, the last argument, which are sent from where they are.</summary>
[IpcInterface]
public interface IShape
{
    int Length(byte[] bytes);
}
