using NBitcoin;

namespace Bitcoin.Node.Net;

/// <summary>
/// Own transactions that are given to single peers, so that nobody learns whose they are. Thread-safe.
/// </summary>
internal sealed class PrivateQueue(TimeProvider clock)
{
    /// <summary>How many transactions may wait.</summary>
    internal const int Most = 10_000;

    /// <summary>How often a transaction is given away.</summary>
    internal const int MaxAttempts = 1000;

    private static readonly TimeSpan s_staleUnsent = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan s_staleSent = TimeSpan.FromMinutes(1);

    // Guarded by _gate. The second one finds what was chosen for a peer.
    private readonly Lock _gate = new();
    private readonly Dictionary<uint256, Item> _items = [];
    private readonly Dictionary<long, (Item Item, PrivateAttempt Attempt)> _byPeer = [];

    /// <summary>Whether a transaction waits for further peers.</summary>
    internal bool HasPending
    {
        get
        {
            lock (_gate)
            {
                return _items.Values.Any(static item => item.IsPending);
            }
        }
    }

    /// <summary>All transactions, with what was tried for them.</summary>
    internal IReadOnlyList<PrivateTransaction> All
    {
        get
        {
            lock (_gate)
            {
                return
                    [
                        .. _items.Values.Select(static item => new PrivateTransaction(
                            item.Transaction, item.Added, MaxAttempts - item.Attempts.Count, [.. item.Attempts])),
                    ];
            }
        }
    }

    /// <summary>Adds a transaction, or begins anew with one that was given away as often as allowed.</summary>
    /// <returns>True if it is to be sent, false if it waits already; null if the queue is full.</returns>
    internal bool? Add(Transaction transaction)
    {
        uint256 hash = transaction.GetWitHash();
        lock (_gate)
        {
            if (_items.TryGetValue(hash, out Item? item))
            {
                if (item.IsPending)
                {
                    return false;
                }
            }
            else if (_items.Count >= Most)
            {
                return null;
            }

            Forget(hash);
            _items[hash] = new Item(transaction, clock.GetUtcNow());
            return true;
        }
    }

    /// <summary>Forgets a transaction.</summary>
    /// <param name="hash">Its hash with the witness.</param>
    /// <returns>How many peers have confirmed it; null if it is not here.</returns>
    internal int? Remove(uint256 hash)
    {
        lock (_gate)
        {
            return Forget(hash)?.Attempts.Count(static attempt => attempt.Confirmed is not null);
        }
    }

    /// <summary>Chooses what a peer gets: what was given away least, and longest ago.</summary>
    /// <returns>The transaction; null if none waits.</returns>
    internal Transaction? Choose(long peer, NetAddress address)
    {
        lock (_gate)
        {
            Item? item = _items.Values.Where(static item => item.IsPending)
                .MinBy(static item => (
                    item.Attempts.Count,
                    item.Attempts.Count(static attempt => attempt.Confirmed is not null),
                    item.Attempts.Select(static attempt => attempt.Chosen).DefaultIfEmpty().Max(),
                    item.LastConfirmed));
            if (item is null)
            {
                return null;
            }

            PrivateAttempt attempt = new(address, clock.GetUtcNow());
            item.Attempts.Add(attempt);
            _byPeer[peer] = (item, attempt);
            return item.Transaction;
        }
    }

    /// <summary>What was chosen for a peer; null for nothing.</summary>
    internal Transaction? ChosenFor(long peer)
    {
        lock (_gate)
        {
            return _byPeer.TryGetValue(peer, out (Item Item, PrivateAttempt) found) ? found.Item.Transaction : null;
        }
    }

    /// <summary>Notes that a peer has its transaction.</summary>
    internal void Confirm(long peer)
    {
        lock (_gate)
        {
            if (_byPeer.TryGetValue(peer, out (Item Item, PrivateAttempt Attempt) found))
            {
                found.Attempt.Confirmed = found.Item.LastConfirmed = clock.GetUtcNow();
            }
        }
    }

    internal bool HasConfirmed(long peer)
    {
        lock (_gate)
        {
            return _byPeer.TryGetValue(peer, out (Item, PrivateAttempt Attempt) found)
                && found.Attempt.Confirmed is not null;
        }
    }

    /// <summary>Transactions that the network has not sent back in time.</summary>
    internal IReadOnlyList<Transaction> Stale()
    {
        DateTimeOffset now = clock.GetUtcNow();
        lock (_gate)
        {
            return
                [
                    .. _items.Values.Where(item => item.IsPending
                        && (item.LastConfirmed == default
                            ? item.Added < now - s_staleUnsent
                            : item.LastConfirmed < now - s_staleSent))
                        .Select(static item => item.Transaction),
                ];
        }
    }

    private Item? Forget(uint256 hash)
    {
        if (!_items.Remove(hash, out Item? item))
        {
            return null;
        }

        foreach ((long peer, (Item of, _)) in _byPeer)
        {
            if (ReferenceEquals(of, item))
            {
                _byPeer.Remove(peer);
            }
        }

        return item;
    }

    private sealed class Item(Transaction transaction, DateTimeOffset added)
    {
        internal Transaction Transaction { get; } = transaction;

        internal DateTimeOffset Added { get; } = added;

        internal List<PrivateAttempt> Attempts { get; } = [];

        internal DateTimeOffset LastConfirmed { get; set; }

        internal bool IsPending => Attempts.Count < MaxAttempts;
    }
}

/// <summary>A peer that was to get a transaction.</summary>
/// <param name="address">The peer's address.</param>
/// <param name="chosen">When the transaction was chosen for it.</param>
internal sealed class PrivateAttempt(NetAddress address, DateTimeOffset chosen)
{
    internal NetAddress Address { get; } = address;

    internal DateTimeOffset Chosen { get; } = chosen;

    /// <summary>When the peer confirmed that it has the transaction; null if it did not.</summary>
    internal DateTimeOffset? Confirmed { get; set; }
}

/// <summary>An own transaction in the queue.</summary>
/// <param name="Transaction">The transaction.</param>
/// <param name="Added">When it was added.</param>
/// <param name="Left">How often it may still be given away.</param>
/// <param name="Attempts">To whom it was given.</param>
internal sealed record PrivateTransaction(
    Transaction Transaction, DateTimeOffset Added, int Left, IReadOnlyList<PrivateAttempt> Attempts);
