using Bitcoin.Functional.Support;

namespace Bitcoin.Functional.Processes;

internal sealed class SpawnTests : ProcessTest
{
    [Test]
    public void A_child_gets_its_settings_over_its_first_call_and_not_as_arguments()
    {
        RpcClient rpc = RunNode(out Host node, "-debug=ipc");
        int wallet = StartedBy("debug.log", "bitcoin-wallet");

        Assert.That(
            ProcessMark.CommandLine(wallet),
            Does.Match("^bitcoin-wallet -ipcfd [0-9]+$|/bitcoin-wallet -ipcfd [0-9]+$"));
        Assert.That(
            Log("debug.log.wallet"),
            Does.Contain($"Wallets of a node on regtest, process {wallet}").And.Contain("[ipc]"));
        rpc.Call("createwallet", "w");
        Assert.That(Directory.Exists(Path.Combine(RegtestDirectory, "wallets", "w")), Is.True);
        Stop(node);
        Assert.That(
            Log(),
            Does.Contain($"bitcoin-wallet, process {wallet}, ended with code 0"),
            "launch and exit status are logged");
    }

    [Test]
    public void Ctrl_C_at_a_child_is_left_to_the_parent()
    {
        RunNode(out Host node);
        int wallet = StartedBy("debug.log", "bitcoin-wallet");
        node.MayComplain = true;

        Host.Send("INT", wallet);

        WaitUntil(() => node.Errors.Length > 0, "the child says nothing");
        Assert.That(node.Errors, Is.EqualTo("[bitcoin-wallet] SIGINT received — waiting for parent to shut down."));
        Rpc().Call("createwallet", "w");
        Stop(node);
    }

    [TestCase("bitcoin-node")]
    [TestCase("bitcoin-gui")]
    public void Ctrl_C_on_a_terminal_reaches_all_and_ends_them_from_the_parent_down(string program)
    {
        // A group of its own, as a shell makes one: Ctrl-C signals every process in it.
        Host parent = Start(
            "/usr/bin/setsid",
            HostFolder.Program(program),
            "-regtest",
            $"-datadir={Root}",
            $"-rpcport={Port}",
            "-printtoconsole=0",
            "-server");
        Rpc().WaitUntilStarted(parent);
        bool hasNode = program == "bitcoin-gui";
        string[] children = hasNode ? ["bitcoin-node", "bitcoin-wallet"] : ["bitcoin-wallet"];
        parent.MayComplain = true;

        Host.SendToGroup("INT", parent.Id);

        Assert.That(parent.WaitForExit(), Is.Zero, parent.Errors);
        Assert.That(
            parent.Errors.Split('\n'),
            Is.EquivalentTo(
                children.Select(static child => $"[{child}] SIGINT received — waiting for parent to shut down.")));
        Assert.That(Log(), Does.Match(@"bitcoin-wallet, process \d+, ended with code 0").And.Contain("Shutdown: done"));
        Assert.That(
            Log("debug.log.gui"), hasNode ? Does.Match(@"bitcoin-node, process \d+, ended with code 0") : Is.Empty);
    }

    [Test]
    public void A_hang_up_opens_every_log_anew_and_ends_nothing()
    {
        RpcClient rpc = RunNode(out Host node);
        int wallet = StartedBy("debug.log", "bitcoin-wallet");
        foreach (string log in (string[])["debug.log", "debug.log.wallet"])
        {
            File.Move(Path.Combine(RegtestDirectory, log), Path.Combine(RegtestDirectory, log + ".1"));
        }

        node.Signal("HUP");

        WaitUntil(
            () => File.Exists(Path.Combine(RegtestDirectory, "debug.log")) && File.Exists(
                Path.Combine(RegtestDirectory, "debug.log.wallet")),
            "not opened anew");
        rpc.Call("createwallet", "w");
        WaitForLog("Loaded wallet w", "debug.log.wallet");
        Assert.That(ProcessMark.CommandLine(wallet), Does.Contain("bitcoin-wallet"));
        Stop(node);
        Assert.That(Log(), Does.Contain("Shutdown: done"));
    }

    [Test]
    public void A_wallet_process_that_is_stopped_holds_its_callers_for_a_bounded_time_and_nobody_else()
    {
        RpcClient rpc = RunNode(out Host node, "-rpcthreads=2");
        rpc.Call("createwallet", "w");
        int wallet = StartedBy("debug.log", "bitcoin-wallet");
        Host.Send("STOP", wallet);
        Task<(int Code, string Message)>[] calls =
            [
                .. Enumerable.Range(0, 20).Select(
                    _ => Task.Factory.StartNew(() => rpc.Error("getbalance"), TaskCreationOptions.LongRunning)),
            ];

        Assert.That(rpc.Int("getblockcount"), Is.Zero);
        Assert.That(Task.WaitAll(calls, Host.Patience), Is.True);
        Assert.That(
            calls.Select(static call => call.Result),
            Is.All.EqualTo((
                -4,
                $"The wallet process {wallet} (bitcoin-wallet) does not answer: it may be stopped. Whether it runs this call later is not known.")));

        Host.Send("CONT", wallet);
        WaitUntil(() => rpc.Ask("getbalance", null)["error"] is null, "it does not answer again");
        Stop(node);
    }

    [Test]
    public void A_wallet_that_is_stopped_while_thousands_of_blocks_come_knows_of_all_of_them_later()
    {
        const int Blocks = 5200;
        RpcClient rpc = RunNode(out Host node);
        rpc.Call("createwallet", "w");
        string address = rpc.Text("getnewaddress");
        int wallet = StartedBy("debug.log", "bitcoin-wallet");
        Host.Send("STOP", wallet);

        rpc.Call("generatetoaddress", 1, address);
        rpc.Call("generatetoaddress", Blocks, Address);
        rpc.Call("generatetoaddress", 1, address);
        WaitForLog("10000 notifications behind");

        Assert.That(rpc.Int("getblockcount"), Is.EqualTo(Blocks + 2));
        Host.Send("CONT", wallet);
        WaitUntil(
            () => rpc.Call("getwalletinfo")!["lastprocessedblock"]!["height"]!.GetValue<int>() == Blocks + 2,
            "the wallet does not come to the tip");
        Assert.That(rpc.Call("getwalletinfo")!["txcount"]!.GetValue<int>(), Is.EqualTo(2));
        Stop(node);
    }

    [Test]
    public void The_node_survives_its_wallet_says_so_and_starts_it_again()
    {
        RpcClient rpc = RunNode(out Host node);
        rpc.Call("createwallet", "w");
        rpc.Call("generatetoaddress", 101, rpc.Text("getnewaddress"));
        int wallet = StartedBy("debug.log", "bitcoin-wallet");

        Host.Send("KILL", wallet);
        WaitForLog($"Warning: The wallet process {wallet} ended with code 137; loadwallet starts it again.");

        Assert.That(rpc.Int("getblockcount"), Is.EqualTo(101));
        Assert.That(
            rpc.Error("getbalance"),
            Is.EqualTo((-4, $"The wallet process {wallet} ended with code 137. Use loadwallet to start it again.")));
        Assert.That(rpc.Call("loadwallet", "w")!["name"]!.ToString(), Is.EqualTo("w"));
        Assert.That(rpc.Call("getbalance")!.ToJsonString(), Is.EqualTo("50.00000000"));
        Assert.That(StartedBy("debug.log", "bitcoin-wallet"), Is.Not.EqualTo(wallet));
        Assert.That(rpc.Error("loadwallet", "w").Code, Is.EqualTo(-35), "the error of the process itself");
        Stop(node);
    }

    [Test]
    public void From_the_moment_the_wallet_is_killed_every_answer_says_so()
    {
        RpcClient rpc = RunNode(out Host node);
        rpc.Call("createwallet", "w");
        int wallet = StartedBy("debug.log", "bitcoin-wallet");

        Host.Send("KILL", wallet);

        (int, string) gone =
            (-4, $"The wallet process {wallet} ended with code 137. Use loadwallet to start it again.");
        Assert.That(
            Enumerable.Range(0, 20).Select(i => rpc.Error(i % 2 == 0 ? "getbalance" : "listwallets")),
            Is.All.EqualTo(gone));
        Assert.That(rpc.Error("nothing").Code, Is.EqualTo(-32601));
        Assert.That(rpc.Call("loadwallet", "w")!["name"]!.ToString(), Is.EqualTo("w"));
        Stop(node);
    }

    [Test]
    public void A_wallet_whose_process_is_killed_in_mid_call_is_started_again_by_the_same_loadwallet()
    {
        RpcClient rpc = RunNode(out Host node);
        rpc.Call("createwallet", "w");
        int wallet = StartedBy("debug.log", "bitcoin-wallet");

        Host.Send("KILL", wallet);

        Assert.That(
            rpc.Call("loadwallet", "w")!["name"]!.ToString(), Is.EqualTo("w"), "at once: nobody needs to have noticed");
        Assert.That(rpc.Call("getbalance")!.ToJsonString(), Is.EqualTo("0.00000000"));
        Stop(node);
    }

    [Test]
    public void A_user_interface_that_is_stuck_holds_up_no_balance()
    {
        RpcClient rpc = RunNode(out Host node);
        Host gui = StartHere("bitcoin-gui");
        gui.WaitForLine("block 0 ");
        rpc.Call("createwallet", "w");
        gui.Signal("STOP");

        rpc.Call("generatetoaddress", 101, rpc.Text("getnewaddress"));

        Assert.That(rpc.Call("getbalance")!.ToJsonString(), Is.EqualTo("50.00000000"));
        Assert.That(rpc.Call("listwallets")!.ToJsonString(), Is.EqualTo("""["w"]"""));
        gui.Signal("CONT");
        Stop(node);
        Assert.That(gui.WaitForExit(), Is.Zero, gui.Errors);
    }

    [Test]
    public void Wallet_and_user_interface_end_cleanly_when_the_node_is_killed()
    {
        Host gui = StartHere("bitcoin-gui", "-server", "-ipcbind=unix");
        Rpc().WaitUntilStarted(gui);
        int node = StartedBy("debug.log.gui", "bitcoin-node");
        int wallet = StartedBy("debug.log", "bitcoin-wallet");
        Host outside = StartHere("bitcoin-wallet", "-ipcconnect=unix");
        outside.WaitForLine("Done loading");

        Host.Send("KILL", node);

        Assert.That(gui.WaitForExit(), Is.Zero, gui.Errors);
        Assert.That(gui.Output, Does.Contain("The node is gone."));
        Assert.That(outside.WaitForExit(), Is.Zero, outside.Errors);
        WaitUntil(() => !Living().Contains(wallet), "the wallet outlived its node");
        File.Delete(NodeSocket);
    }
}
