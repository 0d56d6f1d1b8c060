using NBitcoin;

namespace Bitcoin.Node.Net;

/// <summary>The last hashes that were added, half as many as are allowed at least. Any thread.</summary>
internal sealed class RecentHashes(int most)
{
    private readonly Lock _gate = new();

    // Under the gate. When the newer set is full it becomes the older one, and that is forgotten.
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
