using System.Globalization;
using Bitcoin.Functional.Support;

namespace Bitcoin.Tests;

/// <summary>The hosts as real processes, as a user starts them.</summary>
internal sealed class HostProcessTests : HostTest
{
    [TestCase("INT")]
    [TestCase("TERM")]
    public void A_signal_ends_node_and_wallet_with_code_0(string signal)
    {
        using Host node = HostProgram.Start(
            "bitcoin-node", "-regtest", "-noserver", "-printtoconsole", "-debug=ipc", DataDirectory);
        int wallet = WalletOf(node);
        node.WaitForLine("Done loading");

        node.Signal(signal);

        Assert.That(node.WaitForExit(), Is.Zero, node.Output + node.Errors);
        Assert.That(node.Output, Does.Contain($"bitcoin-wallet, process {wallet}, ended with code 0"));
        Assert.That(
            node.Output, Does.Contain("[ipc]").And.Contain("MakeWalletLoader"), "both sides of a call are in the log");
        Assert.That(
            node.Output,
            Does.Match(@"executing request.*MakeWalletLoader").And.Match(@"send request.*MakeWalletLoader"));
    }

    [Test]
    public void Outside_programs_ask_the_node()
    {
        using Host node = HostProgram.Start(
            "bitcoin-node", "-regtest", "-noserver", "-generate=4", "-ipcbind=unix", DataDirectory);
        node.WaitForLine("Done loading");

        using Host count = Ask("getblockcount");
        using Host genesis = Ask("getblockhash", "0");
        using Host wrong = Ask("getblockhash", "5");
        using Host info = Ask("getinfo");
        node.Signal("TERM");

        Assert.That((count.WaitForExit(), count.Output), Is.EqualTo((0, "4")));
        Assert.That(genesis.Output, Is.EqualTo("0f9188f13cb7b2c71f2a335e3a4fc328bf5beb436012afca590b1a11466e2206"));
        Assert.That(
            (wrong.WaitForExit(), wrong.Errors),
            Is.EqualTo((1, "Error: Block height: Expected 0 to 4, got 5.")));
        Assert.That(info.Output, Is.EqualTo($"bitcoin-node, process {node.Id}, network regtest, height 4"));
        Assert.That(node.WaitForExit(), Is.Zero);
    }

    [Test]
    public void A_watching_program_is_told_of_blocks_that_another_one_mines()
    {
        using Host node = HostProgram.Start(
            "bitcoin-node", "-regtest", "-noserver", "-ipcbind=unix", "-debug=ipc", DataDirectory);
        node.WaitForLine("Done loading");
        using Host watcher = HostProgram.Start("bitcoin-wallet", "-regtest", DataDirectory, "watch", "2");
        node.WaitForLine("b-notify.2: listens");

        using Host miner = Ask("generate", "2");

        string[] hashes = miner.Output.Split('\n');
        Assert.That(watcher.WaitForExit(), Is.Zero, watcher.Errors);
        Assert.That(watcher.Output, Is.EqualTo($"+ 1 {hashes[0]}\n= 1 is the tip\n+ 2 {hashes[1]}"));
        node.Signal("TERM");
        Assert.That(node.WaitForExit(), Is.Zero);
    }

    [Test]
    public void The_node_stays_up_when_its_wallet_is_killed()
    {
        using Host node = HostProgram.Start(
            "bitcoin-node", "-regtest", "-noserver", "-ipcbind=unix", DataDirectory);
        int wallet = WalletOf(node);
        node.WaitForLine("Done loading");

        Host.Send("KILL", wallet);
        node.WaitForLine($"bitcoin-wallet, process {wallet}, ended");
        using Host miner = Ask("generate", "1");
        node.Signal("TERM");

        Assert.That(miner.WaitForExit(), Is.Zero, miner.Errors);
        Assert.That(node.WaitForExit(), Is.Zero, node.Output + node.Errors);
    }

    [Test]
    public void The_wallet_ends_when_its_node_is_killed()
    {
        using Host node = HostProgram.Start("bitcoin-node", "-regtest", "-noserver", DataDirectory);
        int wallet = WalletOf(node);
        node.WaitForLine("Done loading");

        WasKilled = true;
        node.Signal("KILL");

        Assert.That(
            SpinWait.SpinUntil(() => !Directory.Exists($"/proc/{wallet}") || IsZombie(wallet), NodeFixture.Patience),
            Is.True,
            "the wallet outlived its node");
    }

    [Test]
    public void A_watching_program_ends_with_an_error_when_the_node_is_killed()
    {
        using Host node = HostProgram.Start(
            "bitcoin-node", "-regtest", "-noserver", "-ipcbind=unix", "-debug=ipc", "-disablewallet", DataDirectory);
        node.WaitForLine("Done loading");
        using Host watcher = HostProgram.Start("bitcoin-wallet", "-regtest", DataDirectory, "watch");
        node.WaitForLine("b-notify.1: listens");

        WasKilled = true;
        node.Signal("KILL");

        Assert.That(watcher.WaitForExit(), Is.EqualTo(1));
        Assert.That(watcher.Errors, Does.StartWith("Error: "));
    }

    [Test]
    public void The_first_blocks_of_the_main_network_are_loaded_and_served()
    {
        string file = RealData.File("blocks/mainnet-000000-004521.blk");
        string address = $"unix:{Root}/node.sock";
        using Host node = HostProgram.Start(
            "bitcoin-node", "-noserver", $"-loadblock={file}", $"-ipcbind={address}", DataDirectory);
        node.WaitForLine("Done loading");

        using Host hash = HostProgram.Run("bitcoin-wallet", $"-ipcconnect={address}", "getblockhash", "4521");
        node.Signal("TERM");

        Assert.That(
            node.Output, Does.Contain("Loaded blocks: 4522 blocks taken, 0 already known, 0 refused, 0 bytes skipped"));
        Assert.That(
            hash.Output, Is.EqualTo("00000000ac08f7d984f6b36027395e654a5f1e3bb006cd9df9c60b9897ea4c40"), hash.Errors);
        Assert.That(node.WaitForExit(), Is.Zero);
    }

    [TestCase("bitcoin-node", "-regtset", "Error: Error parsing command line arguments: Invalid parameter -regtset")]
    [TestCase(
        "bitcoin-node",
        "stop",
        "Error: Command line contains unexpected token 'stop', see bitcoin-node -help for a list of options.")]
    [TestCase("bitcoin-wallet", "-nothing", "Error: Error parsing command line arguments: Invalid parameter -nothing")]
    public void A_wrong_command_line_is_an_error_with_code_1(string program, string arg, string message)
    {
        using Host host = HostProgram.Run(program, arg);

        Assert.That((host.WaitForExit(), host.Errors, host.Output), Is.EqualTo((1, message, "")));
    }

    [TestCase("bitcoin-node")]
    [TestCase("bitcoin-wallet")]
    public void Help_is_printed_with_code_0(string program)
    {
        using Host host = HostProgram.Run(program, "-help");

        Assert.That(host.WaitForExit(), Is.Zero);
        Assert.That(host.Output, Does.StartWith($"Usage: {program}").And.Contain("-datadir=<dir>"));
    }

    [Test]
    public void A_node_that_is_not_there_is_an_error_with_code_1()
    {
        using Host wallet = Ask("getblockcount");

        Assert.That(wallet.WaitForExit(), Is.EqualTo(1));
        Assert.That(wallet.Errors, Does.StartWith("Error: "));
    }

    [Test]
    public void A_block_file_that_is_not_there_is_an_error_with_code_1()
    {
        using Host node = HostProgram.Run(
            "bitcoin-node", "-regtest", "-noserver", DataDirectory, "-loadblock=/nowhere/blk00000.dat");

        Assert.That(node.WaitForExit(), Is.EqualTo(1));
        Assert.That(node.Errors, Does.StartWith("Error: ").And.Contain("/nowhere/blk00000.dat"));
    }

    [TestCase("-generate=5", "Error: -generate mines blocks, which takes a moment on regtest only: add -regtest.")]
    [TestCase("-ipcbind=elsewhere", "Error: Unrecognized address 'elsewhere': Expected unix, unix:path, ")]
    [TestCase(
        "-rpcbind=elsewhere",
        "Error: Invalid -rpcbind address 'elsewhere': Expected an address, with a port or without.")]
    [TestCase(
        "-rpcallowip=1.2.3",
        "Error: Invalid -rpcallowip subnet specification: 1.2.3. Valid values are a single IP (e.g. 1.2.3.4)")]
    [TestCase(
        "-loglevel=loud",
        "Error: Unsupported global logging level -loglevel=loud. Valid values: info, debug, trace.")]
    [TestCase("-debugexclude=foo", "Error: Unsupported logging category -debugexclude=foo.")]
    [TestCase(
        "-proxy",
        "Error: Error parsing command line arguments: Can not set -proxy with no value. Please specify value with -proxy=value.")]
    [TestCase(
        "-nodatadir",
        "Error: Error parsing command line arguments: Negating of -datadir is meaningless and therefore forbidden")]
    public void An_option_that_cannot_hold_is_an_error_with_code_1(string arg, string message)
    {
        string[] server = arg.StartsWith("-rpc", StringComparison.Ordinal) ? [] : ["-noserver"];
        using Host host = HostProgram.Run("bitcoin-node", [DataDirectory, "-printtoconsole=0", .. server, arg]);

        Assert.That((host.WaitForExit(), host.Output), Is.EqualTo((1, "")));
        Assert.That(host.Errors, Does.StartWith(message));
    }

    private static int WalletOf(Host node)
    {
        string line = node.WaitForLine("Started bitcoin-wallet as process");
        return int.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture);
    }

    private static bool IsZombie(int process)
    {
        try
        {
            return File.ReadAllText($"/proc/{process}/stat").Contains(") Z ", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return true;
        }
    }

    private Host Ask(params string[] words)
        => HostProgram.Run("bitcoin-wallet", ["-regtest", DataDirectory, .. words]);
}
