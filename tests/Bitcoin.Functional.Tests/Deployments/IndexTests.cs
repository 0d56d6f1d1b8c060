using System.Text.Json.Nodes;
using Bitcoin.Functional.Support;

namespace Bitcoin.Functional.Deployments;

internal sealed class IndexTests(string program) : DeploymentTest(program)
{
    private const string Filters = "basic block filter index";

    private static readonly string[] s_all =
        [
            "-disablewallet", "-txindex", "-txospenderindex", "-blockfilterindex", "-coinstatsindex",
        ];

    [Test]
    public void All_indexes_follow_the_chain_and_survive_a_stop_and_a_kill()
    {
        RpcClient rpc = Run(out Host node, s_all);
        string first = rpc.Call("generatetoaddress", 5, Address)![0]!.ToString();
        WaitUntilSynced(rpc, 5);
        string coinbase = rpc.Call("getblock", first)!["tx"]![0]!.ToString();

        Assert.That(rpc.Call("getrawtransaction", coinbase, 1)!["blockhash"]!.ToString(), Is.EqualTo(first));
        JsonNode filter = rpc.Call("getblockfilter", first)!;
        JsonNode statistics = rpc.Call("gettxoutsetinfo", "muhash")!;
        Assert.That(
            statistics["muhash"]!.ToString(),
            Is.EqualTo(rpc.Call("gettxoutsetinfo", "muhash", null, false)!["muhash"]!.ToString()));

        node.Kill();
        rpc = Run(out node, s_all);
        WaitUntilSynced(rpc, 5);
        Assert.That(rpc.Call("gettxoutsetinfo", "muhash")!.ToJsonString(), Is.EqualTo(statistics.ToJsonString()));
        Assert.That(rpc.Call("getblockfilter", first)!.ToJsonString(), Is.EqualTo(filter.ToJsonString()));
        Stop(node);
        rpc = Run(out node, [.. s_all, "-reindex"]);
        WaitUntilSynced(rpc, 5);
        Assert.That(rpc.Call("gettxoutsetinfo", "muhash", 3)!["height"]!.GetValue<int>(), Is.EqualTo(3));
        Assert.That(rpc.Call("getblockfilter", first)!.ToJsonString(), Is.EqualTo(filter.ToJsonString()));
        Stop(node);
    }

    [Test]
    public void The_spender_of_an_output_is_found_in_the_pool_and_then_in_the_index()
    {
        RpcClient rpc = Run(out Host node, "-txospenderindex", "-fallbackfee=0.0002");
        rpc.Call("createwallet", "w");
        rpc.Call("generatetoaddress", 101, rpc.Text("getnewaddress"));
        string spender = rpc.Text("sendtoaddress", Address, 1);
        JsonNode input = rpc.Call("getrawtransaction", spender, 1)!["vin"]![0]!;
        JsonArray outputs = [new JsonObject
        {
            ["txid"] = input["txid"]!.ToString(), ["vout"] = input["vout"]!.GetValue<int>(),
        }];

        JsonNode waiting = rpc.Call("gettxspendingprevout", outputs.DeepClone())![0]!;
        string block = rpc.Call("generatetoaddress", 1, Address)![0]!.ToString();
        WaitUntil(
            () => rpc.Call("getindexinfo")!["txospenderindex"]!["best_block_height"]!.GetValue<int>() == 102,
            "the index has not reached the block");
        JsonNode mined = rpc.Call(
            "gettxspendingprevout", outputs.DeepClone(), new JsonObject { ["return_spending_tx"] = true })![0]!;
        JsonNode unknown = rpc.Call(
            "gettxspendingprevout", outputs.DeepClone(), new JsonObject { ["mempool_only"] = true })![0]!;

        Assert.That(waiting["spendingtxid"]!.ToString(), Is.EqualTo(spender));
        Assert.That(waiting["blockhash"], Is.Null);
        Assert.That(mined["spendingtxid"]!.ToString(), Is.EqualTo(spender));
        Assert.That(mined["blockhash"]!.ToString(), Is.EqualTo(block));
        Assert.That(
            rpc.Call("decoderawtransaction", mined["spendingtx"]!.ToString())!["txid"]!.ToString(),
            Is.EqualTo(spender));
        Assert.That(unknown["spendingtxid"], Is.Null);
        outputs[0]!["txid"] = 42;
        Assert.That(
            rpc.Error("gettxspendingprevout", outputs.DeepClone()),
            Is.EqualTo((-3, "JSON value of type number for field txid is not of expected type string")));
        Stop(node);
    }

    [Test]
    public void What_is_not_indexed_is_said()
    {
        RpcClient rpc = Run(out Host node, "-disablewallet");
        string tip = rpc.Call("generatetoaddress", 1, Address)![0]!.ToString();

        Assert.That(rpc.Call("getindexinfo")!.AsObject(), Is.Empty);
        Assert.That(rpc.Error("getblockfilter", tip), Is.EqualTo((-1, "Index is not enabled for filtertype basic")));
        Assert.That(rpc.Error("getblockfilter", tip, "extended"), Is.EqualTo((-5, "Unknown filtertype")));
        Assert.That(
            rpc.Error("gettxoutsetinfo", "muhash", 1),
            Is.EqualTo((-8, "Querying specific block heights requires coinstatsindex")));
        Stop(node);
    }

    [TestCase("-blockfilterindex=extended", "Unknown -blockfilterindex value extended.")]
    [TestCase("-txindex", "Prune mode is incompatible with -txindex.")]
    [TestCase("-txospenderindex", "Prune mode is incompatible with -txospenderindex.")]
    public void Indexes_that_cannot_be_are_refused_at_the_start(string option, string error)
    {
        Host node = StartNode("-disablewallet", "-prune=1", option);
        node.MayComplain = true;
        node.ExpectedCode = 1;

        Assert.That(node.WaitForExit(), Is.EqualTo(1));
        Assert.That(node.Errors, Does.Contain($"Error: {error}"));
    }

    private static void WaitUntilSynced(RpcClient rpc, int height)
    {
        string expected = new JsonObject { ["synced"] = true, ["best_block_height"] = height }.ToJsonString();
        WaitUntil(
            () => rpc.Call("getindexinfo")!.AsObject() is { Count: 4 } all && all.All(
                index => index.Value!.ToJsonString() == expected),
            "not synced");
        Assert.That(
            rpc.Call("getindexinfo", Filters)!.AsObject().Select(static index => index.Key),
            Is.EqualTo(new[] { Filters }));
    }

    [Test]
    public void Blocks_that_concern_a_descriptor_are_found_by_their_filters_and_what_of_them_does()
    {
        const string Mine = "raw(51)";
        RpcClient rpc = Run(out Host node, "-disablewallet", "-blockfilterindex");
        rpc.Call("generatetoaddress", 3, Address);
        string[] mine =
            [
                .. rpc.Call("generatetodescriptor", 2, Mine)!.AsArray().Select(static hash => hash!.ToString()),
            ];
        rpc.Call("generatetoaddress", 2, Address);
        WaitUntil(
            () => rpc.Call("getindexinfo")![Filters]!["best_block_height"]!.GetValue<int>() == 7,
            "the index does not come along");

        JsonNode scan = rpc.Call("scanblocks", "start", new JsonArray(Mine))!;
        JsonNode part = rpc.Call("scanblocks", "start", new JsonArray(Mine), 5, 6)!;
        JsonNode activity = rpc.Call(
            "getdescriptoractivity", new JsonArray(mine[1], mine[0]), new JsonArray(Mine))!["activity"]!;

        Assert.That(
            scan["relevant_blocks"]!.AsArray().Select(static hash => hash!.ToString()), Is.SupersetOf(mine));
        Assert.That(
            (scan["from_height"]!.ToString(), scan["to_height"]!.ToString(), scan["completed"]!.ToString()),
            Is.EqualTo(("0", "7", "true")));
        string[] relevant = [.. part["relevant_blocks"]!.AsArray().Select(static hash => hash!.ToString())];
        Assert.That((relevant.Contains(mine[1]), relevant.Contains(mine[0])), Is.EqualTo((true, false)));
        Assert.That(
            activity.AsArray().Select(static one => (
                one!["type"]!.ToString(), one["blockhash"]!.ToString(), one["amount"]!.ToString())),
            Is.EqualTo(new[] { ("receive", mine[0], Subsidy), ("receive", mine[1], Subsidy) }));
        Assert.That(rpc.Call("scanblocks", "status"), Is.Null);
        Assert.That(
            rpc.Error("scanblocks", "start", new JsonArray(Mine), 8), Is.EqualTo((-1, "Invalid start_height")));
        Stop(node);
    }
}
