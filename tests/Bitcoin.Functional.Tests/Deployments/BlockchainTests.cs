using System.Text.Json.Nodes;
using Bitcoin.Functional.Support;

namespace Bitcoin.Functional.Deployments;

internal sealed class BlockchainTests(string program) : DeploymentTest(program)
{
    private string Genesis => Regtest.GenesisHash.ToString();
    [Test]
    public void The_chain_is_mined_and_asked_about()
    {
        RpcClient rpc = Run(out Host node, "-disablewallet");
        rpc.Call("setmocktime", 1_700_000_000);
        string[] hashes =
            [
                .. rpc.Call("generatetoaddress", 3, Address)!.AsArray().Select(static hash => hash!.GetValue<string>()),
            ];

        Assert.That(rpc.Text("getbestblockhash"), Is.EqualTo(hashes[2]));
        JsonNode info = rpc.Call("getblockchaininfo")!;
        Assert.That(
            (
                info["chain"]!.ToString(),
                info["blocks"]!.GetValue<int>(),
                info["bits"]!.ToString(),
                info["chainwork"]!.ToString()),
            Is.EqualTo(("regtest", 3, "207fffff", new string('0', 63) + "8")));
        Assert.That(info["size_on_disk"]!.GetValue<long>(), Is.GreaterThan(0));
        JsonNode header = rpc.Call("getblockheader", hashes[1])!;
        Assert.That(header["previousblockhash"]!.ToString(), Is.EqualTo(hashes[0]));
        Assert.That(header["nextblockhash"]!.ToString(), Is.EqualTo(hashes[2]));
        Assert.That(
            (
                header["confirmations"]!.GetValue<int>(),
                header["height"]!.GetValue<int>(),
                header["time"]!.GetValue<long>()),
            Is.EqualTo((2, 2, 1_700_000_001L)));
        Assert.That(header["difficulty"]!.GetValue<double>(), Is.EqualTo(4.656542373906925e-10).Within(1e-24));
        Assert.That(rpc.Text("getblockheader", Genesis, false), Has.Length.EqualTo(160));
        JsonNode block = rpc.Call("getblock", hashes[1], 2)!;
        JsonNode output = block["tx"]![0]!["vout"]![0]!;
        Assert.That(output["scriptPubKey"]!["desc"]!.ToString(), Does.StartWith($"addr({Address})#"));
        output["scriptPubKey"]!.AsObject().Remove("desc");
        Assert.That(
            output.ToJsonString(),
            Is.EqualTo(
                $$$"""{"value":{{{Subsidy}}},"n":0,"scriptPubKey":{"asm":"{{{Asm}}}","hex":"{{{AddressScript}}}","address":"{{{Address}}}","type":"{{{Kind}}}"}}"""));
        Assert.That(
            rpc.Call("getblock", hashes[1])!["tx"]![0]!.ToString(), Is.EqualTo(block["tx"]![0]!["txid"]!.ToString()));
        Assert.That(rpc.Error("getblock", new string('1', 64)), Is.EqualTo((-5, "Block not found")));
        Assert.That(
            rpc.Error("getblock", "abc"), Is.EqualTo((-8, "blockhash must be of length 64 (not 3, for 'abc')")));
        Assert.That(
            rpc.Error("getblock", new string('z', 64)).Message,
            Does.StartWith("blockhash must be hexadecimal string (not 'z"));
        Assert.That(rpc.Error("generatetoaddress", 1, "nowhere"), Is.EqualTo((-5, "Error: Invalid address")));
        Assert.That(rpc.Error("setmocktime", -1).Code, Is.EqualTo(-8));
        Assert.That(
            rpc.Error("getbalance"),
            Is.EqualTo((-32601, "Method not found")),
            "without wallets there are no methods of theirs");
        Assert.That(rpc.Call("syncwithvalidationinterfacequeue"), Is.Null);
        Stop(node);
    }

    [Test]
    public void A_block_is_submitted_once_and_a_bad_one_not_at_all()
    {
        RpcClient rpc = Run(out Host node, "-disablewallet");
        string hash = rpc.Call("generatetoaddress", 1, Address)![0]!.ToString();
        string block = rpc.Text("getblock", hash, 0);
        Stop(node);
        Directory.Delete(Path.Combine(RegtestDirectory, "blocks"), recursive: true);
        rpc = Run(out node, "-disablewallet");

        Assert.That(rpc.Int("getblockcount"), Is.Zero);
        Assert.That(rpc.Text("submitblock", block[..^2] + "01"), Is.EqualTo("bad-txnmrklroot"));
        Assert.That(rpc.Call("submitblock", block), Is.Null);
        Assert.That(rpc.Text("submitblock", block), Is.EqualTo("duplicate"));
        Assert.That(rpc.Error("submitblock", "00"), Is.EqualTo((-22, "Block decode failed")));
        Assert.That(rpc.Text("getbestblockhash"), Is.EqualTo(hash));
        Stop(node);
    }

    [Test]
    public void Who_waits_for_a_block_is_told_of_it_or_of_the_old_one_when_time_is_up()
    {
        RpcClient rpc = Run(out Host node, "-disablewallet");
        Assert.That(rpc.Call("waitfornewblock", 1)!["height"]!.GetValue<int>(), Is.Zero);
        Assert.That(rpc.Error("waitfornewblock", -1), Is.EqualTo((-1, "Negative timeout")));
        Task<JsonNode?> waiting = Task.Factory.StartNew(
            () => rpc.Call("waitfornewblock", 0, Genesis), TaskCreationOptions.LongRunning);
        WaitUntil(
            () => rpc.Call("getrpcinfo")!["active_commands"]!.ToJsonString().Contains(
                "waitfornewblock", StringComparison.Ordinal),
            "nobody waits");

        string hash = rpc.Call("generatetoaddress", 1, Address)![0]!.ToString();

        Assert.That(waiting.Wait(Host.Patience), Is.True);
        Assert.That(waiting.Result!["hash"]!.ToString(), Is.EqualTo(hash));
        Assert.That(rpc.Call("waitfornewblock", 0, Genesis)!["hash"]!.ToString(), Is.EqualTo(hash));
        Stop(node);
    }

    [TestCase("stop")]
    [TestCase("TERM")]
    [TestCase("INT")]
    public void The_node_ends_in_bounded_time_while_somebody_waits(string how)
    {
        RpcClient rpc = Run(out Host node);
        Task<JsonNode?> waiting = Task.Factory.StartNew(
            () => rpc.Call("waitfornewblock"), TaskCreationOptions.LongRunning);
        WaitUntil(
            () => rpc.Call("getrpcinfo")!["active_commands"]!.ToJsonString().Contains(
                "waitfornewblock", StringComparison.Ordinal),
            "nobody waits");

        if (how == "stop")
        {
            Assert.That(rpc.Text("stop"), Is.EqualTo($"{Names.Currency} stopping"));
        }
        else
        {
            node.Signal(how);
        }

        Assert.That(node.WaitForExit(), Is.Zero);
        Assert.That(waiting.Wait(Host.Patience), Is.True);
        Assert.That(waiting.Result!["height"]!.GetValue<int>(), Is.Zero, "the tip of the moment");
    }

    [Test]
    public void What_a_PSBT_says_about_the_origin_of_a_key_stays()
    {
        const string Key = "0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798";
        RpcClient rpc = Run(out Host node, "-disablewallet");
        string block = rpc.Call("generatetodescriptor", 1, $"wpkh({Key})")![0]!.ToString();
        string coin = rpc.Call("getblock", block)!["tx"]![0]!.ToString();
        string psbt = rpc.Text(
            "createpsbt",
            new JsonArray(new JsonObject { ["txid"] = coin, ["vout"] = 0 }),
            new JsonArray(new JsonObject { [Address] = 1 }));
        string Origin(string of)
            => rpc.Call("decodepsbt", of)!["inputs"]![0]!["bip32_derivs"]![0]!["master_fingerprint"]!.ToString();

        string stated = rpc.Text("utxoupdatepsbt", psbt, new JsonArray($"wpkh([d34db33f/0h]{Key})"));
        string again = rpc.Text("utxoupdatepsbt", stated, new JsonArray($"wpkh({Key})"));

        Assert.That((Origin(stated), Origin(again)), Is.EqualTo(("d34db33f", "d34db33f")));
        string bare = rpc.Text("utxoupdatepsbt", psbt, new JsonArray($"wpkh({Key})"));
        Assert.That(Origin(bare), Is.Not.EqualTo("d34db33f"));
        Stop(node);
    }

    [Test]
    public void A_PSBT_is_signed_as_it_states_and_joined_without_signatures()
    {
        // The public test keys 1 and 2.
        const string First = "wpkh(cMahea7zqjxrtgAbB7LSGbcQUr1uX1ojuat9jZodMN87JcbXMTcA)";
        const string Other = "wpkh(02c6047f9441ed7d6d3045406e95c07cd85c778e4b8cef3ca7abac09b95c709ee5)";
        const string Wide = "ALL|ANYONECANPAY";
        RpcClient rpc = Run(out Host node, "-disablewallet");
        string descriptor = rpc.Call("getdescriptorinfo", First)!["descriptor"]!.ToString();
        JsonArray blocks = rpc.Call("generatetodescriptor", 2, descriptor)!.AsArray();
        string[] psbts = [.. blocks.Select(block => rpc.Text(
            "createpsbt",
            new JsonArray(new JsonObject
            {
                ["txid"] = rpc.Call("getblock", block!.ToString())!["tx"]![0]!.ToString(),
                ["vout"] = 0,
            }),
            new JsonArray(new JsonObject { [Address] = 1 }),
            0,
            true,
            2,
            0))];

        JsonNode foreign = rpc.Call("descriptorprocesspsbt", psbts[0], new JsonArray(Other), "ALL")!;
        JsonNode open = rpc.Call("descriptorprocesspsbt", psbts[0], new JsonArray(First), Wide, true, false)!;
        string stated = open["psbt"]!.ToString();
        JsonNode done = rpc.Call("descriptorprocesspsbt", stated, new JsonArray(First), Wide)!;
        string joined = rpc.Text("joinpsbts", new JsonArray(done["psbt"]!.ToString(), psbts[1]));

        Assert.That(foreign["complete"]!.GetValue<bool>(), Is.False);
        Assert.That(Inputs(foreign["psbt"]!.ToString())[0]!["sighash"], Is.Null, "the usual way is not stated");
        Assert.That((open["complete"]!.GetValue<bool>(), open["hex"]), Is.EqualTo((false, (JsonNode?)null)));
        Assert.That(Inputs(stated)[0]!["sighash"]!.ToString(), Is.EqualTo(Wide));
        Assert.That((done["complete"]!.GetValue<bool>(), done["hex"] is null), Is.EqualTo((true, false)));
        Assert.That(
            rpc.Error("descriptorprocesspsbt", stated, new JsonArray(First)),
            Is.EqualTo((-22, "Specified sighash value does not match value stored in PSBT")));
        Assert.That(
            Inputs(joined).Select(static input => input!["final_scriptwitness"] ?? input["partial_signatures"]),
            Is.EqualTo(new JsonNode[2]));
        Stop(node);

        JsonArray Inputs(string psbt) => rpc.Call("decodepsbt", psbt)!["inputs"]!.AsArray();
    }

    private string Kind => Currency.HasWitnesses ? "witness_v0_keyhash" : "pubkeyhash";

    private string Asm => Currency.HasWitnesses
        ? "0 751e76e8199196d454941c45d1b3a323f1433bd6"
        : "OP_DUP OP_HASH160 751e76e8199196d454941c45d1b3a323f1433bd6 OP_EQUALVERIFY OP_CHECKSIG";
}
