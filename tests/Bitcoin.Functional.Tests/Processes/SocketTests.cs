using System.Diagnostics;
using Bitcoin.Functional.Support;
using Bitcoin.Interfaces;
using Multiprocess;

namespace Bitcoin.Functional.Processes;

internal sealed class SocketTests : ProcessTest
{
    [Test]
    public void The_client_asks_over_the_socket_or_over_HTTP_as_it_is_told()
    {
        RunNode(out Host node, "-ipcbind=unix:other.sock");

        Assert.That(Cli("getblockcount"), Is.EqualTo((0, "0", "")), "auto");
        Assert.That(
            Cli("-ipcconnect=unix:other.sock", "getblockhash", "9"),
            Is.EqualTo((8, "", "error code: -8\nerror message:\nBlock height out of range")));
        Assert.That(
            Cli("-ipcconnect=unix", "-rpcport=1", "getblockcount"), Is.EqualTo((0, "0", "")), "no HTTP is needed");
        Assert.That(Cli("-noipcconnect", "getblockcount"), Is.EqualTo((0, "0", "")));
        Assert.That(Cli("-noipcconnect", "-rpcport=1", "getblockcount").Code, Is.EqualTo(1), "no socket is used");
        Assert.That(Cli("-rpcconnect=127.0.0.1", "getblockcount"), Is.EqualTo((0, "0", "")));
        Assert.That(
            Cli("-rpcconnect=127.0.0.1", "-ipcconnect=auto", "getblockcount"), Is.EqualTo((0, "0", "")), "HTTP");
        Assert.That(
            Cli("-rpcconnect=127.0.0.1", "-ipcconnect=unix", "getblockcount"),
            Is.EqualTo((1, "", "error: -rpcconnect and -ipcconnect options cannot both be enabled")));
        Assert.That(Cli("-ipcconnect=unix:none.sock", "getblockcount").Code, Is.EqualTo(1));
        Assert.That(
            Cli("-ipcconnect=elsewhere", "getblockcount").Errors,
            Does.StartWith("error: Unrecognized address 'elsewhere'"));
        Stop(node);
        Assert.That(
            Cli("-ipcconnect=auto", "getblockcount").Errors,
            Does.StartWith("error: Error while attempting to communicate with server 127.0.0.1:"),
            "falls back to HTTP");
    }

    [Test]
    public void A_client_that_connects_while_the_node_starts_waits()
    {
        string pipe = Path.Combine(Root, "blocks.pipe");
        using (Process make = Process.Start("mkfifo", [pipe]))
        {
            Assert.That(make.WaitForExit(Host.Patience), Is.True);
        }

        Host node = StartHere(
            "bitcoin-node", "-printtoconsole=0", "-ipcbind=unix", "-disablewallet", $"-loadblock={pipe}");
        WaitUntil(() => File.Exists(NodeSocket) || node.HasExited, "no socket");
        using IpcConnection<IInit> connection = Connect();
        Task<int> asking = Task.Factory.StartNew(
            () => connection.Root.MakeChain()!.GetHeight(), TaskCreationOptions.LongRunning);
        WaitForLog("Importing blocks file");
        Assert.That(asking.IsCompleted, Is.False, "it was answered before the node had started");

        using (FileStream writer = new(pipe, FileMode.Open, FileAccess.Write))
        {
            writer.Write("rubbish"u8);
        }

        Assert.That(asking.Wait(Host.Patience), Is.True);
        Assert.That(asking.Result, Is.Zero);
        Rpc().WaitUntilStarted(node);
        Stop(node);
    }

    [Test]
    public void A_miner_works_on_templates_that_live_in_the_node()
    {
        RpcClient rpc = RunNode(out Host node, "-disablewallet");
        using IpcConnection<IInit> connection = Connect();
        IMining mining = connection.Root.MakeMining()!;
        using IBlockTemplate template = mining.CreateNewBlock(new BlockCreateOptions());
        Task<IBlockTemplate?>[] waits =
            [
                .. Enumerable.Range(0, 3)
                    .Select(
                        _ => Task.Factory.StartNew(
                            () => template.WaitNext(Timeout.InfiniteTimeSpan), TaskCreationOptions.LongRunning)),
            ];

        rpc.Call("generatetoaddress", 1, Address);

        Assert.That(Task.WaitAll(waits, Host.Patience), Is.True, "three waits at once all end with one event");
        Assert.That(waits.Select(static wait => wait.Result), Is.All.Not.Null);
        using IBlockTemplate next = waits[0].Result!;
        Task<IBlockTemplate?> waiting = Task.Factory.StartNew(
            () => next.WaitNext(Timeout.InfiniteTimeSpan), TaskCreationOptions.LongRunning);
        next.InterruptWait();
        Assert.That(waiting.Wait(Host.Patience), Is.True);
        Assert.That(waiting.Result, Is.Null);
        Assert.That(mining.WaitTipChanged(NBitcoin.uint256.Zero, TimeSpan.FromMinutes(1))!.Height, Is.EqualTo(1));
        Stop(node);
    }

    [Test]
    public void A_miner_that_is_gone_in_mid_wait_leaves_the_node_as_it_was()
    {
        RpcClient rpc = RunNode(out Host node, "-disablewallet", "-debug=ipc");
        IpcConnection<IInit> connection = Connect();
        IBlockTemplate template = connection.Root.MakeMining()!.CreateNewBlock(new BlockCreateOptions());
        Task waiting = Task.Factory.StartNew(
            () => template.WaitNext(Timeout.InfiniteTimeSpan), TaskCreationOptions.LongRunning);
        WaitUntil(() => Log().Contains("IBlockTemplate.WaitNext", StringComparison.Ordinal), "nobody waits");

        connection.Dispose();

        Assert.That(
            () => waiting.Wait(Host.Patience),
            Throws.InstanceOf<AggregateException>().With.InnerException.InstanceOf<IpcDisconnectedException>());
        rpc.Call("generatetoaddress", 1, Address);
        using IpcConnection<IInit> again = Connect();
        Assert.That(again.Root.MakeChain()!.GetHeight(), Is.EqualTo(1));
        Task shutdownWait = Task.Factory.StartNew(
            () => again.Root.MakeMining()!.WaitTipChanged(
                again.Root.MakeChain()!.GetTipHash(), Timeout.InfiniteTimeSpan),
            TaskCreationOptions.LongRunning);
        WaitUntil(() => Log().Contains("IMining.WaitTipChanged", StringComparison.Ordinal), "nobody waits");
        Stop(node);
        WaitUntil(() => shutdownWait.IsCompleted, "a call outlived the node");
    }
}
