using Bitcoin.Functional.Support;

namespace Bitcoin.Functional.Processes;

internal sealed class GuiTests : ProcessTest
{
    [TestCase("stop")]
    [TestCase("TERM")]
    public void A_user_interface_that_started_its_node_initializes_it_and_shuts_it_down(string how)
    {
        Host gui = StartHere("bitcoin-gui", "-server");
        RpcClient rpc = Rpc().WaitUntilStarted(gui);
        int node = StartedBy("debug.log.gui", "bitcoin-node");
        Assert.That(ProcessMark.CommandLine(node), Does.Match("bitcoin-node -ipcfd [0-9]+$"));
        gui.WaitForLine("… Done loading");
        rpc.Call("createwallet", "w");
        string hash = rpc.Call("generatetoaddress", 1, rpc.Text("getnewaddress"))![0]!.ToString();
        gui.WaitForLine($"block 1 {hash}");
        gui.WaitForLine("wallet w: 0.00000000 BTC, immature 50.00000000 BTC");

        if (how == "stop")
        {
            rpc.Call("stop");
        }
        else
        {
            gui.Signal(how);
        }

        Assert.That(gui.WaitForExit(), Is.Zero, gui.Errors);
        Assert.That(Log("debug.log.gui"), Does.Contain($"bitcoin-node, process {node}, ended with code 0"));
        Assert.That(Log(), Does.Contain("Shutdown: done"));
    }

    [Test]
    public void Several_on_an_outside_node_come_and_go_and_leave_it_running()
    {
        RpcClient rpc = RunNode(out Host node);
        Host first = StartHere("bitcoin-gui");
        Host second = StartHere("bitcoin-gui", "-ipcconnect=unix");
        first.WaitForLine("on bitcoin-node, process " + node.Id);
        second.WaitForLine("block 0 ");
        WaitUntil(() => Log("debug.log").Length > 0, "no log");

        first.Signal("TERM");
        Assert.That(first.WaitForExit(), Is.Zero);
        rpc.Call("generatetoaddress", 1, Address);
        second.WaitForLine("block 1 ");

        Stop(node);
        Assert.That(second.WaitForExit(), Is.Zero, second.Errors);
        Assert.That(Log().Split("init message: Done loading"), Has.Length.EqualTo(2), "initialized once, by itself");
    }

    [Test]
    public void Balances_come_again_after_the_wallet_was_killed_and_started_again()
    {
        Host gui = StartHere("bitcoin-gui", "-server", "-ipcbind=unix");
        RpcClient rpc = Rpc().WaitUntilStarted(gui);
        Host outside = StartHere("bitcoin-gui");
        outside.WaitForLine("block 0 ");
        rpc.Call("createwallet", "w");
        rpc.Call("generatetoaddress", 1, rpc.Text("getnewaddress"));
        string[] before =
            [
                "wallet w: 0.00000000 BTC, immature 50.00000000 BTC",
                "wallet w: 0.00000000 BTC, immature 100.00000000 BTC",
            ];
        gui.WaitForLine(before[0]);
        outside.WaitForLine(before[0]);
        Host.Send("KILL", StartedBy("debug.log", "bitcoin-wallet"));

        rpc.Call("loadwallet", "w");
        WaitUntil(() => Times(gui) >= 2 && Times(outside) >= 2, "the wallet is not shown again");
        rpc.Call("generatetoaddress", 1, rpc.Text("getnewaddress"));

        gui.WaitForLine(before[1]);
        outside.WaitForLine(before[1]);
        rpc.Call("stop");
        Assert.That((gui.WaitForExit(), outside.WaitForExit()), Is.EqualTo((0, 0)));

        int Times(Host host) => host.Output.Split('\n').Count(line => line == before[0]);
    }

    [Test]
    public void The_same_user_interface_in_one_process_shows_the_same()
    {
        Host qt = StartHere("bitcoin-qt", "-server");
        RpcClient rpc = Rpc().WaitUntilStarted(qt);
        rpc.Call("createwallet", "w");
        rpc.Call("generatetoaddress", 1, rpc.Text("getnewaddress"));

        qt.WaitForLine("block 1 ");
        qt.WaitForLine("wallet w: 0.00000000 BTC, immature 50.00000000 BTC");

        Assert.That(Living(), Is.EqualTo(new[] { qt.Id }));
        rpc.Call("stop");
    }

    [Test]
    public void One_that_must_connect_says_when_nobody_is_there()
    {
        Host gui = StartHere("bitcoin-gui", "-ipcconnect=unix");
        gui.ExpectedCode = 1;
        gui.MayComplain = true;

        Assert.That(gui.WaitForExit(), Is.EqualTo(1));
        Assert.That(gui.Errors, Does.StartWith("Error: ").And.Contain("node.sock"));
    }
}
