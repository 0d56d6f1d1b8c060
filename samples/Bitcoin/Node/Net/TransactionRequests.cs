using NBitcoin;

namespace Bitcoin.Node.Net;

/// <summary>
/// Decides which peer is asked for which transaction, and when. One peer at a time, outbound peers first. The next peer
/// is asked when the previous one is too late, does not have the transaction, or is gone. Thread-safe.
/// </summary>
/// <remarks>
/// States of an announcement, which is one hash of one peer: candidate, asked, done. <see cref="Asked"/> makes a
/// candidate asked. An answer or the end of its time makes it done. When all announcements of a hash are done, all are
/// removed.
/// </remarks>
internal sealed class TransactionRequests
{
    private readonly Lock _gate = new();

    // All guarded by _gate.
    private readonly Dictionary<uint256, List<Announcement>> _byHash = [];
    private readonly Dictionary<long, PeerState> _byPeer = [];
    private readonly Queue<(DateTimeOffset Until, Announcement Announcement)> _asked = [];
    private readonly int _salt = Random.Shared.Next();
    private long _sequence;

    private enum State
    {
        Candidate,
        Asked,
        Done,
    }

    /// <summary>The number of announcements of a peer.</summary>
    internal int Count(long peer)
    {
        lock (_gate)
        {
            return _byPeer.TryGetValue(peer, out PeerState? state) ? state.All.Count : 0;
        }
    }

    /// <summary>The number of open requests of a peer.</summary>
    internal int CountAsked(long peer)
    {
        lock (_gate)
        {
            return _byPeer.TryGetValue(peer, out PeerState? state) ? state.Asked : 0;
        }
    }

    /// <summary>Adds the announcement of a peer. Does nothing if the peer announced the hash before.</summary>
    /// <param name="peer">The peer.</param>
    /// <param name="hash">The transaction's hash.</param>
    /// <param name="isWitness">Whether the hash is that with the witness.</param>
    /// <param name="isPreferred">Whether the peer is asked before others that can be asked at the same time.</param>
    /// <param name="from">When the peer may be asked.</param>
    internal void Announced(long peer, uint256 hash, bool isWitness, bool isPreferred, DateTimeOffset from)
    {
        lock (_gate)
        {
            if (!_byPeer.TryGetValue(peer, out PeerState? state))
            {
                _byPeer.Add(peer, state = new PeerState());
            }

            Announcement one = new(peer, hash, isWitness, isPreferred, from, _sequence);
            if (!state.All.TryAdd(hash, one))
            {
                return;
            }

            _sequence++;
            state.Candidates++;
            if (!_byHash.TryGetValue(hash, out List<Announcement>? all))
            {
                _byHash.Add(hash, all = []);
            }

            all.Add(one);
        }
    }

    /// <summary>The hashes to request from a peer now, in the order of its announcements.</summary>
    /// <param name="peer">The peer.</param>
    /// <param name="now">The time.</param>
    /// <param name="overdue">Called for each request of any peer that is given up.</param>
    internal List<(uint256 Hash, bool IsWitness)> Due(
        long peer, DateTimeOffset now, Action<long, uint256, bool>? overdue = null)
    {
        lock (_gate)
        {
            while (_asked.TryPeek(out (DateTimeOffset Until, Announcement Announcement) first) && first.Until <= now)
            {
                _asked.Dequeue();
                if (first.Announcement is { State: State.Asked } late && late.Until == first.Until)
                {
                    overdue?.Invoke(late.Peer, late.Hash, late.IsWitness);
                    Finish(late);
                }
            }

            if (!_byPeer.TryGetValue(peer, out PeerState? state) || state.Candidates == 0)
            {
                return [];
            }

            return
            [
                .. state.All.Values
                    .Where(one => one.State == State.Candidate && one.From <= now && IsNext(one, now))
                    .OrderBy(static one => one.Sequence)
                    .Select(static one => (one.Hash, one.IsWitness)),
            ];
        }
    }

    /// <summary>Records that a peer is asked.</summary>
    /// <returns>
    /// False if it must not be asked: since the hash was due, another thread asked this peer or another one.
    /// </returns>
    internal bool Asked(long peer, uint256 hash, DateTimeOffset now, DateTimeOffset until)
    {
        lock (_gate)
        {
            if (!_byPeer.TryGetValue(peer, out PeerState? state)
                || !state.All.TryGetValue(hash, out Announcement? one)
                || one.State != State.Candidate
                || !IsNext(one, now))
            {
                return false;
            }

            (one.State, one.Until) = (State.Asked, until);
            state.Candidates--;
            state.Asked++;
            _asked.Enqueue((until, one));
            return true;
        }
    }

    /// <summary>Records that a peer sent a transaction, or does not have it: the peer is not asked again.</summary>
    internal void Answered(long peer, uint256 hash)
    {
        lock (_gate)
        {
            if (_byPeer.TryGetValue(peer, out PeerState? state) && state.All.TryGetValue(hash, out Announcement? one))
            {
                Finish(one);
            }
        }
    }

    /// <summary>Removes all announcements of a transaction.</summary>
    internal void Forget(uint256 hash)
    {
        lock (_gate)
        {
            if (_byHash.Remove(hash, out List<Announcement>? all))
            {
                all.ForEach(Leave);
            }
        }
    }

    /// <summary>Removes a peer.</summary>
    internal void RemovePeer(long peer)
    {
        lock (_gate)
        {
            if (!_byPeer.Remove(peer, out PeerState? state))
            {
                return;
            }

            foreach (Announcement one in state.All.Values)
            {
                List<Announcement> all = _byHash[one.Hash];
                all.Remove(one);
                one.State = State.Done;
                ForgetWhereDone(one.Hash, all);
            }
        }
    }

    /// <summary>The peers that can still be asked for a transaction.</summary>
    internal List<long> PeersFor(uint256 hash)
    {
        lock (_gate)
        {
            return _byHash.TryGetValue(hash, out List<Announcement>? all)
                ? [.. all.Where(static one => one.State != State.Done).Select(static one => one.Peer)]
                : [];
        }
    }

    /// <summary>Whether no request is open, and no other peer comes first.</summary>
    private bool IsNext(Announcement one, DateTimeOffset now)
    {
        return _byHash[one.Hash].TrueForAll(
            other => ReferenceEquals(other, one)
                || other.State == State.Done
                || (other.State == State.Candidate && (other.From > now || Rank(other).CompareTo(Rank(one)) < 0)));
    }

    /// <summary>
    /// The peer with the higher value is asked first. Among equal peers a secret decides, for each hash anew.
    /// </summary>
    private (bool IsPreferred, int Chance, long Sequence) Rank(Announcement one)
        => (one.IsPreferred, HashCode.Combine(_salt, one.Hash, one.Peer), one.Sequence);

    private void Finish(Announcement one)
    {
        if (one.State != State.Done)
        {
            PeerState state = _byPeer[one.Peer];
            state.Candidates -= one.State == State.Candidate ? 1 : 0;
            state.Asked -= one.State == State.Asked ? 1 : 0;
            one.State = State.Done;
            ForgetWhereDone(one.Hash, _byHash[one.Hash]);
        }
    }

    private void ForgetWhereDone(uint256 hash, List<Announcement> all)
    {
        if (all.TrueForAll(static one => one.State == State.Done))
        {
            _byHash.Remove(hash);
            all.ForEach(Leave);
        }
    }

    private void Leave(Announcement one)
    {
        PeerState state = _byPeer[one.Peer];
        state.All.Remove(one.Hash);
        state.Candidates -= one.State == State.Candidate ? 1 : 0;
        state.Asked -= one.State == State.Asked ? 1 : 0;
        one.State = State.Done;
        if (state.All.Count == 0)
        {
            _byPeer.Remove(one.Peer);
        }
    }

    private sealed class PeerState
    {
        internal Dictionary<uint256, Announcement> All { get; } = [];

        internal int Candidates { get; set; }

        internal int Asked { get; set; }
    }

    private sealed class Announcement(
        long peer, uint256 hash, bool isWitness, bool isPreferred, DateTimeOffset from, long sequence)
    {
        internal long Peer { get; } = peer;

        internal uint256 Hash { get; } = hash;

        internal bool IsWitness { get; } = isWitness;

        internal bool IsPreferred { get; } = isPreferred;

        internal DateTimeOffset From { get; } = from;

        internal long Sequence { get; } = sequence;

        internal State State { get; set; }

        internal DateTimeOffset Until { get; set; }
    }
}
