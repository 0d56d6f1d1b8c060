using Multiprocess.Tests.Support;

namespace Multiprocess.Tests.Calls;

public sealed class CancellationTests(IpcTestTransport transport) : PairFixture(transport)
{
    [Test]
    public void The_methods_token_is_cancelled_when_the_callers_is()
    {
        using var cancellation = new CancellationTokenSource();
        var entered = new Signal();
        var cancelled = new Signal();
        var leave = new Signal();
        var stage = new Stage
        {
            OnCallUntil = (x, token) =>
            {
                using CancellationTokenRegistration registration = token.Register(cancelled.Set);
                entered.Set();
                cancelled.Await();
                leave.Await();
                return x;
            },
        };
        IStage root = Serve<IStage>(stage).Root;
        TestThread<int> caller = TestThread.Start(() => root.CallUntil(1, cancellation.Token));
        entered.Await();

        cancellation.Cancel();

        OperationCanceledException? caught = Assert.Catch<OperationCanceledException>(() => caller.Join());
        leave.Set();
        Assert.That(caught!.CancellationToken, Is.EqualTo(cancellation.Token));
        Assert.That(cancelled.Await, Throws.Nothing);
    }

    [Test]
    public void A_token_that_is_cancelled_already_sends_nothing()
    {
        bool ran = false;
        var stage = new Stage
        {
            OnCallUntil = (x, _) =>
            {
                ran = true;
                return x;
            },
        };
        IStage root = Serve<IStage>(stage).Root;

        Assert.That(
            () => root.CallUntil(1, new CancellationToken(canceled: true)),
            Throws.InstanceOf<OperationCanceledException>());
        Assert.That(
            async () => await root.CallAsync(1, new CancellationToken(canceled: true)),
            Throws.InstanceOf<OperationCanceledException>());
        Assert.That(root.Call(1), Is.EqualTo(1));
        Assert.That(ran, Is.False);
    }

    [Test]
    public async Task A_method_that_ends_by_its_token_is_a_cancelled_call_for_the_caller()
    {
        using var cancellation = new CancellationTokenSource();
        var entered = new Signal();
        var stage = new Stage
        {
            OnCallAsync = async (x, token) =>
            {
                entered.Set();
                await Task.Delay(Timeout.InfiniteTimeSpan, token);
                return x;
            },
        };
        IStage root = Serve<IStage>(stage).Root;
        Task<int> call = root.CallAsync(1, cancellation.Token);
        entered.Await();

        cancellation.Cancel();

        OperationCanceledException? caught = await Assert.CatchAsync<OperationCanceledException>(
            () => call.WaitAsync(Patience.Bound));
        Assert.That(caught!.CancellationToken, Is.EqualTo(cancellation.Token));
        Assert.That(call.IsCanceled, Is.True);
    }

    [Test]
    public void Cancelling_an_asynchronous_call_reaches_the_method()
    {
        using var cancellation = new CancellationTokenSource();
        var entered = new Signal();
        var cancelled = new Signal();
        var stage = new Stage
        {
            OnCallAsync = async (x, token) =>
            {
                using CancellationTokenRegistration registration = token.Register(cancelled.Set);
                entered.Set();
                await cancelled.Task;
                return x;
            },
        };
        IStage root = Serve<IStage>(stage).Root;
        Task<int> call = root.CallAsync(1, cancellation.Token);
        entered.Await();

        cancellation.Cancel();

        Assert.That(cancelled.Await, Throws.Nothing);
        Assert.That(async () => await call.WaitAsync(Patience.Bound), Throws.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public void Cancelling_after_the_answer_does_nothing()
    {
        using var cancellation = new CancellationTokenSource();
        IStage root = Serve<IStage>(new Stage()).Root;
        root.CallUntil(1, cancellation.Token);

        cancellation.Cancel();

        Assert.That(root.Call(2), Is.EqualTo(2));
    }

    [Test]
    public void A_method_without_a_token_finds_it_in_the_context_of_the_call()
    {
        using var cancellation = new CancellationTokenSource();
        var entered = new Signal();
        var cancelled = new Signal();
        var leave = new Signal();
        var stage = new Stage
        {
            OnCallBack = (x, _) =>
            {
                using CancellationTokenRegistration registration = IpcCall.Current!.CancellationToken.Register(
                    cancelled.Set);
                entered.Set();
                cancelled.Await();
                leave.Await();
                return x;
            },
        };
        IStage root = Serve<IStage>(stage).Root;
        TestThread<int> caller = TestThread.Start(() => root.CallBackUntil(1, x => x, cancellation.Token));
        entered.Await();

        cancellation.Cancel();

        Assert.That(cancelled.Await, Throws.Nothing);
        Assert.That(() => caller.Join(), Throws.InstanceOf<OperationCanceledException>());
        leave.Set();
    }

    [Test]
    public void A_token_callback_that_throws_harms_nothing()
    {
        using var cancellation = new CancellationTokenSource();
        var log = new TestLog();
        var entered = new Signal();
        var leave = new Signal();
        var stage = new Stage
        {
            OnCallUntil = (x, token) =>
            {
                token.Register(() => throw new FormatException("bad callback"));
                entered.Set();
                leave.Await();
                return x;
            },
        };
        IStage root = Serve<IStage>(stage, server: new IpcConnectionOptions { LoggerFactory = log }).Root;
        TestThread<int> caller = TestThread.Start(() => root.CallUntil(1, cancellation.Token));
        entered.Await();

        cancellation.Cancel();

        Assert.That(() => caller.Join(), Throws.InstanceOf<OperationCanceledException>());
        Patience.Until(() => log.Entries.Any(entry => entry.Id == 21), "the callback's exception is logged");
        leave.Set();
        Assert.That(root.Call(2), Is.EqualTo(2));
    }
}
