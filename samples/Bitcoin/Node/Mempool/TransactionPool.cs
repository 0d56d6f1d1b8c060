using Bitcoin.Chain;
using Bitcoin.Chain.Coins;
using Bitcoin.Chain.Rules;
using NBitcoin;

namespace Bitcoin.Node.Mempool;

/// <summary>
/// The transactions that wait for a block. Guarded by the tree's gate, so that it always agrees with the coins.
/// </summary>
internal sealed class TransactionPool : IChainFollower
{
    /// <summary>The minimum fee rate halves in this many seconds, faster if the pool is nearly empty.</summary>
    private const double HalfLife = 60 * 60 * 12;
    private const long MaxDisconnectedBytes = 20_000_000;

    private readonly BlockTree _tree;
    private readonly TimeProvider _clock;
    private readonly Dictionary<uint256, PoolEntry> _byTxid = [];
    private readonly Dictionary<uint256, PoolEntry> _byWitness = [];
    private readonly Dictionary<OutPoint, PoolEntry> _spentBy = [];
    private readonly Dictionary<uint256, long> _deltas = [];
    private readonly List<Transaction> _disconnected = [];
    private long _disconnectedBytes;
    private double _floor;
    private long _floorTime;
    private bool _hasBlockSinceBump;

    internal TransactionPool(BlockTree tree, TimeProvider clock, PoolOptions options)
    {
        _tree = tree;
        _clock = clock;
        Options = options;
        Acceptance = new PoolAcceptance(this, tree, clock);
        Packages = new PoolPackages(this);
        tree.Follower = this;
    }

    internal PoolOptions Options { get; }

    /// <summary>Writes a line of the category "mempool" to the log.</summary>
    internal Action<string> Log { get; set; } = static _ => { };

    /// <summary>Receives a contradiction in the pool, with which the node cannot go on.</summary>
    internal Action<string> Fatal { get; init; } = static _ => { };

    internal PoolAcceptance Acceptance { get; }

    internal PoolPackages Packages { get; }

    /// <summary>Whether changes are not reported, because new entries will be removed again.</summary>
    internal bool IsSilent { get; set; }

    /// <summary>A transaction was added. Called under the gate; must return at once.</summary>
    internal event Action<PoolEntry>? Added;

    /// <summary>
    /// A transaction was removed, with Bitcoin Core's reason. Called under the gate; must return at once.
    /// </summary>
    internal event Action<PoolEntry, string>? Removed;

    /// <summary>
    /// A block was connected, and its transactions were removed. Called under the gate; must return at once.
    /// </summary>
    internal event Action<Block, ChainBlock>? BlockTaken;

    /// <summary>
    /// A block was disconnected; its transactions are not in the pool yet. Called under the gate; must return at once.
    /// </summary>
    internal event Action<Block, ChainBlock>? BlockLeft;

    internal int Count => _byTxid.Count;

    internal long Bytes { get; private set; }

    internal long Usage { get; private set; }

    internal long TotalFee { get; private set; }

    /// <summary>A number that grows with every change.</summary>
    internal ulong Sequence { get; private set; } = 1;

    /// <summary>This node's own transactions that no peer has requested yet.</summary>
    internal HashSet<uint256> Unbroadcast { get; } = [];

    internal bool IsLoaded { get; set; }

    internal IReadOnlyDictionary<uint256, long> Deltas => _deltas;

    internal IEnumerable<PoolEntry> Entries => _byTxid.Values;

    internal PoolEntry? Find(uint256 txid) => _byTxid.GetValueOrDefault(txid);

    internal PoolEntry? FindByWitness(uint256 hash) => _byWitness.GetValueOrDefault(hash);

    internal PoolEntry? SpenderOf(OutPoint id) => _spentBy.GetValueOrDefault(id);

    /// <summary>A coin of the chain or of the pool; null if it is unknown, or if the pool spends it.</summary>
    internal UnspentCoin? FindCoin(OutPoint id) => Find(id.Hash) is { } entry
        ? id.N < entry.Transaction.Outputs.Count ? Output(entry.Transaction, (int)id.N) : null
        : _tree.Coins.Find(id);

    internal static UnspentCoin Output(Transaction transaction, int index)
    {
        TxOut output = transaction.Outputs[index];
        return new UnspentCoin(output.Value.Satoshi, output.ScriptPubKey, PoolAcceptance.PoolHeight, IsCoinbase: false);
    }

    internal long DeltaOf(uint256 txid) => _deltas.GetValueOrDefault(txid);

    internal void Prioritise(uint256 txid, long delta)
    {
        long sum = DeltaOf(txid) + delta;
        if (sum == 0)
        {
            _deltas.Remove(txid);
        }
        else
        {
            _deltas[txid] = sum;
        }

        if (Find(txid) is { } entry)
        {
            entry.Delta = sum;
            entry.Cluster.Changed();
        }
    }

    /// <summary>All entries, parents first, and higher fee rates before lower ones.</summary>
    internal IReadOnlyList<PoolEntry> InMiningOrder()
    {
        List<(Chunk Chunk, uint256 Cluster, int Place)> chunks =
            [
                .. Entries.Select(static entry => entry.Cluster)
                    .Distinct()
                    .SelectMany(static cluster => cluster.Chunks.Select(
                        (chunk, i) => (chunk, cluster.Chunks[0].Entries[0].Txid, i))),
            ];
        chunks.Sort(static (one, other) => one.Chunk.IsBetterThan(other.Chunk) ? -1
            : other.Chunk.IsBetterThan(one.Chunk) ? 1
            : (one.Cluster, one.Place).CompareTo((other.Cluster, other.Place)));
        return [.. chunks.SelectMany(static one => one.Chunk.Entries)];
    }

    /// <summary>The least fee rate that is taken now.</summary>
    internal RelayRate MinFee()
    {
        if (!_hasBlockSinceBump || _floor == 0)
        {
            return new RelayRate((long)_floor);
        }

        long now = _clock.GetUtcNow().ToUnixTimeSeconds();
        if (now > _floorTime + 10)
        {
            double halfLife = Usage < Options.MaxBytes / 4
                ? HalfLife / 4
                : Usage < Options.MaxBytes / 2
                ? HalfLife / 2
                : HalfLife;
            _floor /= Math.Pow(2, (now - _floorTime) / halfLife);
            _floorTime = now;
            if (_floor < Options.Incremental.PerKilobyte / 2.0)
            {
                _floor = 0;
                return default;
            }
        }

        return new RelayRate(Math.Max((long)_floor, Options.Incremental.PerKilobyte));
    }

    internal void Add(PoolEntry entry, bool wasInBlock = false)
    {
        entry.Delta = DeltaOf(entry.Txid);
        entry.Sequence = Sequence++;
        entry.RelaySequence = wasInBlock ? 0 : entry.Sequence;
        _byTxid.Add(entry.Txid, entry);
        _byWitness[entry.WitnessHash] = entry;
        Cluster cluster = new();
        cluster.Members.Add(entry);
        entry.Cluster = cluster;
        foreach (TxIn input in entry.Transaction.Inputs)
        {
            _spentBy[input.PrevOut] = entry;
            if (Find(input.PrevOut.Hash) is { } parent)
            {
                Link(parent, entry);
            }
        }

        // After a reorganisation a child may be in the pool before its parent.
        for (int i = 0; i < entry.Transaction.Outputs.Count; i++)
        {
            if (_spentBy.TryGetValue(new OutPoint(entry.Txid, i), out PoolEntry? child))
            {
                Link(entry, child);
            }
        }

        Bytes += entry.Size;
        Usage += entry.Usage;
        TotalFee += entry.Fee;
        if (!IsSilent)
        {
            Added?.Invoke(entry);
        }
    }

    /// <summary>Computes a result without some entries, and restores them. Listeners are not notified.</summary>
    /// <param name="without">The entries, with all that depend on them.</param>
    /// <param name="look">May add to the pool.</param>
    internal T Try<T>(IReadOnlyCollection<PoolEntry> without, Func<T> look)
    {
        ulong sequence = Sequence;
        (PoolEntry Entry, ulong Sequence, ulong Relay)[] gone =
            [
                .. without.OrderByDescending(static entry => entry.Ancestors().Count)
                    .Select(static entry => (entry, entry.Sequence, entry.RelaySequence)),
            ];
        uint256[] unbroadcast = [.. Unbroadcast];
        IsSilent = true;
        try
        {
            foreach ((PoolEntry entry, _, _) in gone)
            {
                Remove(entry, "test");
            }

            ulong start = Sequence;
            T result = look();
            foreach (PoolEntry added in _byTxid.Values.Where(entry => entry.Sequence >= start)
                .OrderByDescending(static entry => entry.Ancestors().Count)
                .ToArray())
            {
                Remove(added, "test");
            }

            return result;
        }
        finally
        {
            foreach ((PoolEntry entry, ulong own, ulong relay) in Enumerable.Reverse(gone))
            {
                if (Find(entry.Txid) is null)
                {
                    Add(entry);
                }

                (entry.Sequence, entry.RelaySequence) = (own, relay);
            }

            Unbroadcast.UnionWith(unbroadcast);
            Sequence = sequence;
            IsSilent = false;
        }
    }

    /// <summary>Takes entries and all that depend on them out.</summary>
    internal void RemoveWithDescendants(PoolEntry entry, string reason)
    {
        foreach (PoolEntry gone in entry.Descendants()
            .OrderByDescending(static other => other.Ancestors().Count)
            .ToArray())
        {
            Remove(gone, reason);
        }
    }

    internal void Remove(PoolEntry entry, string reason)
    {
        _byTxid.Remove(entry.Txid);
        _byWitness.Remove(entry.WitnessHash);
        ForgetUnbroadcast(entry.Txid, " before confirmation that txn was sent out");
        foreach (TxIn input in entry.Transaction.Inputs)
        {
            _spentBy.Remove(input.PrevOut);
        }

        foreach (PoolEntry parent in entry.Parents)
        {
            parent.Children.Remove(entry);
        }

        foreach (PoolEntry child in entry.Children)
        {
            child.Parents.Remove(entry);
        }

        Split(entry);
        Bytes -= entry.Size;
        Usage -= entry.Usage;
        TotalFee -= entry.Fee;
        Sequence++;
        if (!IsSilent)
        {
            Removed?.Invoke(entry, reason);
        }
    }

    /// <summary>
    /// Stops announcing a transaction of this node's own: a peer has requested it, or it has left the pool.
    /// </summary>
    internal void ForgetUnbroadcast(uint256 txid, string why = "")
    {
        if (Unbroadcast.Remove(txid))
        {
            Log($"Removed {txid} from set of unbroadcast txns{why}");
        }
    }

    /// <summary>Evicts the worst transactions until the size limit holds, and raises the minimum fee rate.</summary>
    internal void LimitSize()
    {
        Expire();
        while (Usage > Options.MaxBytes && Count > 0)
        {
            Chunk worst = _byTxid.Values
                .Select(static entry => entry.Cluster)
                .Distinct()
                .Select(static cluster => cluster.Chunks[^1])
                .Aggregate(static (one, other) => one.IsBetterThan(other) ? other : one);
            double floor = worst.Rate.PerKilobyte + Options.Incremental.PerKilobyte;
            if (floor > _floor)
            {
                _floor = floor;
                _hasBlockSinceBump = false;
                Log($"rolling minimum fee bumped to {new RelayRate((long)floor)}");
            }

            foreach (PoolEntry entry in Enumerable.Reverse(worst.Entries).ToArray())
            {
                Remove(entry, "sizelimit");
            }
        }
    }

    public void Connected(Block block, ChainBlock place)
    {
        foreach (Transaction transaction in block.Transactions)
        {
            uint256 txid = transaction.GetHash();
            if (Find(txid) is { } mined)
            {
                Remove(mined, "block");
            }

            foreach (TxIn input in transaction.Inputs)
            {
                if (_spentBy.TryGetValue(input.PrevOut, out PoolEntry? conflict))
                {
                    RemoveWithDescendants(conflict, "conflict");
                }
            }

            _deltas.Remove(txid);
        }

        _disconnected.RemoveAll(
            gone => block.Transactions.Exists(transaction => transaction.GetHash() == gone.GetHash()));
        _hasBlockSinceBump = true;
        _floorTime = _clock.GetUtcNow().ToUnixTimeSeconds();
        BlockTaken?.Invoke(block, place);
    }

    public void Disconnected(Block block, ChainBlock place)
    {
        BlockLeft?.Invoke(block, place);
        _disconnected.InsertRange(0, block.Transactions.Skip(1));
        _disconnectedBytes += block.Transactions.Skip(1).Sum(PoolEntry.UsageOf);

        // Drop the last ones of the chain first: fewer transactions depend on them.
        while (_disconnectedBytes > MaxDisconnectedBytes && _disconnected.Count > 0)
        {
            Transaction gone = _disconnected[^1];
            _disconnected.RemoveAt(_disconnected.Count - 1);
            _disconnectedBytes -= PoolEntry.UsageOf(gone);
            RemoveDependents(gone);
        }
    }

    public void Settled(bool reorganized, bool returns = true)
    {
        if (!reorganized && _disconnected.Count == 0)
        {
            CheckSometimes();
            return;
        }

        Transaction[] back = [.. _disconnected];
        _disconnected.Clear();
        _disconnectedBytes = 0;
        foreach (Transaction transaction in back)
        {
            bool isGone = !returns
                || (Acceptance.AcceptLocked(transaction, new AcceptOptions { BypassesLimits = true }).Refusal
                    is { } refusal && refusal.Kind != RefusalKind.Conflict);
            if (isGone)
            {
                RemoveDependents(transaction);
            }
        }

        RemoveWhatIsNoLongerGood();
        LimitSize();
        CheckSometimes();
    }

    /// <summary>Checks the pool now and then, and ends the node if the pool contradicts itself.</summary>
    internal void CheckSometimes()
    {
        if (Options.CheckEvery > 0
            && Random.Shared.Next(Options.CheckEvery) == 0
            && PoolCheck.FindContradiction(this, _tree.Coins) is { } contradiction)
        {
            Fatal(contradiction);
        }
    }

    /// <summary>Removes the transactions that depend on one that did not return to the pool.</summary>
    private void RemoveDependents(Transaction transaction)
    {
        uint256 txid = transaction.GetHash();
        for (int i = 0; i < transaction.Outputs.Count; i++)
        {
            if (_spentBy.TryGetValue(new OutPoint(txid, i), out PoolEntry? child))
            {
                RemoveWithDescendants(child, "reorg");
            }
        }
    }

    private void RemoveWhatIsNoLongerGood()
    {
        ChainBlock tip = _tree.Tip;
        foreach (PoolEntry entry in _byTxid.Values.ToArray())
        {
            if (Find(entry.Txid) != entry)
            {
                continue;
            }

            UnspentCoin?[] spent = [.. entry.Transaction.Inputs.Select(input => FindCoin(input.PrevOut))];
            bool isGood = spent.All(static coin => coin is not null)
                && TransactionRules.IsFinal(entry.Transaction, tip.Height + 1, tip.MedianTimePast)
                && PoolAcceptance.LockTimesAt(entry.Transaction, spent!, tip).HavePassed(tip)
                && spent.All(
                    coin => !coin!.IsCoinbase || tip.Height + 1 - coin.Height >= TransactionRules.CoinbaseMaturity);
            if (!isGood)
            {
                RemoveWithDescendants(entry, "reorg");
            }
        }
    }

    private void Expire()
    {
        DateTimeOffset limit = _clock.GetUtcNow() - Options.Expiry;
        foreach (PoolEntry entry in _byTxid.Values.Where(entry => entry.Time < limit).ToArray())
        {
            if (Find(entry.Txid) == entry)
            {
                RemoveWithDescendants(entry, "expiry");
            }
        }
    }

    private static void Link(PoolEntry parent, PoolEntry child)
    {
        parent.Children.Add(child);
        child.Parents.Add(parent);
        Cluster into = parent.Cluster;
        Cluster from = child.Cluster;
        if (ReferenceEquals(into, from))
        {
            into.Changed();
            return;
        }

        foreach (PoolEntry member in from.Members)
        {
            member.Cluster = into;
            into.Members.Add(member);
        }

        into.Changed();
    }

    /// <summary>Splits a cluster that an entry left; it may become several.</summary>
    private static void Split(PoolEntry gone)
    {
        HashSet<PoolEntry> left = gone.Cluster.Members;
        left.Remove(gone);
        while (left.Count > 0)
        {
            Cluster part = new();
            Stack<PoolEntry> open = new([left.First()]);
            while (open.TryPop(out PoolEntry? entry))
            {
                if (left.Remove(entry))
                {
                    part.Members.Add(entry);
                    entry.Cluster = part;
                    foreach (PoolEntry other in entry.Parents.Concat(entry.Children))
                    {
                        open.Push(other);
                    }
                }
            }
        }

        gone.Parents.Clear();
        gone.Children.Clear();
    }
}
