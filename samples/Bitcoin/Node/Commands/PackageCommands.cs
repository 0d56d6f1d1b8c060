using System.Text.Json.Nodes;
using Bitcoin.Interfaces;
using Bitcoin.Node.Mempool;
using Bitcoin.Rpc;
using NBitcoin;

namespace Bitcoin.Node.Commands;

/// <summary>The method that submits several transactions together.</summary>
internal sealed class PackageCommands(NodeContext node)
{
    internal void Register()
        => new CommandGroup(node.Rpc, "Rawtransactions").Add(
            "submitpackage",
            "package:list maxfeerate:any? maxburnamount:any?",
            "Submit a package of raw transactions (serialized, hex-encoded) to local node.\nThe package will be "
                + "validated according to consensus and mempool policy rules. If any transaction passes, it will be "
                + "accepted to mempool.",
            Submit);

    private JsonObject Submit(RpcCall call)
    {
        JsonArray raw = RpcValues.List(call.Params[0]);
        if (raw.Count is < 1 or > PoolPackages.MaxCount)
        {
            throw Inputs.Error(
                RpcErrorCode.InvalidParameter,
                $"Array must contain between 1 and {PoolPackages.MaxCount} transactions.");
        }

        Transaction[] transactions =
            [
                .. raw.Select(
                    item => node.Transaction(
                        RpcValues.Text(item), $"TX decode failed: {item} Make sure the tx has at least one input.")),
            ];
        RelayRate? most = MempoolCommands.MaxFeeRate(call, 1) is { PerKilobyte: > 0 } rate ? rate : null;
        Array.ForEach(transactions, transaction => MempoolCommands.CheckBurn(call, 2, transaction));
        string? error;
        List<PoolResult> results;
        IReadOnlyList<Transaction> joint;
        Transaction[] known;
        lock (node.Tree.Gate)
        {
            known = [.. transactions.Where(transaction => node.Pool.Find(transaction.GetHash()) is not null)];
            (error, results, joint) = node.Pool.Packages.Submit(transactions, most);
        }

        if (error is "package-not-child-with-parents")
        {
            throw Inputs.Error(
                -25, "package topology disallowed. not child-with-parents or parents depend on each other.");
        }

        JsonObject byHash = [];
        HashSet<string> replaced = [];
        for (int i = 0; i < transactions.Length; i++)
        {
            Transaction transaction = transactions[i];
            JsonObject value = new() { ["txid"] = transaction.GetHash().ToString() };
            byHash[transaction.GetWitHash().ToString()] = value;
            if (i >= results.Count)
            {
                value["error"] = "package-not-validated";
                continue;
            }

            PoolEntry? entry;
            lock (node.Tree.Gate)
            {
                entry = node.Pool.Find(transaction.GetHash());
            }

            if (entry is null)
            {
                value["error"] = results[i].Refusal?.ToString() ?? "unknown";
                continue;
            }

            value["vsize_adjusted"] = entry.Size;
            value["vsize"] = entry.Size;
            value["vsize_bip141"] = (entry.Weight + 3) / 4;
            JsonObject fees = new() { ["base"] = JsonText.Amount(entry.Fee) };
            if (results[i].Refusal is null)
            {
                Transaction[] together = joint.Contains(transaction) ? [.. joint] : [transaction];
                PoolEntry[] entries =
                    [
                        .. together.Select(other => node.Pool.Find(other.GetHash())).OfType<PoolEntry>(),
                    ];
                fees["effective-feerate"] = JsonText.Amount(
                    RelayRate.Of(
                        entries.Sum(static one => one.ModifiedFee),
                        entries.Sum(static one => (long)one.Size)).PerKilobyte);
                fees["effective-includes"] = Values.Strings(
                    together.Select(static other => other.GetWitHash().ToString()));
                if (known.Contains(transaction))
                {
                    node.Peers?.News.Announce(transaction);
                }
            }

            value["fees"] = fees;
            foreach (PoolEntry gone in results[i].Replaced ?? [])
            {
                replaced.Add(gone.Txid.ToString());
            }
        }

        return new JsonObject
        {
            ["package_msg"] = error ?? "success",
            ["tx-results"] = byHash,
            ["replaced-transactions"] = Values.Strings(replaced),
        };
    }
}
