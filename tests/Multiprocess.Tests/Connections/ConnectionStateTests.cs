using Multiprocess.Tests.Support;

namespace Multiprocess.Tests.Connections;

/// <summary>What a host reads of a connection, and how it stops serving.</summary>
public sealed class ConnectionStateTests(IpcTestTransport transport) : PairFixture(transport)
{
    private readonly ManualResetEventSlim _runs = new();
    private readonly ManualResetEventSlim _goOn = new();

    [SetUp]
    public void Lower()
    {
        _runs.Reset();
        _goOn.Reset();
    }

    [OneTimeTearDown]
    public void DisposeEvents()
    {
        _runs.Dispose();
        _goOn.Dispose();
    }

    [Test]
    public void The_side_that_ends_a_connection_has_no_reason_and_the_other_one_has()
    {
        IpcTestPair<IStage> pair = Serve<IStage>(new Stage());
        Assert.That(pair.Server.IsClosed || pair.Client.IsClosed, Is.False);
        Assert.That(pair.Client.ClosedReason, Is.Null);

        pair.Server.Dispose();

        Assert.That((pair.Server.IsClosed, pair.Server.ClosedReason), Is.EqualTo((true, (IpcException?)null)));
        Patience.Until(() => pair.Client.IsClosed, "the client has noticed");
        Assert.That(pair.Client.ClosedReason, Is.TypeOf<IpcDisconnectedException>());
        Assert.That(() => pair.Client.Completion.WaitAsync(Patience.Bound), Throws.Nothing, "an orderly end");
    }

    [Test]
    public void A_lost_connection_has_the_reason_with_which_its_completion_fails()
    {
        IpcTestPair<IStage> pair = Serve<IStage>(new Stage());

        pair.Faults.ServerToClient.CutAfterBytes(0);
        Patience.Until(() => pair.Client.IsClosed, "the client has noticed");

        Assert.That(
            () => pair.Client.Completion.WaitAsync(Patience.Bound), Throws.Exception.SameAs(pair.Client.ClosedReason));
    }

    [Test]
    public async Task A_side_that_stops_serving_cancels_refuses_and_still_calls()
    {
        var stage = new Stage();
        stage.OnCallUntil = (x, token) =>
        {
            _runs.Set();
            token.WaitHandle.WaitOne(Patience.Bound);
            return x;
        };
        IpcTestPair<IStage> pair = Serve<IStage>(stage);
        pair.Root.Keep(x => x + 1);
        using var never = new CancellationTokenSource();
        Task<int> running = Task.Run(() => pair.Root.CallUntil(1, never.Token));
        Assert.That(_runs.Wait(Patience.Bound), Is.True);

        bool ended = await pair.Server.StopServingAsync(Patience.Bound);

        Assert.That(ended, Is.True);
        Assert.That(await running.WaitAsync(Patience.Bound), Is.EqualTo(1), "the answer of the cancelled call");
        Assert.That(() => pair.Root.Call(1), Throws.TypeOf<IpcDisconnectedException>());
        Assert.That(stage.Kept!(4), Is.EqualTo(5), "this side still calls");
        Assert.That(pair.Server.IsClosed || pair.Client.IsClosed, Is.False);
    }

    [Test]
    public async Task A_call_that_does_not_end_makes_stopping_say_so()
    {
        IpcTestPair<IStage> pair = ServeBlocking();
        Task<int> running = Task.Run(() => pair.Root.Call(1));
        Assert.That(_runs.Wait(Patience.Bound), Is.True);

        Assert.That(
            () => pair.Server.StopServingAsync(TimeSpan.FromDays(30)), Throws.TypeOf<ArgumentOutOfRangeException>());
        bool ended = await pair.Server.StopServingAsync(TimeSpan.Zero);
        _goOn.Set();

        Assert.That(ended, Is.False);
        Assert.That(await running.WaitAsync(Patience.Bound), Is.EqualTo(1));
    }

    [Test]
    public async Task The_end_of_the_calls_comes_after_the_end_of_the_connection()
    {
        IpcTestPair<IStage> pair = ServeBlocking();
        Task<int> running = Task.Run(() => pair.Root.Call(1));
        Assert.That(_runs.Wait(Patience.Bound), Is.True);
        using var cancelled = new CancellationTokenSource();
        Task impatient = pair.Server.WhenCallsEndedAsync(cancelled.Token);
        Task ended = pair.Server.WhenCallsEndedAsync();

        pair.Faults.ClientToServer.CutAfterBytes(0);
        Patience.Until(() => pair.Server.IsClosed, "the server has noticed");
        bool early = ended.IsCompleted;
        await cancelled.CancelAsync();
        Assert.That(() => impatient.WaitAsync(Patience.Bound), Throws.InstanceOf<OperationCanceledException>());
        _goOn.Set();

        Assert.That(early, Is.False, "a call still runs");
        Assert.That(() => ended.WaitAsync(Patience.Bound), Throws.Nothing, "although the connection was lost");
        Assert.That(() => running.WaitAsync(Patience.Bound), Throws.TypeOf<IpcDisconnectedException>());
    }

    private IpcTestPair<IStage> ServeBlocking()
        => Serve<IStage>(new Stage
        {
            OnCall = x =>
            {
                _runs.Set();
                _goOn.Wait(Patience.Bound);
                return x;
            },
        });
}
