using Bitcoin.Chain;
using NBitcoin;

namespace Bitcoin.Node.Mempool;

/// <summary>
/// Replacement by a package: a parent that is too cheap to replace its conflicts, and a child that pays for both. Used
/// under the tree's gate.
/// </summary>
internal sealed class PackageReplacement(TransactionPool pool)
{
    private const int MaxClusters = 100;

    /// <summary>The entries that a package would replace, with all dependents.</summary>
    internal HashSet<PoolEntry> Replaced(IReadOnlyList<Transaction> package)
    {
        return
        [
            .. package.SelectMany(static transaction => transaction.Inputs)
                .Select(input => pool.SpenderOf(input.PrevOut))
                .OfType<PoolEntry>()
                .SelectMany(static entry => entry.Descendants()),
        ];
    }

    /// <summary>Why a package may not replace entries; null where it may.</summary>
    /// <returns>The error of the package; otherwise the failed transaction and its error.</returns>
    internal (string? Package, int Index, Refusal? Refusal) Check(
        IReadOnlyList<Transaction> package, HashSet<PoolEntry> replaced)
    {
        if (package.Count != 2)
        {
            return ("package RBF failed: package must be 1-parent-1-child", 0, null);
        }

        uint256 parent = package[0].GetHash();
        if (package.Any(one => one.Inputs.Any(
            input => input.PrevOut.Hash != parent && pool.Find(input.PrevOut.Hash) is not null)))
        {
            return ("package RBF failed: new transaction cannot have mempool ancestors", 0, null);
        }

        HashSet<Cluster> touched = [.. replaced.Select(static entry => entry.Cluster)];
        if (touched.Count > MaxClusters)
        {
            return ("package RBF failed: too many potential replacements", 0, null);
        }

        List<Chunk> before = [.. touched.SelectMany(static cluster => cluster.Chunks)];
        HashSet<PoolEntry> staying = [.. touched.SelectMany(static cluster => cluster.Members)];
        staying.ExceptWith(replaced);
        long fees = replaced.Sum(static entry => entry.ModifiedFee);
        return pool.Try<(string?, int, Refusal?)>(replaced, () =>
        {
            List<PoolEntry> added = [];
            for (int i = 0; i < package.Count; i++)
            {
                PoolResult result = pool.Acceptance.AcceptLocked(package[i], new AcceptOptions { IsInPackage = true });
                if (result.Refusal is { } refusal)
                {
                    return (null, i, refusal);
                }

                added.Add(result.Entry!);
            }

            return (WrongWith(added, fees, before, staying), 0, null);
        });
    }

    private string? WrongWith(
        List<PoolEntry> added, long replacedFees, List<Chunk> before, HashSet<PoolEntry> staying)
    {
        long fee = added.Sum(static entry => entry.ModifiedFee);
        long size = added.Sum(static entry => (long)entry.Size);
        long relay = pool.Options.Incremental.For(size);
        if (fee - replacedFees < relay)
        {
            string why = fee < replacedFees
                ? $"less fees than conflicting txs; {PoolAcceptance.Amount(fee)} < "
                    + PoolAcceptance.Amount(replacedFees)
                : $"not enough additional fees to relay; {PoolAcceptance.Amount(fee - replacedFees)} < "
                    + PoolAcceptance.Amount(relay);
            return $"package RBF failed: insufficient anti-DoS fees, rejecting replacement {added[^1].Txid}, {why}";
        }

        // Otherwise the parent should be checked alone.
        if ((Int128)fee * added[0].Size <= (Int128)added[0].ModifiedFee * size)
        {
            return "package RBF failed: package feerate is less than or equal to parent feerate, package feerate "
                + $"{RelayRate.Of(fee, size)} <= parent feerate is {RelayRate.Of(added[0].ModifiedFee, added[0].Size)}";
        }

        HashSet<Cluster> after =
            [
                .. staying.Select(static entry => entry.Cluster), .. added.Select(static entry => entry.Cluster),
            ];
        return FeeDiagram.Improves(before, [.. after.SelectMany(static cluster => cluster.Chunks)])
            ? null
            : "package RBF failed: insufficient feerate: does not improve feerate diagram";
    }
}
