using System.Text.Json.Nodes;
using Bitcoin.Primitives;
using Bitcoin.Rpc;

namespace Bitcoin.Node.Commands;

/// <summary>Transactions as JSON.</summary>
internal static class TransactionValues
{
    internal static JsonObject Describe(Transaction transaction, NetworkParameters network)
    {
        int weight = (3 * transaction.StrippedSize) + transaction.Size;
        return new JsonObject
        {
            ["txid"] = transaction.Txid.ToString(),
            ["hash"] = transaction.WitnessTxid.ToString(),
            ["version"] = transaction.Version,
            ["size"] = transaction.Size,
            ["vsize"] = (weight + 3) / 4,
            ["weight"] = weight,
            ["locktime"] = transaction.LockTime,
            ["vin"] = new JsonArray([.. transaction.Inputs.Select(Describe)]),
            ["vout"] = new JsonArray([.. transaction.Outputs.Select((output, i) => Describe(output, i, network))]),
            ["hex"] = Convert.ToHexStringLower(transaction.ToArray()),
        };
    }

    private static JsonObject Describe(TxIn input)
    {
        JsonObject value = [];
        string script = Convert.ToHexStringLower(input.ScriptSig.Span);
        if (input.Previous.IsNone)
        {
            value["coinbase"] = script;
        }
        else
        {
            value["txid"] = input.Previous.Txid.ToString();
            value["vout"] = input.Previous.Index;
            value["scriptSig"] = new JsonObject { ["hex"] = script };
        }

        if (input.Witness.Count > 0)
        {
            value["txinwitness"] = new JsonArray([.. input.Witness.Select(static item => (JsonNode)Convert.ToHexStringLower(item.Span))]);
        }

        value["sequence"] = input.Sequence;
        return value;
    }

    private static JsonObject Describe(TxOut output, int index, NetworkParameters network)
    {
        JsonObject script = new() { ["hex"] = Convert.ToHexStringLower(output.ScriptPubKey.Span) };
        if (Address.Format(output.ScriptPubKey.Span, network) is { } address)
        {
            script["address"] = address;
        }

        return new JsonObject { ["value"] = JsonText.Amount(output.Value), ["n"] = index, ["scriptPubKey"] = script };
    }
}
