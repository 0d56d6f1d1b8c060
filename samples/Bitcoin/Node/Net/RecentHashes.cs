using NBitcoin;

namespace Bitcoin.Node.Net;

/// <summary>The last added hashes: at least half of the maximum. Thread-safe.</summary>
internal sealed class RecentHashes(int most)
{
    private readonly Lock _gate = new();

    // Guarded by _gate. When the newer set is full, it replaces the older set.
    private HashSet<uint256> _newer = [];
    private HashSet<uint256> _older = [];

    internal void Add(uint256 hash)
    {
        lock (_gate)
        {
            if (_newer.Count >= most / 2)
            {
                (_older, _newer) = (_newer, []);
            }

            _newer.Add(hash);
        }
    }

    internal bool Contains(uint256 hash)
    {
        lock (_gate)
        {
            return _newer.Contains(hash) || _older.Contains(hash);
        }
    }

    internal void Clear()
    {
        lock (_gate)
        {
            (_newer, _older) = ([], []);
        }
    }
}
