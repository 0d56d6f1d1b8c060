using System.Text.Json.Nodes;
using Bitcoin.Functional.Support;

namespace Bitcoin.Functional.Deployments;

/// <summary>
/// The tests that run over the programs of every currency each time; ./eng/functional runs all others over any of them.
/// </summary>
[TestFixtureSource(typeof(HostFolder), nameof(HostFolder.AllCurrencies))]
internal sealed class PaymentTests(string program) : DeploymentTest(program)
{
    [Test]
    public void A_wallet_is_made_paid_unloaded_and_loaded()
    {
        RpcClient rpc = Run(out Host node);
        Assert.That(rpc.Error("getbalance").Code, Is.EqualTo(-18));
        Assert.That(rpc.Call("listwallets")!.ToJsonString(), Is.EqualTo("[]"));
        Assert.That(rpc.Call("createwallet", "w")!.ToJsonString(), Is.EqualTo("""{"name":"w"}"""));
        string address = rpc.Text("getnewaddress", "savings");

        rpc.Call("generatetoaddress", 101, address);

        Assert.That(rpc.Call("getbalance")!.ToJsonString(), Is.EqualTo(Subsidy));
        Assert.That(rpc.Call("getbalance", "*", 102)!.ToJsonString(), Is.EqualTo("0.00000000"));
        JsonNode info = rpc.Call("getwalletinfo")!;
        Assert.That(
            (
                info["walletname"]!.ToString(),
                info["txcount"]!.GetValue<int>(),
                info["lastprocessedblock"]!["height"]!.GetValue<int>()),
            Is.EqualTo(("w", 101, 101)));
        Assert.That(rpc.Call("unloadwallet", "w")!.ToJsonString(), Is.EqualTo("{}"));
        Assert.That(
            rpc.Error("unloadwallet", "w"), Is.EqualTo((-18, "Requested wallet does not exist or is not loaded")));
        Assert.That(rpc.Call("loadwallet", "w")!.ToJsonString(), Is.EqualTo("""{"name":"w"}"""));
        Assert.That(rpc.Call("getbalance")!.ToJsonString(), Is.EqualTo(Subsidy));
        Stop(node);
    }

    [Test]
    public void A_payment_is_signed_sent_bumped_and_confirmed()
    {
        RpcClient rpc = Run(out Host node, "-fallbackfee=0.0002");
        rpc.Call("createwallet", "payer");
        rpc.Call("createwallet", "payee");
        rpc.Call("generatetoaddress", 101, Rpc("payer").Text("getnewaddress"));
        string address = Rpc("payee").Text("getnewaddress", "rent", Currency.HasWitnesses ? "bech32m" : "legacy");

        string sent = Rpc("payer").Text("sendtoaddress", address, 1.5);
        JsonNode bumped = Rpc("payer").Call("bumpfee", sent)!;
        string id = bumped["txid"]!.ToString();

        Assert.That(rpc.Call("getrawmempool")!.ToJsonString(), Is.EqualTo($"[\"{id}\"]"), "the first one is replaced");
        Assert.That(bumped["fee"]!.GetValue<decimal>(), Is.GreaterThan(bumped["origfee"]!.GetValue<decimal>()));
        WaitUntil(
            () => Rpc("payee").Call("getbalances")!["mine"]!["untrusted_pending"]!.ToJsonString() == "1.50000000",
            "the other wallet was not told");
        rpc.Call("generatetoaddress", 1, address);
        Assert.That(Rpc("payee").Call("getreceivedbylabel", "rent")!.ToJsonString(), Is.EqualTo("1.50000000"));
        JsonNode first = Rpc("payer").Call("gettransaction", sent)!;
        Assert.That(
            (first["confirmations"]!.GetValue<int>(), first["replaced_by_txid"]!.ToString()), Is.EqualTo((-1, id)));
        Stop(node);
    }
}
