using System.Text.Json.Nodes;
using Bitcoin.Hosting;
using Bitcoin.Interfaces;
using Bitcoin.Node.Net;
using Bitcoin.Rpc;
using NBitcoin;

namespace Bitcoin.Node.Commands;

/// <summary>Methods about own transactions that are given to single peers.</summary>
internal sealed class PrivateBroadcastCommands(NodeContext node)
{
    private PrivateBroadcast Broadcast => node.Peers?.Private
        ?? throw Inputs.Error(
            RpcErrorCode.MethodNotFound,
            $"Private broadcast is not enabled. Ensure you're running {ClientName.Text} with -privatebroadcast=1.");

    internal void Register()
    {
        CommandGroup group = new(node.Rpc, "Rawtransactions");
        group.Add(
            "getprivatebroadcastinfo",
            "",
            "Returns information about transactions tracked for private broadcast.\nTransactions that were sent as "
                + "often as allowed remain, with attempts_remaining=0.",
            _ => new JsonObject { ["transactions"] = Values.Array(Broadcast.Queue.All.Select(Describe)) });
        group.Add(
            "abortprivatebroadcast",
            "id:text",
            "Abort private broadcast attempts for the transactions with an id, which is compared with txid and wtxid.",
            Abort);
    }

    private static JsonNode Describe(PrivateTransaction one)
    {
        JsonObject value = Describe(one.Transaction);
        value["time_added"] = one.Added.ToUnixTimeSeconds();
        value["attempts_remaining"] = one.Left;
        value["peers"] = Values.Array(one.Attempts.Select(static attempt =>
        {
            JsonObject peer = new()
            {
                ["address"] = attempt.Address.ToString(), ["sent"] = attempt.Chosen.ToUnixTimeSeconds(),
            };
            if (attempt.Confirmed is { } confirmed)
            {
                peer["received"] = confirmed.ToUnixTimeSeconds();
            }

            return (JsonNode)peer;
        }));
        return value;
    }

    private static JsonObject Describe(Transaction transaction) => new()
    {
        ["txid"] = transaction.GetHash().ToString(),
        ["wtxid"] = transaction.GetWitHash().ToString(),
        ["hex"] = Convert.ToHexStringLower(transaction.ToBytes()),
    };

    private JsonObject Abort(RpcCall call)
    {
        PrivateBroadcast broadcast = Broadcast;
        IReadOnlyList<Transaction> removed = broadcast.Abort(call.Hash(0, "id"));
        return removed.Count > 0
            ? new JsonObject
            {
                ["removed_transactions"] = Values.Array(removed.Select(static one => (JsonNode)Describe(one))),
            }
            : throw Inputs.Error(
                RpcErrorCode.InvalidAddressOrKey,
                "Transaction not in private broadcast queue. Check getprivatebroadcastinfo.");
    }
}
