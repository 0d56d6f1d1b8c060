using System.Text.Json.Nodes;
using Bitcoin.Chain;
using Bitcoin.Interfaces;
using Bitcoin.Rpc;
using NBitcoin;

namespace Bitcoin.Node.Commands;

/// <summary>Methods that use indexes.</summary>
internal sealed class IndexCommands(NodeContext node)
{
    private const string Basic = "basic";

    internal void Register()
    {
        CommandGroup util = new(node.Rpc, "Util");
        util.Add(
            "getindexinfo",
            "index_name:text?",
            "Returns the status of one or all available indices currently running in the node.",
            Info,
            waits: true);
        CommandGroup chain = new(node.Rpc, "Blockchain");
        chain.Add(
            "getblockfilter",
            "blockhash:text filtertype:text?",
            "Retrieve a BIP 157 content filter for a particular block.",
            Filter,
            waits: true);
    }

    /// <summary>The statistics of the coins after a block, from the index.</summary>
    /// <param name="node">The node.</param>
    /// <param name="block">The block; null for the tip.</param>
    /// <param name="withHash">Whether to return the hash of the set.</param>
    internal static JsonObject Statistics(NodeContext node, ChainBlock? block, bool withHash)
    {
        bool isReady = node.Indexes!.CatchUp(IndexNames.Statistics);
        int height = isReady
            ? 0
            : node.Indexes.Summaries().First(static summary => summary.Name == IndexNames.Statistics).Height;
        if (!isReady && block is not null && block.Height > height)
        {
            throw Inputs.Error(
                RpcErrorCode.InternalError,
                $"Unable to get data because coinstatsindex is still syncing. Current height: {height}");
        }

        block ??= node.Tree.Tip;
        CoinSetStatistics found = node.Indexes.GetStatistics(block.Hash)
            ?? throw Inputs.Error(RpcErrorCode.InternalError, "Unable to read UTXO set");
        JsonObject result = new()
        {
            ["height"] = block.Height,
            ["bestblock"] = block.Hash.ToString(),
            ["txouts"] = found.Count,
            ["bogosize"] = found.BogoSize,
        };
        if (withHash)
        {
            result["muhash"] = found.MuHash.ToString();
        }

        LostAmounts lost = found.Lost;
        result["total_amount"] = JsonText.Amount(found.Amount.Satoshi);
        result["total_unspendable_amount"] = JsonText.Amount(found.Unspendable.Satoshi);
        result["block_info"] = new JsonObject
        {
            ["prevout_spent"] = JsonText.Amount(found.Spent.Satoshi),
            ["coinbase"] = JsonText.Amount(found.Coinbase.Satoshi),
            ["new_outputs_ex_coinbase"] = JsonText.Amount(found.Created.Satoshi),
            ["unspendable"] = JsonText.Amount((lost.Genesis + lost.Duplicates + lost.Scripts + lost.Unclaimed).Satoshi),
            ["unspendables"] = new JsonObject
            {
                ["genesis_block"] = JsonText.Amount(lost.Genesis.Satoshi),
                ["bip30"] = JsonText.Amount(lost.Duplicates.Satoshi),
                ["scripts"] = JsonText.Amount(lost.Scripts.Satoshi),
                ["unclaimed_rewards"] = JsonText.Amount(lost.Unclaimed.Satoshi),
            },
        };
        return result;
    }

    private JsonObject Info(RpcCall call)
    {
        string name = call.Text(0, "");
        return new JsonObject((node.Indexes?.Summaries() ?? [])
            .Where(summary => name.Length == 0 || summary.Name == name)
            .Select(static summary => KeyValuePair.Create(
                summary.Name,
                (JsonNode?)new JsonObject
                {
                    ["synced"] = summary.IsSynced,
                    ["best_block_height"] = summary.Height
                })));
    }

    private JsonObject Filter(RpcCall call)
    {
        uint256 hash = call.Hash(0, "blockhash");
        string type = call.Text(1, Basic);
        if (type != Basic)
        {
            throw Inputs.Error(RpcErrorCode.InvalidAddressOrKey, "Unknown filtertype");
        }

        if (node.Indexes?.Has(IndexNames.BasicFilters) != true)
        {
            throw Inputs.Error(RpcErrorCode.Misc, $"Index is not enabled for filtertype {type}");
        }

        ChainBlock block = node.Tree.Find(hash)
            ?? throw Inputs.Error(RpcErrorCode.InvalidAddressOrKey, "Block not found");
        bool isReady = node.Indexes.CatchUp(IndexNames.BasicFilters);
        if (node.Indexes.GetFilters([hash])[0] is { } filter)
        {
            return new JsonObject
            {
                ["filter"] = Convert.ToHexStringLower(filter.Data),
                ["header"] = filter.Header.ToString(),
            };
        }

        throw (block.Status & BlockStatus.ScriptsChecked) == 0 ? Inputs.Error(
            RpcErrorCode.InvalidAddressOrKey, "Filter not found. Block was not connected to active chain.")
            : !isReady ? Inputs.Error(
                RpcErrorCode.Misc, "Filter not found. Block filters are still in the process of being indexed.")
            : Inputs.Error(
                RpcErrorCode.InternalError,
                "Filter not found. This error is unexpected and indicates index corruption.");
    }
}
