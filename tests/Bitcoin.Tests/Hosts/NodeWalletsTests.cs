using Bitcoin.Hosting;
using Bitcoin.Interfaces;
using Bitcoin.Node;

namespace Bitcoin.Tests;

internal sealed class NodeWalletsTests
{
    private const string Gone = "The wallet process 4711 ended with code 137. Use loadwallet to start it again.";

    private StringWriter _lines;
    private NodeFixture _node;
    private FakeWalletProcess _process;

    [SetUp]
    public void Start()
    {
        _node = new NodeFixture(Deployment.Direct);
        _lines = new StringWriter();
        _node.Log.Open(null, TextWriter.Synchronized(_lines), []);
        _process = new FakeWalletProcess();
        _node.Node.Rpc.IsDisconnection = _process.IsDisconnection;
    }

    [TearDown]
    public void Stop()
    {
        _node.Dispose();
        _process.Dispose();
        _lines.Dispose();
    }

    [Test]
    public void The_end_of_a_dropped_child_is_in_the_log_once_although_its_watcher_comes_late()
    {
        using ManualResetEventSlim watched = new();
        LoggedChild child = LoggedChild.Start(_process, "bitcoin-wallet", _node.Log, (_, _) => watched.Set());

        child.Dispose();

        Assert.That(Ends(), Is.EqualTo(1), "before the program may end");
        _process.LetWatcherSee(0);
        Assert.That(watched.Wait(NodeFixture.Patience), Is.True);
        Assert.That(Ends(), Is.EqualTo(1), "not a second time");
    }

    [Test]
    public void The_end_of_a_child_that_ends_by_itself_is_in_the_log_once()
    {
        using ManualResetEventSlim watched = new();
        LoggedChild child = LoggedChild.Start(_process, "bitcoin-wallet", _node.Log, (_, _) => watched.Set());

        _process.Exit(0);
        _process.LetWatcherSee(0);

        Assert.That(watched.Wait(NodeFixture.Patience), Is.True);
        Assert.That(Ends(), Is.EqualTo(1));
        child.Dispose();
        Assert.That(Ends(), Is.EqualTo(1));
    }

    [Test]
    public void Dropping_the_wallets_logs_the_end_of_their_process()
    {
        NodeWallets wallets = Wallets();

        wallets.Dispose();

        Assert.That(Ends(), Is.EqualTo(1));
        Assert.That(Error("getbalance"), Is.EqualTo((-4, "The node is ending.")));
    }

    [Test]
    public void A_call_that_loses_its_process_says_so_before_anybody_else_has_noticed()
    {
        using NodeWallets wallets = Wallets();
        _process.Balance = () =>
        {
            _process.Exit(137);
            throw new EndOfStreamException("the connection broke");
        };

        Assert.That(Error("getbalance"), Is.EqualTo((-4, Gone)), "the call that was running");
        Assert.That(Error("getbalance"), Is.EqualTo((-4, Gone)), "a later one");
        Assert.That(
            _lines.ToString(),
            Does.Contain("Warning: The wallet process 4711 ended with code 137; loadwallet starts it again."));
        _process.LetWatcherSee(137);
    }

    [Test]
    public void A_method_whose_registration_is_gone_with_its_process_is_still_answered()
    {
        using NodeWallets wallets = Wallets();

        // The connection ends, and what was registered over it goes, before the process is seen to have ended.
        _process.CloseConnection();
        _process.Handlers.ForEach(static handler => handler.Dispose());
        _process.Exit(137);

        Assert.That(Error("getbalance"), Is.EqualTo((-4, Gone)));
        Assert.That(_node.Node.Rpc.Names, Does.Contain("getbalance"));
        _process.LetWatcherSee(137);
    }

    [Test]
    public void Loadwallet_starts_the_process_again_and_user_interfaces_are_told()
    {
        using NodeWallets wallets = Wallets();
        using ManualResetEventSlim told = new();
        using IHandler handler = _node.Node.Messages.OnWallets(_ => told.Set());
        _process.CloseConnection();
        _process.Handlers.ForEach(static handler => handler.Dispose());
        _process.Exit(137);

        Assert.That(_node.Node.Rpc.Execute("loadwallet", null, "/", "test")!.ToString(), Is.EqualTo("loaded"));
        Assert.That(_process.Starts, Is.EqualTo(2));
        Assert.That(told.Wait(NodeFixture.Patience), Is.True);
    }

    private NodeWallets Wallets()
    {
        NodeWallets wallets = new(
            _node.Node, _node.Init, _process, new WalletSettings("regtest", "", PrintToConsole: false, []));
        wallets.Start();
        return wallets;
    }

    private (int Code, string Message) Error(string method)
    {
        RpcException exception = Assert.Throws<RpcException>(() => _node.Node.Rpc.Execute(method, null, "/", "test"))!;
        return (exception.Code, exception.Message);
    }

    private int Ends() => _lines.ToString().Split("bitcoin-wallet, process 4711, ended with code 0").Length - 1;
}
