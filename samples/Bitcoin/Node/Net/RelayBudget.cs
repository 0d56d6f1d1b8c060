using Bitcoin.Node.Mempool;

namespace Bitcoin.Node.Net;

/// <summary>
/// Limits how many transactions are announced to the peers of one direction: the rest waits, the best fee rates first.
/// </summary>
/// <remarks>
/// Two buckets of tokens fill with time, one with a token for each transaction, one with a token for each byte. A few
/// more than there are may be taken at once, so that the waiting transactions are not sorted for each of them. Used by
/// one thread at a time.
/// </remarks>
internal sealed class RelayBudget
{
    private const double BurstSeconds = 30;
    private const double BytesAtFirst = 12_000_000;
    private const double MostBytes = 50_000_000;
    private const double BytesPerSecond = 20_000;
    private const double OverdrawnBytes = 50_000;

    private readonly Bucket _count;
    private readonly Bucket _bytes;
    private readonly double _overdrawnCount;
    private readonly List<(PoolEntry Entry, IReadOnlyList<Peer> To)> _waiting = [];

    /// <summary>Creates full buckets.</summary>
    /// <param name="rate">Transactions in a second, over all peers of the direction.</param>
    /// <param name="factor">How many times as many they may be here.</param>
    /// <param name="overdrawnSeconds">The seconds whose transactions may be taken ahead.</param>
    internal RelayBudget(double rate, double factor, double overdrawnSeconds)
    {
        _count = new Bucket(rate * factor, rate * BurstSeconds, rate * BurstSeconds);
        _bytes = new Bucket(BytesPerSecond * factor, BytesAtFirst, MostBytes);
        _overdrawnCount = rate * overdrawnSeconds;
    }

    internal int Waiting => _waiting.Count;

    internal double CountTokens => _count.Tokens;

    internal double ByteTokens => _bytes.Tokens;

    /// <summary>Adds a transaction and the peers to announce it to.</summary>
    internal void Add(PoolEntry entry, IReadOnlyList<Peer> to)
    {
        if (to.Count > 0)
        {
            _waiting.Add((entry, to));
        }
    }

    /// <summary>The transactions to announce now.</summary>
    /// <param name="now">The time.</param>
    /// <param name="order">
    /// Sorts transactions, the first to announce first, and leaves out those that are not in the pool any more.
    /// </param>
    internal IReadOnlyList<(PoolEntry Entry, IReadOnlyList<Peer> To)> Take(
        DateTimeOffset now, Func<IEnumerable<PoolEntry>, IReadOnlyList<PoolEntry>> order)
    {
        _count.Fill(now);
        _bytes.Fill(now);
        if (_waiting.Count == 0 || _count.Tokens <= 0 || _bytes.Tokens <= 0)
        {
            return [];
        }

        Dictionary<PoolEntry, IReadOnlyList<Peer>> peers = [];
        foreach ((PoolEntry entry, IReadOnlyList<Peer> to) in _waiting)
        {
            peers[entry] = to;
        }

        List<(PoolEntry, IReadOnlyList<Peer>)> taken = [];
        _waiting.Clear();
        bool isLeft = true;
        foreach (PoolEntry entry in order(peers.Keys))
        {
            if (!isLeft)
            {
                _waiting.Add((entry, peers[entry]));
                continue;
            }

            taken.Add((entry, peers[entry]));
            bool hasBytes = _bytes.Use(entry.Size, OverdrawnBytes);
            isLeft = _count.Use(1, _overdrawnCount) && hasBytes;
        }

        return taken;
    }

    private sealed class Bucket(double perSecond, double atFirst, double most)
    {
        private DateTimeOffset? _filled;

        internal double Tokens { get; private set; } = Math.Min(atFirst, most);

        internal void Fill(DateTimeOffset now)
        {
            if (_filled is { } before && now > before)
            {
                Tokens = Math.Min(most, Tokens + (perSecond * (now - before).TotalSeconds));
            }

            // A clock that was set back begins anew.
            _filled = now;
        }

        /// <returns>Whether more may be taken.</returns>
        internal bool Use(double tokens, double overdrawn)
        {
            Tokens -= tokens;
            return Tokens > -overdrawn;
        }
    }
}
