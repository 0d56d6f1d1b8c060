using System.Text.Json.Nodes;
using Bitcoin.Interfaces;
using Bitcoin.Primitives;
using Bitcoin.Rpc;
using Bitcoin.Wallet.Coins;
using Bitcoin.Wallet.Keys;
using Bitcoin.Wallet.Storage;
using NBitcoin;

namespace Bitcoin.Wallet.Rpc;

/// <summary>Methods that sum up what addresses and labels have received.</summary>
internal sealed class ReceivedCommands(WalletRpc rpc)
{
    internal IEnumerable<RpcCommand> All =>
    [
        rpc.Synced(
            "listreceivedbyaddress",
            "minconf:number? include_empty:bool? include_watchonly:bool? address_filter:text? "
                + "include_immature_coinbase:bool?",
            "List balances by receiving address.",
            (wallet, call) => Received(wallet, call, byLabel: false, call.Bool(4))),
        rpc.Synced(
            "listreceivedbylabel",
            "minconf:number? include_empty:bool? include_watchonly:bool? include_immature_coinbase:bool?",
            "List received transactions by label.",
            (wallet, call) => Received(wallet, call, byLabel: true, call.Bool(3))),
    ];

    private JsonArray Received(DescriptorWallet wallet, RpcCall call, bool byLabel, bool withImmature)
    {
        int least = call.Int(0, 1);
        bool withEmpty = call.Bool(1);
        Script? filter = null;
        if (!byLabel && call.Has(3) && call.Text(3).Length > 0)
        {
            filter = Address.TryParse(call.Text(3), rpc.Network, out Script? parsed)
                ? parsed
                : throw new RpcException(RpcErrorCode.Wallet, "address_filter parameter was invalid");
        }

        Dictionary<Script, Tally> tallies = [];
        foreach (WalletTransaction transaction in wallet.Ledger.InOrder.Where(
            one => CoinCommands.Counts(wallet, one, least, withImmature)))
        {
            foreach (TxOut output in transaction.Transaction.Outputs.Where(
                output => rpc.AddressOf(
                    output.ScriptPubKey) is not null && wallet.Keys.IsMine(output.ScriptPubKey) && (filter is null
                        || filter == output.ScriptPubKey)))
            {
                if (!tallies.TryGetValue(output.ScriptPubKey, out Tally? tally))
                {
                    tallies[output.ScriptPubKey] = tally = new Tally();
                }

                tally.Add(output.Value.Satoshi, wallet.Ledger.DepthOf(transaction));
                tally.Ids.Add(transaction.Id.ToString());
            }
        }

        JsonArray reply = [];
        SortedDictionary<string, Tally> labels = new(StringComparer.Ordinal);
        foreach ((Script script, AddressEntry entry) in wallet.Book.Entries)
        {
            bool isThere = tallies.TryGetValue(script, out Tally? tally);
            if (entry.IsChange
                || (filter is not null && filter != script)
                || (!isThere && (!withEmpty || !wallet.Keys.IsMine(script))))
            {
                continue;
            }

            if (byLabel)
            {
                if (!labels.TryGetValue(entry.Label!, out Tally? whole))
                {
                    labels[entry.Label!] = whole = new Tally();
                }

                whole.Add(tally?.Amount ?? 0, tally?.Depth ?? int.MaxValue);
                continue;
            }

            reply.Add((JsonNode)new JsonObject
            {
                ["address"] = rpc.AddressOf(script),
                ["amount"] = Args.Value(tally?.Amount ?? 0),
                ["confirmations"] = tally?.ShownDepth ?? 0,
                ["label"] = entry.Label,
                ["txids"] = Args.Strings(tally?.Ids ?? []),
            });
        }

        foreach ((string label, Tally tally) in labels)
        {
            reply.Add((JsonNode)new JsonObject
            {
                ["amount"] = Args.Value(tally.Amount),
                ["confirmations"] = tally.ShownDepth,
                ["label"] = label
            });
        }

        return reply;
    }

    private sealed class Tally
    {
        internal long Amount { get; private set; }

        internal int Depth { get; private set; } = int.MaxValue;

        internal int ShownDepth => Depth == int.MaxValue ? 0 : Depth;

        internal List<string> Ids { get; } = [];

        internal void Add(long amount, int depth)
        {
            Amount += amount;
            Depth = Math.Min(Depth, depth);
        }
    }
}
