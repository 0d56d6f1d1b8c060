using System.Text.Json.Nodes;
using Bitcoin.Functional.Support;

namespace Bitcoin.Functional.Processes;

internal sealed class IndexProcessTests : ProcessTest
{
    [Test]
    public void A_node_that_keeps_indexes_starts_a_process_for_them_which_has_a_log_of_its_own()
    {
        RpcClient rpc = RunNode(out Host node, "-disablewallet", "-coinstatsindex");
        int index = StartedBy("debug.log", "bitcoin-index");

        Assert.That(
            ProcessMark.CommandLine(index), Does.Match("^bitcoin-index -ipcfd [0-9]+$|/bitcoin-index -ipcfd [0-9]+$"));
        WaitForHeight(rpc, "coinstatsindex", 0);
        Assert.That(
            Log("debug.log.index"),
            Does.Contain(
                $"Indexes of a node on regtest, process {index}").And.Contain("coinstatsindex is enabled at height 0"));
        Stop(node);
        Assert.That(Log(), Does.Contain($"bitcoin-index, process {index}, ended with code 0"));
    }

    [Test]
    public void An_index_process_that_is_killed_is_started_again_and_goes_on_where_it_was()
    {
        RpcClient rpc = RunNode(out Host node, "-disablewallet", "-blockfilterindex", "-coinstatsindex");
        node.MayComplain = true;
        rpc.Call("generatetoaddress", 20, Address);
        WaitForHeight(rpc, "coinstatsindex", 20);
        int killed = StartedBy("debug.log", "bitcoin-index");

        Host.Send("KILL", killed);

        WaitForLog($"The index process {killed} ended with code 137, and is started again.");
        WaitUntil(() => StartedBy("debug.log", "bitcoin-index") != killed, "not started again");
        string tip = rpc.Call("generatetoaddress", 1, Address)![0]!.ToString();
        WaitForHeight(rpc, "coinstatsindex", 21);
        Assert.That(
            rpc.Call("gettxoutsetinfo", "muhash")!["muhash"]!.ToString(),
            Is.EqualTo(rpc.Call("gettxoutsetinfo", "muhash", null, false)!["muhash"]!.ToString()));
        WaitForHeight(rpc, "basic block filter index", 21);
        Assert.That(rpc.Call("getblockfilter", tip)!["filter"]!.ToString(), Is.Not.Empty);
        Stop(node);
    }

    [Test]
    public void An_index_process_of_its_own_attaches_itself_and_the_node_answers_from_it()
    {
        RpcClient rpc = RunNode(out Host node, "-disablewallet");
        string tip = rpc.Call("generatetoaddress", 4, Address)![3]!.ToString();
        Assert.That(rpc.Error("getblockfilter", tip).Code, Is.EqualTo(-1));
        string elsewhere = Directory.CreateDirectory(Path.Combine(Root, "elsewhere")).FullName;
        Host index = Start(
            "bitcoin-index",
            "-regtest",
            $"-datadir={elsewhere}",
            $"-ipcconnect=unix:{NodeSocket}",
            "-blockfilterindex",
            "-txindex");
        index.WaitForLine("Done loading");

        WaitForHeight(rpc, "basic block filter index", 4);
        Assert.That(rpc.Call("getblockfilter", tip)!["filter"]!.ToString(), Is.Not.Empty);
        string coinbase = rpc.Call("getblock", tip)!["tx"]![0]!.ToString();
        Assert.That(rpc.Call("getrawtransaction", coinbase, 1)!["blockhash"]!.ToString(), Is.EqualTo(tip));
        index.Signal("TERM");
        Assert.That(index.WaitForExit(), Is.Zero, index.Errors);
        Assert.That(rpc.Call("getindexinfo")!.AsObject(), Is.Empty, "it took them along");
        Stop(node);
    }

    [Test]
    public void An_index_process_ends_with_its_node()
    {
        RunNode(out Host node, "-disablewallet");
        string elsewhere = Directory.CreateDirectory(Path.Combine(Root, "elsewhere")).FullName;
        Host index = Start(
            "bitcoin-index", "-regtest", $"-datadir={elsewhere}", $"-ipcconnect=unix:{NodeSocket}", "-coinstatsindex");
        index.WaitForLine("Done loading");

        Stop(node);

        Assert.That(index.WaitForExit(), Is.Zero, index.Errors);
        Assert.That(index.Output, Does.Contain("The node is gone"));
    }

    [TestCase(
        new[] { "-ipcconnect=unix:nowhere.sock" },
        "There is nothing to keep. Expected one of -txindex, -txospenderindex, -blockfilterindex, -coinstatsindex.")]
    [TestCase(
        new[] { "-txindex", "word" },
        "Command line contains unexpected token 'word', see bitcoin-index -help for a list of options.")]
    [TestCase(new[] { "-nonsense" }, "Error parsing command line arguments: Invalid parameter -nonsense")]
    public void A_wrong_command_line_is_an_error(string[] args, string error)
    {
        Host index = StartIndex(args);

        Assert.That(index.WaitForExit(), Is.EqualTo(1));
        Assert.That(index.Errors, Is.EqualTo($"Error: {error}"));
    }

    private Host StartIndex(string[] args)
    {
        Host index = Start("bitcoin-index", ["-regtest", $"-datadir={Root}", .. args]);
        index.MayComplain = true;
        index.ExpectedCode = 1;
        return index;
    }

    private static void WaitForHeight(RpcClient rpc, string name, int height)
    {
        WaitUntil(
            ()
                => rpc.Ask("getindexinfo", new JsonArray())["result"]?[name] is { } index
                    && index["synced"]!.GetValue<bool>()
                    && index["best_block_height"]!.GetValue<int>() == height,
            $"{name} is not at {height}");
    }
}
