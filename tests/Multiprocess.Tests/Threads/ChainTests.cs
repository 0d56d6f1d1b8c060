using Multiprocess.Tests.Support;

namespace Multiprocess.Tests.Threads;

/// <summary>
/// Chains of calls through three programs, GUI, node and wallet, each two connected by a connection of its own.
/// </summary>
public sealed class ChainTests(IpcTestTransport transport) : PairFixture(transport)
{
    private readonly List<(string Where, int Thread)> _steps = [];

    [SetUp]
    public void Clear() => _steps.Clear();

    [Test]
    public void A_chain_goes_down_and_comes_back_up_on_one_thread_of_each_program()
    {
        IStage wallet = Serve<IStage>(new Stage { OnCallBack = (x, up) => Step("wallet", () => up(x + 1)) }).Root;
        IStage node = Serve<IStage>(new Stage
        {
            OnCallBack = (x, up) => Step("node", () => wallet.CallBack(x + 1, y => Step("node", () => up(y + 1)))),
        }).Root;
        int Gui(int x) => Step("gui", () => x < 12 ? node.CallBack(x + 1, Gui) : x);

        int answer = Gui(0);

        // Each round adds one in the GUI, the node, the wallet, and the node on the way back.
        Assert.That(answer, Is.EqualTo(12));
        Assert.That(
            _steps.Select(step => step.Where).Take(5), Is.EqualTo(new[] { "gui", "node", "wallet", "node", "gui" }));
        AssertOneThreadEach("gui", "node", "wallet");
        Assert.That(
            _steps.Where(step => step.Where == "gui").Select(step => step.Thread),
            Is.All.EqualTo(Environment.CurrentManagedThreadId));
    }

    [Test]
    public void Locks_held_along_a_chain_are_reentered_on_the_way_back()
    {
        object guiLock = new();
        object nodeLock = new();
        IStage wallet = Serve<IStage>(new Stage()).Root;
        IStage node = Serve<IStage>(new Stage
        {
            OnCallBack = (x, up) =>
            {
                lock (nodeLock)
                {
                    return wallet.CallBack(x, y => Monitor.TryEnter(nodeLock, 0) ? up(y) : -1);
                }
            },
        }).Root;

        int answer;
        lock (guiLock)
        {
            answer = node.CallBack(7, x => Monitor.TryEnter(guiLock, 0) ? x : -2);
        }

        Assert.That(answer, Is.EqualTo(7));
    }

    [Test]
    public void A_cycle_that_closes_over_a_third_connection_gets_a_thread_of_its_own()
    {
        // Numbers of threads and requests are each connection's own: the wallet cannot know for whom the GUI waits.
        var gui = new Stage { OnCall = x => Step("closed", () => x + 1) };
        IStage guiFromWallet = Serve<IStage>(gui).Root;
        IStage wallet = Serve<IStage>(new Stage { OnCall = x => guiFromWallet.Call(x) }).Root;
        IStage node = Serve<IStage>(new Stage { OnCall = x => wallet.Call(x) }).Root;

        int first = node.Call(1);
        int second = node.Call(10);

        Assert.That((first, second), Is.EqualTo((2, 11)));
        AssertOneThreadEach("closed");
        Assert.That(_steps[0].Thread, Is.Not.EqualTo(Environment.CurrentManagedThreadId));
    }

    [Test]
    public void What_a_far_program_throws_reaches_the_first_through_the_one_between()
    {
        IStage wallet = Serve<IStage>(new Stage { OnCall = _ => throw new InvalidDataException("torn page") }).Root;
        IStage node = Serve<IStage>(new Stage { OnCall = x => wallet.Call(x) }).Root;

        Assert.That(() => node.Call(1), Throws.TypeOf<InvalidDataException>().With.Message.EqualTo("torn page"));
    }

    [Test]
    public void Cancelling_reaches_the_end_of_a_chain()
    {
        using var cancellation = new CancellationTokenSource();
        var entered = new Signal();
        var cancelled = new Signal();
        var returned = new Signal();
        IStage wallet = Serve<IStage>(new Stage
        {
            OnCallUntil = (x, token) =>
            {
                entered.Set();
                token.WaitHandle.WaitOne(Patience.Bound);
                cancelled.Set();

                // Not before: an answer that is there when the caller looks is taken, cancelled or not.
                returned.Await();
                return x;
            },
        }).Root;
        IStage node = Serve<IStage>(new Stage { OnCallUntil = (x, token) => wallet.CallUntil(x, token) }).Root;
        TestThread<int> caller = TestThread.Start(() => node.CallUntil(1, cancellation.Token));
        entered.Await();

        cancellation.Cancel();

        Assert.That(caller.Join, Throws.InstanceOf<OperationCanceledException>());
        cancelled.Await();
        returned.Set();
    }

    private int Step(string where, Func<int> act)
    {
        int thread = Environment.CurrentManagedThreadId;
        lock (_steps)
        {
            _steps.Add((where, thread));
        }

        int result = act();
        Assert.That(Environment.CurrentManagedThreadId, Is.EqualTo(thread));
        return result;
    }

    private void AssertOneThreadEach(params string[] places)
    {
        int[] threads =
            [
                .. places.Select(
                    place => _steps.Where(step => step.Where == place).Select(step => step.Thread).Distinct().Single()),
            ];
        Assert.That(threads, Is.Unique);
    }
}
