using System.Text.Json;
using System.Text.Json.Nodes;
using Bitcoin.Interfaces;
using Bitcoin.Rpc;
using NBitcoin;

namespace Bitcoin.Node.Commands;

/// <summary>gettxspendingprevout: finds the spenders of outputs in the pool, then in the index.</summary>
internal sealed class SpenderCommand(NodeContext node)
{
    internal JsonNode Run(RpcCall call)
    {
        JsonArray outputs = RpcValues.List(call.Params[0]);
        if (outputs.Count == 0)
        {
            throw Inputs.Error(RpcErrorCode.InvalidParameter, "Invalid parameter, outputs are missing");
        }

        JsonObject options = call.Params[1] as JsonObject ?? [];
        if (options.FirstOrDefault(static one => one.Key is not ("mempool_only" or "return_spending_tx")).Key
            is { } unknown)
        {
            throw Inputs.Error(RpcErrorCode.Type, $"Unexpected key {unknown}");
        }

        bool hasIndex = node.Indexes?.Has(IndexNames.Spenders) == true;
        bool isPoolOnly = options["mempool_only"] is { } only ? RpcValues.Bool(only) : !hasIndex;
        bool wantsTransaction = options["return_spending_tx"] is { } wanted && RpcValues.Bool(wanted);
        OutPoint[] ids = [.. outputs.Select(static output => Id(RpcValues.Map(output)))];
        JsonObject?[] results = new JsonObject?[ids.Length];
        lock (node.Tree.Gate)
        {
            for (int i = 0; i < ids.Length; i++)
            {
                Transaction? spender = node.Pool.SpenderOf(ids[i])?.Transaction;
                results[i] = spender is null && !isPoolOnly ? null : Describe(ids[i], spender, wantsTransaction);
            }
        }

        if (results.Contains(null) && (!hasIndex || !node.Indexes!.CatchUp(IndexNames.Spenders)))
        {
            throw Inputs.Error(
                RpcErrorCode.Misc, "Mempool lacks a relevant spend, and txospenderindex is unavailable.");
        }

        return new JsonArray(
            [.. results.Select((result, i) => result ?? FromIndex(ids[i], wantsTransaction))]);
    }

    private JsonObject FromIndex(OutPoint id, bool wantsTransaction)
    {
        if (node.Indexes!.FindSpender(id) is not { } spender)
        {
            return Describe(id, null, wantsTransaction);
        }

        Transaction transaction = node.Tree.Find(spender.Block) is { } place
            && node.ReadBlock(place).Transactions.Find(one => one.GetHash() == spender.Transaction) is { } found
            ? found
            : throw Inputs.Error(RpcErrorCode.Misc, $"The transaction {spender.Transaction} cannot be read.");
        JsonObject result = Describe(id, transaction, wantsTransaction);
        result["blockhash"] = spender.Block.ToString();
        return result;
    }

    private static JsonObject Describe(OutPoint id, Transaction? spender, bool wantsTransaction)
    {
        JsonObject result = new() { ["txid"] = id.Hash.ToString(), ["vout"] = (long)id.N };
        if (spender is not null)
        {
            result["spendingtxid"] = spender.GetHash().ToString();
            if (wantsTransaction)
            {
                result["spendingtx"] = spender.ToHex();
            }
        }

        return result;
    }

    private static OutPoint Id(JsonObject from)
    {
        JsonNode txid = Field(from, "txid", JsonValueKind.String, "string");
        JsonNode index = Field(from, "vout", JsonValueKind.Number, "number");
        if (from.FirstOrDefault(static one => one.Key is not ("txid" or "vout")).Key is { } unknown)
        {
            throw Inputs.Error(RpcErrorCode.Type, $"Unexpected key {unknown}");
        }

        uint256 hash = RpcValues.Hash(RpcValues.Text(txid), "txid");
        int number = RpcValues.Int(index);
        return number >= 0
            ? new OutPoint(hash, number)
            : throw Inputs.Error(RpcErrorCode.InvalidParameter, "Invalid parameter, vout cannot be negative");
    }

    private static JsonNode Field(JsonObject from, string name, JsonValueKind kind, string type)
    {
        JsonNode value = from[name] ?? throw Inputs.Error(RpcErrorCode.Type, $"Missing {name}");
        return value.GetValueKind() == kind
            ? value
            : throw Inputs.Error(
                RpcErrorCode.Type,
                $"JSON value of type {RpcValues.TypeOf(value)} for field {name} is not of expected type {type}");
    }
}
