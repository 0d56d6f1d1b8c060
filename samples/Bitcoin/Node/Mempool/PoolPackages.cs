using Bitcoin.Chain;
using NBitcoin;

namespace Bitcoin.Node.Mempool;

/// <summary>Submits several transactions together: a child may pay for its parents.</summary>
internal sealed class PoolPackages(TransactionPool pool)
{
    internal const int MaxCount = 25;

    private const int MaxWeight = 404_000;

    /// <summary>Whether transactions would be accepted one after the other. Called under the tree's gate.</summary>
    /// <returns>For each its result, if it was tested, and the error of the package.</returns>
    internal List<(PoolResult? Result, string? PackageError)> Test(IReadOnlyList<Transaction> transactions)
    {
        if (WrongWith(transactions) is { } error)
        {
            return [.. transactions.Select(_ => ((PoolResult?)null, (string?)error))];
        }

        List<(PoolResult?, string?)> results = [];
        List<PoolEntry> added = [];
        pool.IsSilent = true;
        try
        {
            foreach (Transaction transaction in transactions)
            {
                PoolResult result = pool.Acceptance.AcceptLocked(
                    transaction, new AcceptOptions { AllowsReplacement = false, IsInPackage = true, ChecksFee = true });
                if (result.Refusal is null)
                {
                    added.Add(result.Entry!);
                    results.Add((result, null));
                    continue;
                }

                // If several of them form one cluster, no single one is the cause.
                const string TooLarge = "too-large-cluster";
                if (result.Refusal.Reason == TooLarge && results.Count > 0)
                {
                    return [.. transactions.Select(static _ => ((PoolResult?)null, (string?)TooLarge))];
                }

                // Nor where a transaction breaks the rules of its version together with another one of the package.
                if (result.Refusal.Reason == PoolAcceptance.TrucViolation
                    && IsRelated(transaction, transactions))
                {
                    string violation = result.Refusal.ToString();
                    return [.. transactions.Select(_ => ((PoolResult?)null, (string?)violation))];
                }

                // Scripts are checked last. If a script failed, the transactions before it are valid; after other
                // failures their state is unknown.
                int before = result.Refusal.Reason.StartsWith(
                    "mempool-script-verify-flag-failed", StringComparison.Ordinal)
                    ? results.Count
                    : 0;
                return before > 0
                    ? [
                        .. results,
                        (result, null),
                        .. transactions.Skip(before + 1).Select(static _ => ((PoolResult?)null, (string?)null))
                    ]
                    : [
                        .. transactions.Select(
                            other => other == transaction ? (result, (string?)null) : ((PoolResult?)null, null))
                    ];
            }

            return results;
        }
        finally
        {
            foreach (PoolEntry entry in Enumerable.Reverse(added))
            {
                pool.Remove(entry, "test");
            }

            pool.IsSilent = false;
        }
    }

    /// <summary>Submits transactions, parents first. Called under the tree's gate.</summary>
    /// <returns>The error of the package, and the result of each transaction.</returns>
    internal (string? PackageError, List<PoolResult> Results, IReadOnlyList<Transaction> Joint) Submit(
        IReadOnlyList<Transaction> transactions, RelayRate? maxFeeRate = null)
    {
        if (WrongWith(transactions) is { } error)
        {
            return (error, [], []);
        }

        if (transactions.Count > 1 && !IsChildWithParents(transactions))
        {
            return ("package-not-child-with-parents", [], []);
        }

        PoolResult[] results = new PoolResult[transactions.Count];
        List<int> deferred = [];
        for (int i = 0; i < transactions.Count; i++)
        {
            // Not trimmed in between: a child may pay for parents that would go.
            results[i] = pool.Acceptance.AcceptLocked(
                transactions[i], new AcceptOptions { LeavesSize = true, MaxFeeRate = maxFeeRate });
            RefusalKind? kind = results[i].Refusal?.Kind;
            bool mayDefer = kind == RefusalKind.Reconsiderable
                || (kind == RefusalKind.MissingInputs && deferred.Count > 0);
            if (mayDefer)
            {
                deferred.Add(i);
            }
        }

        // A single one, which no other can help, fails alone.
        if (deferred.Count < 2)
        {
            bool hasFailed = !KeepsAll(results)
                || results.Any(static result => result.Refusal is { Kind: not RefusalKind.Conflict });
            return (hasFailed ? "transaction failed" : null, [.. results], []);
        }

        Transaction[] together = [.. deferred.Select(i => transactions[i])];
        PackageReplacement replacement = new(pool);
        HashSet<PoolEntry> replaced = replacement.Replaced(together);
        if (replaced.Count > 0)
        {
            (string? wrong, int index, Refusal? refused) = replacement.Check(together, replaced);
            if (wrong is not null)
            {
                KeepsAll(results);
                return (wrong, [], []);
            }

            if (refused is not null)
            {
                results[deferred[index]] = new PoolResult(refused);
                KeepsAll(results);
                return ("transaction failed", [.. results], []);
            }

            foreach (PoolEntry gone in replaced.OrderByDescending(static entry => entry.Ancestors().Count).ToArray())
            {
                pool.Remove(gone, "replaced");
            }
        }

        PoolResult[] alone = [.. results];
        int failed = deferred[^1];
        List<PoolEntry> added = [];
        Refusal? failure = null;
        foreach (int i in deferred)
        {
            results[i] = pool.Acceptance.AcceptLocked(
                transactions[i], new AcceptOptions { IsInPackage = true, MaxFeeRate = maxFeeRate });
            if (results[i].Refusal is { } refusal)
            {
                (failure, failed) = (refusal, i);
                break;
            }

            added.Add(results[i].Entry!);
        }

        if (replaced.Count > 0 && failure is null)
        {
            results[deferred[0]] = results[deferred[0]] with { Replaced = [.. replaced] };
        }

        failure ??= pool.Acceptance.CheckFee(
            added.Sum(static entry => (long)entry.Size), added.Sum(static entry => entry.ModifiedFee));
        bool hasPassed = failure is null;
        if (hasPassed)
        {
            pool.LimitSize();
            failure = added.TrueForAll(entry => pool.Find(entry.Txid) is not null)
                ? null
                : new Refusal("mempool full", "", RefusalKind.Reconsiderable);
        }

        if (failure is not null)
        {
            foreach (PoolEntry entry in Enumerable.Reverse(added))
            {
                if (pool.Find(entry.Txid) is not null)
                {
                    pool.RemoveWithDescendants(entry, "package");
                }
            }

            foreach (int i in deferred)
            {
                // The other transactions keep their own errors, unless all went because the pool is full.
                results[i] = new PoolResult(i == failed || hasPassed ? failure : alone[i].Refusal ?? failure);
            }

            KeepsAll(results);

            // An error of the whole package is not an error of one transaction.
            return failure.Reason switch
            {
                PoolAcceptance.TrucViolation when IsRelated(transactions[failed], together)
                    => (failure.ToString(), [], []),
                PoolAcceptance.UnspentDust => ("unspent-dust", [.. results], []),
                _ => ("transaction failed", [.. results], []),
            };
        }

        return (KeepsAll(results)
            ? null
            : "transaction failed", [.. results], [.. deferred.Select(i => transactions[i])]);
    }

    /// <summary>Limits the pool's size, and reports "mempool full" for each transaction that was evicted.</summary>
    private bool KeepsAll(PoolResult[] results)
    {
        pool.LimitSize();
        bool keepsAll = true;
        for (int i = 0; i < results.Length; i++)
        {
            if (results[i] is { Refusal: null, Entry: { } entry } && pool.Find(entry.Txid) is null)
            {
                results[i] = new PoolResult(new Refusal("mempool full", "", RefusalKind.Policy), entry);
                keepsAll = false;
            }
        }

        return keepsAll;
    }

    private static string? WrongWith(IReadOnlyList<Transaction> transactions)
    {
        if (transactions.Count > MaxCount)
        {
            return "package-too-many-transactions";
        }

        if (transactions.Count > 1
            && transactions.Sum(static transaction => (long)Chain.Rules.Sizes.Weight(transaction)) > MaxWeight)
        {
            return "package-too-large";
        }

        HashSet<uint256> later = [.. transactions.Select(static transaction => transaction.GetHash())];
        if (later.Count != transactions.Count)
        {
            return "package-contains-duplicates";
        }

        HashSet<OutPoint> spent = [];
        foreach (Transaction transaction in transactions)
        {
            if (transaction.Inputs.Any(input => later.Contains(input.PrevOut.Hash)))
            {
                return "package-not-sorted";
            }

            later.Remove(transaction.GetHash());
        }

        return transactions.Any(
            transaction => transaction.Inputs.Select(
                static input => input.PrevOut).ToArray() is var inputs && (inputs.Length == 0 || !inputs.All(
                    spent.Add)))
            ? "conflict-in-package"
            : null;
    }

    // Whether it spends from one of the others, or from a transaction that one of the others spends from too.
    private static bool IsRelated(Transaction transaction, IEnumerable<Transaction> others)
    {
        HashSet<uint256> hashes =
            [
                .. others.Where(other => other != transaction).SelectMany(static other
                    => other.Inputs.Select(static input => input.PrevOut.Hash).Append(other.GetHash())),
            ];
        return transaction.Inputs.Any(input => hashes.Contains(input.PrevOut.Hash));
    }

    private static bool IsChildWithParents(IReadOnlyList<Transaction> transactions)
    {
        HashSet<uint256> parents = [.. transactions[^1].Inputs.Select(static input => input.PrevOut.Hash)];
        return transactions.SkipLast(1).All(parent => parents.Contains(parent.GetHash()));
    }
}
