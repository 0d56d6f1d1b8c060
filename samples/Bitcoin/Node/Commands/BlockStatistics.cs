using System.Text.Json.Nodes;
using Bitcoin.Chain;
using Bitcoin.Chain.Coins;
using Bitcoin.Chain.Rules;
using Bitcoin.Interfaces;
using Bitcoin.Rpc;
using NBitcoin;

namespace Bitcoin.Node.Commands;

/// <summary>
/// Totals over the transactions of a block. Amounts are in satoshis, fee rates in satoshis for a virtual byte.
/// </summary>
internal sealed class BlockStatistics(NodeContext node)
{
    // The bytes besides amount and script: the output's id, and its height with the mark of a coinbase.
    private const long OverheadBytes = 32 + 4 + 4;

    internal void Register()
    {
        new CommandGroup(node.Rpc, "Blockchain").Add(
            "getblockstats",
            "hash_or_height:any stats:list?=stats",
            "Compute per block statistics for a given window. All amounts are in the smallest unit.\nIt won't work for some "
                + "heights with pruning.",
            Get);
    }

    private JsonNode Get(RpcCall call)
    {
        ChainBlock place = node.BlockByHashOrHeight(call.Params[0]);
        string[] wanted = call.IsGiven(1) ? [.. RpcValues.List(call.Params[1]).Select(RpcValues.Text)] : [];
        Block block = node.ReadBlock(place);
        List<UnspentCoin[]> spent = node.Tree.ReadUndo(place)
            ?? throw Inputs.Error(RpcErrorCode.Misc, "Undo data not available (pruned data)");
        JsonObject all = Compute(place, block, spent);
        if (wanted.Length == 0)
        {
            return all;
        }

        JsonObject chosen = [];
        foreach (string name in wanted)
        {
            chosen[name] = all[name]?.DeepClone()
                ?? throw Inputs.Error(RpcErrorCode.InvalidParameter, $"Invalid selected statistic '{name}'");
        }

        return chosen;
    }

    private JsonObject Compute(ChainBlock place, Block block, List<UnspentCoin[]> spent)
    {
        long outputs = 0, inputs = 0, totalOut = 0, unspent = 0, growth = 0, actualGrowth = 0,
            witnessSize = 0, witnessWeight = 0, witnessCount = 0;
        List<long> fees = [], sizes = [];
        List<(long Rate, long Weight)> rates = [];
        for (int i = 0; i < block.Transactions.Count; i++)
        {
            Transaction transaction = block.Transactions[i];
            outputs += transaction.Outputs.Count;
            long made = 0;
            foreach (TxOut output in transaction.Outputs)
            {
                made += output.Value.Satoshi;
                long size = output.GetSerializedSize() + OverheadBytes;
                growth += size;
                if (place.Height > 0 && !CoinLayer.IsUnspendable(output.ScriptPubKey))
                {
                    unspent++;
                    actualGrowth += size;
                }
            }

            if (transaction.IsCoinBase)
            {
                continue;
            }

            inputs += transaction.Inputs.Count;
            totalOut += made;
            long bytes = transaction.Total();
            long weight = transaction.Weight();
            sizes.Add(bytes);
            if (transaction.HasWitness)
            {
                witnessCount++;
                witnessSize += bytes;
                witnessWeight += weight;
            }

            foreach (UnspentCoin coin in spent[i - 1])
            {
                long size = coin.ToOutput().GetSerializedSize() + OverheadBytes;
                growth -= size;
                actualGrowth -= size;
            }

            long fee = spent[i - 1].Sum(static coin => coin.Value) - made;
            fees.Add(fee);
            rates.Add((weight == 0 ? 0 : fee * 4 / weight, weight));
        }

        long totalWeight = rates.Sum(static rate => rate.Weight);
        long totalFee = fees.Sum();
        JsonObject statistics = new()
        {
            ["avgfee"] = fees.Count == 0 ? 0 : totalFee / fees.Count,
            ["avgfeerate"] = totalWeight == 0 ? 0 : totalFee * 4 / totalWeight,
            ["avgtxsize"] = sizes.Count == 0 ? 0 : sizes.Sum() / sizes.Count,
            ["blockhash"] = place.Hash.ToString(),
            ["feerate_percentiles"] = Percentiles(rates, totalWeight),
            ["height"] = place.Height,
            ["ins"] = inputs,
            ["maxfee"] = fees.Count == 0 ? 0 : Math.Max(0, fees.Max()),
            ["maxfeerate"] = rates.Count == 0 ? 0 : Math.Max(0, rates.Max(static rate => rate.Rate)),
            ["maxtxsize"] = sizes.Count == 0 ? 0 : sizes.Max(),
            ["medianfee"] = Median(fees),
            ["mediantime"] = place.MedianTimePast,
            ["mediantxsize"] = Median(sizes),
            ["minfee"] = fees.Count == 0 ? 0 : fees.Min(),
            ["minfeerate"] = rates.Count == 0 ? 0 : rates.Min(static rate => rate.Rate),
            ["mintxsize"] = sizes.Count == 0 ? 0 : sizes.Min(),
            ["outs"] = outputs,
            ["subsidy"] = ProofOfWork.Reward(node.Tree.Network, place.Previous).Subsidy,
            ["swtotal_size"] = witnessSize,
            ["swtotal_weight"] = witnessWeight,
            ["swtxs"] = witnessCount,
            ["time"] = place.Time,
            ["total_out"] = totalOut,
            ["total_size"] = sizes.Sum(),
            ["total_weight"] = totalWeight,
            ["totalfee"] = totalFee,
            ["txs"] = block.Transactions.Count,
            ["utxo_increase"] = outputs - inputs,
            ["utxo_size_inc"] = growth,
            ["utxo_increase_actual"] = unspent - inputs,
            ["utxo_size_inc_actual"] = actualGrowth,
        };
        Values.AddShares(statistics, node.Tree.Network, place.Previous);
        return statistics;
    }

    private static long Median(List<long> values)
    {
        if (values.Count == 0)
        {
            return 0;
        }

        long[] sorted = [.. values.Order()];
        int middle = sorted.Length / 2;
        return sorted.Length % 2 == 0 ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle];
    }

    /// <summary>
    /// The fee rates at 10, 25, 50, 75 and 90 percent of the weight.
    /// </summary>
    private static JsonArray Percentiles(List<(long Rate, long Weight)> rates, long totalWeight)
    {
        double[] limits =
            [
                totalWeight / 10.0,
                totalWeight / 4.0,
                totalWeight / 2.0,
                totalWeight * 3.0 / 4.0,
                totalWeight * 9.0 / 10.0,
            ];
        long[] result = new long[limits.Length];
        rates.Sort();
        long sum = 0;
        int next = 0;
        foreach ((long rate, long weight) in rates)
        {
            sum += weight;
            while (next < limits.Length && sum >= limits[next])
            {
                result[next++] = rate;
            }
        }

        for (; rates.Count > 0 && next < limits.Length; next++)
        {
            result[next] = rates[^1].Rate;
        }

        return Values.Array(result.Select(static rate => (JsonNode)rate));
    }
}
