using Multiprocess.Tests.Support;

namespace Multiprocess.Tests.Threads;

/// <summary>Calls inside calls, as deep as stacks and limits allow.</summary>
public sealed class DepthTests(IpcTestTransport transport) : PairFixture(transport)
{
    private const int LargeStack = 16 * 1024 * 1024;

    private readonly HashSet<int> _clientThreads = [];
    private readonly HashSet<int> _serverThreads = [];
    private IStage _root = null!;

    [SetUp]
    public void Clear()
    {
        _clientThreads.Clear();
        _serverThreads.Clear();
    }

    [Test]
    public void A_thousand_nested_calls_alternate_between_exactly_two_threads()
    {
        const int Depth = 1000;
        _root = Serve<IStage>(MakeStage(), server: new IpcConnectionOptions { WorkerStackBytes = LargeStack }).Root;

        int depth = new TestThread<int>(() => Descend(Depth), "deep", LargeStack).Join();

        Assert.That(depth, Is.EqualTo(Depth));
        Assert.That(_clientThreads, Has.Count.EqualTo(1));
        Assert.That(_serverThreads, Has.Count.EqualTo(1));
    }

    [Test]
    public void A_small_stack_of_the_client_is_a_typed_error_before_it_ends()
        => AssertRefused(
            clientStack: 256 * 1024,
            workerStack: LargeStack,
            new IpcLimits(),
            new IpcLimits(),
            "stack of its thread is used up");

    [Test]
    public void A_small_stack_of_the_server_is_a_typed_error_before_it_ends()
        => AssertRefused(
            LargeStack, workerStack: 256 * 1024, new IpcLimits(), new IpcLimits(), "stack of its thread is used up");

    [Test]
    public void The_clients_limit_on_nesting_is_a_typed_error()
        => AssertRefused(
            LargeStack, LargeStack, new IpcLimits { MaxNesting = 50 }, new IpcLimits(), "50 levels are the limit");

    [Test]
    public void The_servers_limit_on_nesting_is_a_typed_error()
        => AssertRefused(
            LargeStack, LargeStack, new IpcLimits(), new IpcLimits { MaxNesting = 50 }, "50 levels are the limit");

    [Test]
    public void As_many_levels_as_allowed_are_run()
    {
        _root = Serve<IStage>(
            MakeStage(), server: new IpcConnectionOptions { Limits = new IpcLimits { MaxNesting = 50 } }).Root;

        Assert.That(Descend(50), Is.EqualTo(50));
    }

    private Stage MakeStage() => new()
    {
        OnCallBack = (x, callback) =>
        {
            _serverThreads.Add(Environment.CurrentManagedThreadId);
            return callback(x);
        },
    };

    private int Descend(int x)
    {
        _clientThreads.Add(Environment.CurrentManagedThreadId);
        return x == 0 ? 0 : 1 + _root.CallBack(x - 1, Descend);
    }

    /// <summary>Nests until it fails; then each level has ended, and the connection lives on.</summary>
    private void AssertRefused(int clientStack, int workerStack, IpcLimits client, IpcLimits server, string reason)
    {
        _root = Serve<IStage>(
            MakeStage(),
            new IpcConnectionOptions { Limits = client },
            new IpcConnectionOptions { Limits = server, WorkerStackBytes = workerStack }).Root;

        var thread = new TestThread<int>(() => Descend(int.MaxValue), "deep", clientStack);

        Assert.That(
            thread.Join,
            Throws.InstanceOf<IpcException>().With.Message.Contains("nested too deep").And.Message.Contains(reason));
        Assert.That(_clientThreads, Has.Count.EqualTo(1));
        Assert.That(_root.Call(1), Is.EqualTo(1));
        Assert.That(TestThread.Run(() => Descend(5)), Is.EqualTo(5));
    }
}
