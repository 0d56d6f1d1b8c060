using System.Diagnostics.CodeAnalysis;
using NBitcoin;

namespace Bitcoin.Chain.Coins;

/// <summary>
/// The unspent outputs of the active chain: recently used or changed ones in memory, all others in the database. Used
/// under the tree's gate.
/// </summary>
internal sealed class CoinCache(CoinDatabase database) : ICoinView
{
    // The memory of a coin besides its script: entry, key with its hash, record, script object.
    private const int CoinBytes = 240;

    private readonly Dictionary<OutPoint, Entry> _entries = [];
    private long _scriptBytes;
    private int _dirty;

    /// <summary>The approximate memory that it uses, in bytes.</summary>
    internal long Usage => ((long)_entries.Count * CoinBytes) + _scriptBytes;

    internal int Count => _entries.Count;

    internal bool IsDirty => _dirty > 0;

    /// <summary>The block that the coins in memory belong to.</summary>
    internal uint256? Best { get; private set; } = database.Best;

    public UnspentCoin? Find(OutPoint id)
    {
        if (_entries.TryGetValue(id, out Entry entry))
        {
            return entry.Coin;
        }

        UnspentCoin? coin = database.Find(id);
        if (coin is not null)
        {
            Set(id, new Entry(coin, IsDirty: false, IsFresh: false));
        }

        return coin;
    }

    /// <summary>Applies the changes of a block.</summary>
    internal void Take(CoinLayer layer, uint256 best)
    {
        foreach ((OutPoint id, UnspentCoin? coin) in layer.Changes)
        {
            bool isKnown = _entries.TryGetValue(id, out Entry old);
            if (coin is null && (isKnown ? old.IsFresh : database.Find(id) is null))
            {
                // The database never had this coin.
                if (isKnown)
                {
                    Forget(id, old);
                }

                continue;
            }

            // Only a coin that the database cannot have is fresh, not one that was spent here before.
            Set(
                id,
                new Entry(
                    coin,
                    IsDirty: true,
                    IsFresh: coin is not null && (isKnown ? old.IsFresh : coin.Height > database.BestHeight)));
        }

        Best = best;
    }

    /// <summary>Writes the changes.</summary>
    /// <param name="height">The height of the best block.</param>
    /// <param name="empties">Whether to empty the cache afterwards.</param>
    internal void Flush(int height, bool empties)
    {
        if (Best is null)
        {
            return;
        }

        database.Write(
            _entries.Where(static pair => pair.Value.IsDirty).Select(
                static pair => KeyValuePair.Create(pair.Key, pair.Value.Coin)),
            Best,
            height);
        if (empties)
        {
            _entries.Clear();
            _scriptBytes = 0;
        }
        else
        {
            foreach (OutPoint id in _entries.Where(static pair => pair.Value.IsDirty)
                .Select(static pair => pair.Key)
                .ToArray())
            {
                Entry entry = _entries[id];
                if (entry.Coin is null)
                {
                    _entries.Remove(id);
                }
                else
                {
                    _entries[id] = entry with { IsDirty = false, IsFresh = false };
                }
            }
        }

        _dirty = 0;
    }

    /// <summary>All coins as of the last flush, in the order of their keys.</summary>
    internal IEnumerable<(OutPoint Id, UnspentCoin Coin)> All() => database.All();

    private void Set(OutPoint id, Entry entry)
    {
        if (_entries.TryGetValue(id, out Entry old))
        {
            Forget(id, old);
        }

        _entries[id] = entry;
        _scriptBytes += entry.Coin?.Script.Length ?? 0;
        _dirty += entry.IsDirty ? 1 : 0;
    }

    private void Forget(OutPoint id, Entry old)
    {
        _entries.Remove(id);
        _scriptBytes -= old.Coin?.Script.Length ?? 0;
        _dirty -= old.IsDirty ? 1 : 0;
    }

    [SuppressMessage("Performance", "CA1815", Justification = "Never compared.")]
    private readonly record struct Entry(UnspentCoin? Coin, bool IsDirty, bool IsFresh);
}
