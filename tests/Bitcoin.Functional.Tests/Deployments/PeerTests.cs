using System.Globalization;
using System.Text.Json.Nodes;
using Bitcoin.Functional.Support;

namespace Bitcoin.Functional.Deployments;

internal sealed class PeerTests(string program) : DeploymentTest(program)
{
    // Whoever wants can spend it: no keys are needed.
    private const string Anyone = "raw(51)";

    private readonly string _program = program;

    [Test]
    public void Nodes_that_met_before_the_first_block_pass_transactions_on_and_a_block_of_them_comes_compact()
    {
        string peer = $"127.0.0.1:{FreePort()}";
        RpcClient first = Run(
            out Host one,
            "-disablewallet",
            "-acceptnonstdtxn",
            "-listen",
            $"-bind={peer}",
            "-whitelist=noban@127.0.0.1");
        RpcClient second = RunSecond(out Host other, "-acceptnonstdtxn", $"-connect={peer}", "-debug=cmpctblock");
        WaitUntil(
            () => Peer(first)?["minfeefilter"]?.GetValue<double>() == 0.09936506,
            "who catches up with blocks wants no transactions");

        string[] blocks =
            [
                .. first.Call("generatetodescriptor", 102, Anyone)!.AsArray().Select(static hash => hash!.ToString()),
            ];
        WaitUntil(() => second.Int("getblockcount") == 102, "blocks do not come");
        WaitUntil(
            () => Peer(first)!["minfeefilter"]!.GetValue<double>() == 0.000001, "who has caught up wants transactions");
        first.Call("generatetodescriptor", 1, Anyone);
        WaitUntil(
            () => Peer(first)!["bip152_hb_from"]!.GetValue<bool>(),
            "who gave a block is asked to send the next at once");
        string txid = first.Text("sendrawtransaction", Spend(first, blocks[0]), 0);
        WaitUntil(
            () => second.Call("getrawmempool")!.AsArray().Any(id => id!.ToString() == txid),
            "the transaction is not told");
        WaitUntil(() => second.Int("getblockcount") == 103, "the block before");
        string block = first.Call("generatetodescriptor", 1, Anyone)![0]!.ToString();
        WaitUntil(() => second.Text("getbestblockhash") == block, "the block does not come");

        Assert.That(
            File.ReadAllText(Path.Combine(SecondDirectory, "regtest", "debug.log")),
            Does.Contain($"reconstructed block {block} with 1 txn prefilled, 1 txn from mempool and 0 txn requested"));
        Assert.That(Peer(second)!["bip152_hb_to"]!.GetValue<bool>());
        second.Call("stop");
        Assert.That(other.WaitForExit(), Is.Zero, other.Errors);
        Stop(one);
    }

    [Test]
    public void An_own_transaction_that_is_given_to_single_peers_stays_out_of_the_pool_until_they_send_it_back()
    {
        // A router that does not answer: nobody gets the transaction.
        RpcClient rpc = Run(
            out Host node,
            "-disablewallet",
            "-acceptnonstdtxn",
            "-privatebroadcast",
            $"-i2psam=127.0.0.1:{FreePort()}",
            "-dnsseed=0");
        string block = rpc.Call("generatetodescriptor", 101, Anyone)![0]!.ToString();

        string txid = rpc.Text("sendrawtransaction", Spend(rpc, block), 0);

        Assert.That(rpc.Call("getrawmempool")!.AsArray(), Is.Empty);
        JsonNode waiting = rpc.Call("getprivatebroadcastinfo")!["transactions"]![0]!;
        Assert.That(
            (
                waiting["txid"]!.ToString(),
                waiting["attempts_remaining"]!.GetValue<int>(),
                waiting["peers"]!.AsArray().Count),
            Is.EqualTo((txid, 1000, 0)));
        Assert.That(
            rpc.Call("abortprivatebroadcast", txid)!["removed_transactions"]![0]!["txid"]!.ToString(),
            Is.EqualTo(txid));
        Assert.That(
            rpc.Error("abortprivatebroadcast", txid),
            Is.EqualTo((-5, "Transaction not in private broadcast queue. Check getprivatebroadcastinfo.")));
        Assert.That(rpc.Call("getprivatebroadcastinfo")!["transactions"]!.AsArray(), Is.Empty);
        Stop(node);
    }

    [Test]
    public void Without_the_option_nothing_is_given_to_single_peers()
    {
        RpcClient rpc = Run(out Host node, "-disablewallet");

        Assert.That(
            rpc.Error("getprivatebroadcastinfo"),
            Is.EqualTo(
                (
                    -32601,
                    $"Private broadcast is not enabled. Ensure you're running {Names.Client} with "
                        + "-privatebroadcast=1.")));
        Stop(node);
    }

    private string SecondDirectory => Path.Combine(Root, "second");

    private static JsonNode? Peer(RpcClient rpc) => rpc.Call("getpeerinfo")!.AsArray().FirstOrDefault();

    private string Spend(RpcClient rpc, string block)
    {
        string coin = rpc.Call("getblock", block)!["tx"]![0]!.ToString();
        return rpc.Text(
            "createrawtransaction",
            new JsonArray(new JsonObject { ["txid"] = coin, ["vout"] = 0 }),
            new JsonArray(new JsonObject { [Address] = 49.9999 }));
    }

    private RpcClient RunSecond(out Host node, params string[] args)
    {
        Directory.CreateDirectory(SecondDirectory);
        int port = FreePort();
        node = Start(
            _program,
            [
                "-regtest", $"-datadir={SecondDirectory}", $"-rpcport={port.ToString(CultureInfo.InvariantCulture)}",
                "-printtoconsole=0", "-disablewallet", "-listen=0", .. args,
            ]);
        RpcClient rpc = new(port, Path.Combine(SecondDirectory, "regtest", ".cookie"), null);
        return rpc.WaitUntilStarted(node);
    }
}
