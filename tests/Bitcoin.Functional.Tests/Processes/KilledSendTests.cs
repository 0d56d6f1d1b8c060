using System.Globalization;
using System.Text.Json.Nodes;
using Bitcoin.Functional.Support;

namespace Bitcoin.Functional.Processes;

/// <summary>Processes that are killed, as the system would, while a payment is made.</summary>
internal sealed class KilledSendTests : ProcessTest
{
    private const string Wallet = "w";

    /// <summary>When the signal is sent. What the process has done until it arrives is up to the machine.</summary>
    public enum Moment
    {
        /// <summary>The node has taken the request.</summary>
        Asked,

        /// <summary>The payment is in the node's pool; the answer may be on its way.</summary>
        InPool,
    }

    [Test]
    public void A_payment_is_neither_lost_nor_doubled_when_its_wallet_process_is_killed([Values] Moment moment)
    {
        RpcClient rpc = RunNode(out Host node, "-debug=rpc");
        Fund(rpc);
        int wallet = StartedBy("debug.log", "bitcoin-wallet");

        string? told = SendAndKill(moment, () => Host.Send("KILL", wallet));

        WaitForLog($"{wallet} ended");
        rpc.Call("loadwallet", Wallet);
        CheckPaidOnce(rpc, told);
        Stop(node);
    }

    [Test]
    public void A_payment_is_neither_lost_nor_doubled_when_its_node_is_killed([Values] Moment moment)
    {
        RpcClient rpc = RunNode(out Host node, "-debug=rpc");
        Fund(rpc);
        int wallet = StartedBy("debug.log", "bitcoin-wallet");

        string? told = SendAndKill(moment, node.Kill);

        // It ends with its node, and holds the wallet's file until then.
        WaitUntil(() => !Directory.Exists($"/proc/{wallet}"), "the wallet process is still there");
        rpc = RunNode(out node, "-debug=rpc");
        CheckPaidOnce(rpc, told);
        Stop(node);
    }

    private void Fund(RpcClient rpc)
    {
        rpc.Call("createwallet", Wallet, false, false, "", false, true, true);
        rpc.Call("generatetoaddress", 1, rpc.Text("getnewaddress"));
        rpc.Call("generatetoaddress", 100, Address);
    }

    /// <summary>Pays, kills in the middle, and gives the transaction that the user was told; null for none.</summary>
    private string? SendAndKill(Moment moment, Action kill)
    {
        RpcClient rpc = Rpc();
        JsonObject? reply = null;
        Thread paying = new(() =>
        {
            try
            {
                reply = Pay();
            }
            catch (Exception exception) when (exception is HttpRequestException or IOException)
            {
                // The node is gone.
            }
        });
        paying.Start();
        WaitUntil(
            () => !paying.IsAlive || (moment == Moment.Asked
                ? Log().Contains("method=sendtoaddress", StringComparison.Ordinal)
                : rpc.Call("getrawmempool")!.AsArray().Count > 0),
            "the payment does not begin");

        kill();

        Assert.That(paying.Join(Host.Patience), Is.True);
        return reply?["result"]?.ToString();
    }

    private void CheckPaidOnce(RpcClient rpc, string? told)
    {
        string[] known = Payments();
        Assert.That(known, Has.Length.LessThanOrEqualTo(1), "not doubled");
        if (told is not null)
        {
            Assert.That(known, Is.EqualTo(new[] { told }), "who was told of a payment finds it");
        }

        Assert.That(Pool(), Is.SubsetOf(known), "the wallet knows what it has paid");
        if (known.Length == 0)
        {
            // Nothing has left the wallet: the user pays again.
            known = [Pay()["result"]!.ToString()];
        }

        WaitUntil(() => Pool().SequenceEqual(known), "the payment comes to the node again");
        rpc.Call("generatetoaddress", 1, AddressOfNobody());
        JsonNode block = rpc.Call("getblock", rpc.Text("getbestblockhash"), 2)!;
        int paid = block["tx"]!.AsArray().Skip(1)
            .SelectMany(static transaction => transaction!["vout"]!.AsArray())
            .Count(output => output!["scriptPubKey"]!["hex"]!.ToString() == AddressScript);
        Assert.That(paid, Is.EqualTo(1));
        Assert.That(
            Rpc(Wallet).Call("gettransaction", known[0])!["confirmations"]!.GetValue<int>(), Is.EqualTo(1));
        decimal left = Rpc(Wallet).Call("getbalance")!.GetValue<decimal>();
        Assert.That(
            left,
            Is.InRange(48.99m, 49m),
            string.Create(CultureInfo.InvariantCulture, $"one payment has left the wallet, and {left} remain"));

        string[] Pool() => [.. rpc.Call("getrawmempool")!.AsArray().Select(static id => id!.ToString())];
    }

    private JsonObject Pay() => Rpc(Wallet).Ask(
        "sendtoaddress", new JsonObject { ["address"] = Address, ["amount"] = 1, ["fee_rate"] = 10 });

    private string[] Payments()
    {
        return
        [
            .. Rpc(Wallet).Call("listtransactions", "*", 1000)!.AsArray()
                .Where(static line => line!["category"]!.ToString() == "send")
                .Select(static line => line!["txid"]!.ToString())
                .Distinct(),
        ];
    }

    // Not the address that is paid: the block's reward would count.
    private string AddressOfNobody() => Rpc(Wallet).Text("getnewaddress");
}
