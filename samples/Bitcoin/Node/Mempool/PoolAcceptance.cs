using Bitcoin.Chain;
using Bitcoin.Chain.Coins;
using Bitcoin.Chain.Rules;
using NBitcoin;

namespace Bitcoin.Node.Mempool;

/// <summary>Decides which transactions the pool accepts, in Bitcoin Core's order and with its reasons.</summary>
internal sealed class PoolAcceptance(TransactionPool pool, BlockTree tree, TimeProvider clock)
{
    /// <summary>The height of coins that are not in a block yet.</summary>
    internal const int PoolHeight = 0x7fffffff;

    internal const string TrucViolation = "TRUC-violation";

    internal const string UnspentDust = "missing-ephemeral-spends";

    private const int MaxReplacedClusters = 100;
    private const int TrucVersion = 3;
    private const int TrucMaxSize = 10_000;
    private const int TrucMaxChildSize = 1_000;

    private readonly Standardness _standardness = new(pool.Options);

    internal Standardness Standardness => _standardness;

    /// <summary>Submits a transaction.</summary>
    internal PoolResult Accept(Transaction transaction, AcceptOptions? options = null)
    {
        lock (tree.Gate)
        {
            PoolResult result = AcceptLocked(transaction, options ?? new AcceptOptions());
            pool.CheckSometimes();
            return result;
        }
    }

    internal PoolResult AcceptLocked(Transaction transaction, AcceptOptions options)
    {
        PoolResult checkedResult = Check(transaction, options, out HashSet<PoolEntry> replaced);
        if (checkedResult.Refusal is not null || options.IsTest)
        {
            return checkedResult with { Replaced = [.. replaced] };
        }

        PoolEntry entry = checkedResult.Entry!;
        foreach (PoolEntry gone in replaced.OrderByDescending(static other => other.Ancestors().Count).ToArray())
        {
            pool.Remove(gone, "replaced");
        }

        pool.Add(entry, options.BypassesLimits);
        if (!options.BypassesLimits && !options.IsInPackage && !options.LeavesSize)
        {
            pool.LimitSize();
            if (pool.Find(entry.Txid) is null)
            {
                return new PoolResult(new Refusal("mempool full", "", RefusalKind.Reconsiderable), entry);
            }
        }

        return new PoolResult(null, entry, [.. replaced]);
    }

    /// <summary>Relative lock times; outputs of the pool count as created in the next block.</summary>
    internal static LockTimes LockTimesAt(Transaction transaction, IReadOnlyList<UnspentCoin> spent, ChainBlock tip)
    {
        return LockTimes.Of(
            transaction,
            [.. spent.Select(coin => coin.Height == PoolHeight ? coin with { Height = tip.Height + 1 } : coin)],
            tip);
    }

    private PoolResult Check(Transaction transaction, AcceptOptions options, out HashSet<PoolEntry> replaced)
    {
        replaced = [];
        ChainBlock tip = tree.Tip;
        bool isStandard = pool.Options.RequiresStandard;
        Refusal? refusal = CheckAlone(transaction, tip, isStandard);
        if (refusal is not null)
        {
            return new PoolResult(refusal);
        }

        HashSet<PoolEntry> conflicts =
            [
                .. transaction.Inputs.Select(input => pool.SpenderOf(input.PrevOut)).OfType<PoolEntry>(),
            ];
        if (conflicts.Count > 0 && !options.AllowsReplacement)
        {
            return Refuse("bip125-replacement-disallowed", "", RefusalKind.Policy);
        }

        UnspentCoin[] spent = new UnspentCoin[transaction.Inputs.Count];
        for (int i = 0; i < spent.Length; i++)
        {
            if (pool.FindCoin(transaction.Inputs[i].PrevOut) is not { } coin)
            {
                uint256 txid = transaction.GetHash();
                bool isKnown = Enumerable.Range(0, transaction.Outputs.Count).Any(
                    n => tree.Coins.Find(new OutPoint(txid, n)) is not null);
                return isKnown
                    ? Refuse("txn-already-known", "", RefusalKind.Conflict)
                    : Refuse("bad-txns-inputs-missingorspent", "", RefusalKind.MissingInputs);
            }

            spent[i] = coin;
        }

        if (!LockTimesAt(transaction, spent, tip).HavePassed(tip))
        {
            return Refuse("non-BIP68-final", "", RefusalKind.Premature);
        }

        if (TransactionRules.CheckSpending(
            transaction,
            [.. spent.Select(coin => coin.Height == PoolHeight ? coin with { Height = tip.Height + 1 } : coin)],
            tip.Height + 1,
            out long fee) is { } bad)
        {
            return new PoolResult(bad);
        }

        if (isStandard && Standardness.CheckInputs(transaction, spent) is { } odd)
        {
            return new PoolResult(odd);
        }

        if (isStandard && transaction.HasWitness && !Standardness.IsWitnessStandard(transaction, spent))
        {
            return Refuse("bad-witness-nonstandard", "", RefusalKind.Mutated);
        }

        long cost = SignatureOperations.Cost(transaction, spent);
        PoolEntry entry = new(
            transaction, spent, fee, cost, options.Time ?? clock.GetUtcNow(), tip.Height, pool.Options.BytesPerSigOp)
        {
            Delta = pool.DeltaOf(transaction.GetHash()),
        };
        refusal = CheckPolicy(entry, conflicts, options, isStandard)
            ?? (conflicts.Count > 0 ? CheckReplacement(entry, conflicts, replaced) : null)
            ?? CheckCluster(entry, replaced)
            ?? CheckSpendsConflict(entry, conflicts)
            ?? (options.MaxFeeRate is { } most && RelayRate.Of(entry.ModifiedFee, entry.Size) > most
                ? new Refusal("max feerate exceeded", "", RefusalKind.Policy)
                : null)
            ?? (isStandard && !options.BypassesLimits ? CheckEphemeralDust(entry) : null)
            ?? CheckScripts(transaction, spent, tip);
        return new PoolResult(refusal, entry);
    }

    private Refusal? CheckAlone(Transaction transaction, ChainBlock tip, bool isStandard)
    {
        if (TransactionRules.Check(transaction) is { } bad)
        {
            return bad;
        }

        if (transaction.IsCoinBase)
        {
            return new Refusal("coinbase");
        }

        if (isStandard && _standardness.Check(transaction) is { } odd)
        {
            return odd;
        }

        if (transaction.Stripped() < Standardness.LeastBytes)
        {
            return new Refusal("tx-size-small", "", RefusalKind.NotStandard);
        }

        if (!TransactionRules.IsFinal(transaction, tip.Height + 1, tip.MedianTimePast))
        {
            return new Refusal("non-final", "", RefusalKind.Premature);
        }

        return pool.FindByWitness(transaction.GetWitHash()) is not null ? new Refusal(
            "txn-already-in-mempool", "", RefusalKind.Conflict)
            : pool.Find(transaction.GetHash()) is not null ? new Refusal(
                "txn-same-nonwitness-data-in-mempool", "", RefusalKind.Conflict)
            : null;
    }

    private Refusal? CheckPolicy(PoolEntry entry, HashSet<PoolEntry> conflicts, AcceptOptions options, bool isStandard)
    {
        if (isStandard && (entry.Fee != 0 || entry.ModifiedFee != 0) && _standardness.Dust(entry.Transaction).Count > 0)
        {
            return new Refusal("dust", "tx with dust output must be 0-fee", RefusalKind.NotStandard);
        }

        if (entry.SigOpCost > Standardness.MaxSigOpCost)
        {
            return new Refusal("bad-txns-too-many-sigops", $"{entry.SigOpCost}", RefusalKind.NotStandard);
        }

        if (!options.BypassesLimits
            && (!options.IsInPackage || options.ChecksFee)
            && CheckFee(entry.Size, entry.ModifiedFee) is { } low)
        {
            return low;
        }

        return options.BypassesLimits ? null : CheckTruc(entry, conflicts, mayEvict: !options.IsInPackage);
    }

    internal Refusal? CheckFee(long size, long fee)
    {
        long least = pool.MinFee().For(size);
        return least > 0
            && fee < least ? new Refusal("mempool min fee not met", $"{fee} < {least}", RefusalKind.Reconsiderable)
            : fee < pool.Options.MinRelay.For(size) ? new Refusal(
                "min relay fee not met", $"{fee} < {pool.Options.MinRelay.For(size)}", RefusalKind.Reconsiderable)
            : null;
    }

    private Refusal? CheckTruc(PoolEntry entry, HashSet<PoolEntry> conflicts, bool mayEvict)
    {
        static string Name(PoolEntry entry) => $"{entry.Txid} (wtxid={entry.WitnessHash})";
        static Refusal Violation(string details) => new(TrucViolation, details, RefusalKind.Policy);
        bool isTruc = entry.Transaction.Version == TrucVersion;
        List<PoolEntry> parents = Parents(entry);
        foreach (PoolEntry parent in parents)
        {
            bool isParentTruc = parent.Transaction.Version == TrucVersion;
            if (isTruc != isParentTruc)
            {
                return Violation(isTruc
                    ? $"version=3 tx {Name(entry)} cannot spend from non-version=3 tx {Name(parent)}"
                    : $"non-version=3 tx {Name(entry)} cannot spend from version=3 tx {Name(parent)}");
            }
        }

        if (!isTruc)
        {
            return null;
        }

        if (entry.Size > TrucMaxSize)
        {
            return Violation($"version=3 tx {Name(entry)} is too big: {entry.Size} > {TrucMaxSize} virtual bytes");
        }

        if (parents.Count > 1 || (parents.Count == 1 && parents[0].Parents.Count > 0))
        {
            return Violation($"tx {Name(entry)} would have too many ancestors");
        }

        if (parents is not [PoolEntry only])
        {
            return null;
        }

        if (entry.Size > TrucMaxChildSize)
        {
            return Violation(
                $"version=3 child tx {Name(entry)} is too big: {entry.Size} > {TrucMaxChildSize} virtual bytes");
        }

        bool isFree = only.Children.Count == 0 || only.Children.Any(conflicts.Contains);
        if (!isFree
            && mayEvict
            && only.Children.Count == 1
            && only.Children.First() is { Children.Count: 0, Parents.Count: 1 } sibling)
        {
            // A sibling may be replaced like a conflicting transaction.
            conflicts.Add(sibling);
            return null;
        }

        return isFree ? null : Violation($"tx {Name(only)} would exceed descendant count limit");
    }

    private Refusal? CheckReplacement(PoolEntry entry, HashSet<PoolEntry> conflicts, HashSet<PoolEntry> replaced)
    {
        // A sibling is evicted although it spends none of the same outputs; the reason tells so.
        HashSet<PoolEntry> direct = [.. entry.Transaction.Inputs.Select(input => pool.SpenderOf(input.PrevOut))
            .OfType<PoolEntry>()];
        string how = conflicts.IsSubsetOf(direct) ? "" : " (including sibling eviction)";
        int clusters = conflicts.Select(static conflict => conflict.Cluster).Distinct().Count();
        if (clusters > MaxReplacedClusters)
        {
            return new Refusal(
                $"too many potential replacements{how}",
                $"rejecting replacement {entry.Txid}; too many conflicting clusters ({clusters} > "
                    + $"{MaxReplacedClusters})",
                RefusalKind.Policy);
        }

        foreach (PoolEntry conflict in conflicts)
        {
            replaced.UnionWith(conflict.Descendants());
        }

        long fees = replaced.Sum(static gone => gone.ModifiedFee);
        if (entry.ModifiedFee < fees)
        {
            return Insufficient($"less fees than conflicting txs; {Amount(entry.ModifiedFee)} < {Amount(fees)}");
        }

        long relay = pool.Options.Incremental.For(entry.Size);
        if (entry.ModifiedFee - fees < relay)
        {
            return Insufficient(
                $"not enough additional fees to relay; {Amount(entry.ModifiedFee - fees)} < {Amount(relay)}");
        }

        return CheckCluster(entry, replaced)
            ?? (Improves(entry, replaced)
                ? null
                : new Refusal(
                    "replacement-failed",
                    "insufficient feerate: does not improve feerate diagram",
                    RefusalKind.Reconsiderable));

        Refusal Insufficient(string why)
            => new($"insufficient fee{how}", $"rejecting replacement {entry.Txid}, {why}", RefusalKind.Reconsiderable);
    }

    private bool Improves(PoolEntry entry, HashSet<PoolEntry> replaced)
    {
        // All clusters that change: as they are, and as they would be.
        HashSet<Cluster> touched =
            [
                .. replaced.Select(static gone => gone.Cluster),
                .. Parents(entry).Select(static parent => parent.Cluster),
            ];
        List<Chunk> before = [.. touched.SelectMany(static cluster => cluster.Chunks)];
        List<PoolEntry> staying =
            [
                .. touched.SelectMany(static cluster => cluster.Members).Where(member => !replaced.Contains(member)),
            ];
        List<PoolEntry> parents = Parents(entry);
        entry.Parents.UnionWith(parents);
        try
        {
            return FeeDiagram.Improves(before, Chunk.Sort([.. staying, entry]));
        }
        finally
        {
            entry.Parents.Clear();
        }
    }

    private Refusal? CheckCluster(PoolEntry entry, HashSet<PoolEntry> replaced)
    {
        // The entries that depend on each other through the new one, without those that it replaces.
        HashSet<PoolEntry> members = [];
        Stack<PoolEntry> open = new(Parents(entry).Where(parent => !replaced.Contains(parent)));
        while (open.TryPop(out PoolEntry? member))
        {
            if (members.Add(member))
            {
                foreach (PoolEntry other in member.Parents.Concat(member.Children).Where(
                    other => !replaced.Contains(other)))
                {
                    open.Push(other);
                }
            }
        }

        return members.Count + 1 > pool.Options.MaxClusterCount
            || members.Sum(static member => (long)member.AdjustedWeight) + entry.AdjustedWeight
                > (long)pool.Options.MaxClusterSize * Sizes.WitnessScale
            ? new Refusal("too-large-cluster", "", RefusalKind.Policy)
            : null;
    }

    private Refusal? CheckSpendsConflict(PoolEntry entry, HashSet<PoolEntry> conflicts)
    {
        PoolEntry? both = Parents(entry)
            .SelectMany(static parent => parent.Ancestors())
            .FirstOrDefault(conflicts.Contains);
        return both is null
            ? null
            : new Refusal("bad-txns-spends-conflicting-tx", $"{entry.Txid} spends conflicting transaction {both.Txid}");
    }

    /// <summary>Dust is accepted only if a child spends it at once.</summary>
    private Refusal? CheckEphemeralDust(PoolEntry entry)
    {
        foreach (PoolEntry parent in Parents(entry))
        {
            foreach (int dust in _standardness.Dust(parent.Transaction))
            {
                if (!entry.Transaction.Inputs.Any(
                    input => input.PrevOut.Hash == parent.Txid && input.PrevOut.N == dust))
                {
                    return new Refusal(
                        UnspentDust,
                        $"tx {entry.Txid} (wtxid={entry.WitnessHash}) did not spend parent's ephemeral dust",
                        RefusalKind.Policy);
                }
            }
        }

        return null;
    }

    private Refusal? CheckScripts(
        Transaction transaction, IReadOnlyList<UnspentCoin> spent, ChainBlock tip)
    {
        ScriptVerify block = ScriptFlags.Of(uint256.Zero, tip.Height + 1, tree.Network);
        List<ScriptCheck.Job> jobs = [new(transaction, spent)];

        // Also where other forms of transactions are taken: the rules of scripts may become those of blocks.
        if (tree.Scripts.Run(jobs, ScriptFlags.Standard, remembers: true) is not { } failure)
        {
            return null;
        }

        // Without its witness a transaction may look bad that is not.
        if (!transaction.HasWitness && NeedsWitness(transaction, spent))
        {
            return new Refusal(
                failure.Reason("mempool-script-verify-flag-failed"), failure.Details, RefusalKind.WitnessStripped);
        }

        bool isBad = tree.Scripts.Run(jobs, block, remembers: true) is { } worse && worse.Error == failure.Error;
        return new Refusal(
            failure.Reason("mempool-script-verify-flag-failed"),
            failure.Details,
            isBad ? RefusalKind.Consensus : RefusalKind.NotStandard);
    }

    /// <summary>Whether a coin is spent that asks for a witness; an anchor does not.</summary>
    private static bool NeedsWitness(Transaction transaction, IReadOnlyList<UnspentCoin> spent)
    {
        const int Taproot = 1;
        ReadOnlySpan<byte> anchor = [0x4e, 0x73];
        for (int i = 0; i < spent.Count; i++)
        {
            byte[]? script = spent[i].Script.ToBytes(@unsafe: true);
            if (SignatureOperations.IsScriptHash(spent[i].Script))
            {
                script = SignatureOperations.LastPush(transaction.Inputs[i].ScriptSig)?.ToBytes(@unsafe: true);
            }

            if (script is not null
                && Primitives.Address.TryProgram(script, out int version, out ReadOnlySpan<byte> program)
                && (version != Taproot || !program.SequenceEqual(anchor)))
            {
                return true;
            }
        }

        return false;
    }

    private List<PoolEntry> Parents(PoolEntry entry)
        => [.. entry.Transaction.Inputs.Select(input => pool.Find(input.PrevOut.Hash)).OfType<PoolEntry>().Distinct()];

    internal static string Amount(long satoshis)
    {
        // With as few digits as Bitcoin Core: at least two decimals.
        string text = TransactionRules.Amount(satoshis);
        while (text.EndsWith('0') && text[^3] != '.')
        {
            text = text[..^1];
        }

        return text;
    }

    private static PoolResult Refuse(string reason, string details, RefusalKind kind)
        => new(new Refusal(reason, details, kind));
}
