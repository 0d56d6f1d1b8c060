using Bitcoin.Interfaces;
using Bitcoin.Primitives;
using NBitcoin;

namespace Bitcoin.Indexes;

/// <summary>
/// One index: a database that goes forward block by block, and back if blocks leave the chain.
/// </summary>
/// <remarks>
/// The data of a block and the position of the index are written in one transaction. So after a kill at any moment the
/// index is complete up to some block. Any thread may read; only the follower's thread writes.
/// </remarks>
internal abstract class ChainIndex : IDisposable
{
    private readonly Lock _gate = new();

    // Guarded by the gate.
    private readonly Database _database;
    private bool _isDisposed;

    private volatile Position? _best;
    private volatile bool _isSynced;

    private protected ChainIndex(string path, string tables)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        _database = new Database(path);
        try
        {
            _database.Execute(
                $"{tables}\nCREATE TABLE IF NOT EXISTS state (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT "
                    + $"ROWID;");
            _best = ReadBest();
        }
        catch
        {
            _database.Dispose();
            throw;
        }
    }

    /// <summary>One of <see cref="IndexNames"/>.</summary>
    internal abstract string Name { get; }

    /// <summary>Whether it needs the outputs that blocks spent.</summary>
    internal virtual bool NeedsSpent => true;

    /// <summary>Whether the node may prune blocks that the index has read.</summary>
    internal virtual bool AllowsPruning => true;

    /// <summary>The last block that it has; null for none.</summary>
    internal Position? Best => _best;

    /// <summary>Whether it has reached the tip once.</summary>
    internal bool IsSynced
    {
        get => _isSynced;
        set => _isSynced = value;
    }

    internal IndexSummary Summary => new(Name, IsSynced, _best?.Height ?? 0);

    private protected Database Database => _database;

    /// <summary>Changes the index in a transaction: all changes are written, or none.</summary>
    internal void InTransaction(Action change)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            try
            {
                _database.InTransaction(change);
            }
            catch
            {
                // The transaction was rolled back: the values in memory must be read again.
                _best = ReadBest();
                Restore(_best);
                throw;
            }
        }
    }

    /// <summary>Adds the block after the best one; inside a transaction.</summary>
    /// <param name="block">The block, with its height, its transactions, and the outputs that they spent.</param>
    internal void Append(FoundBlock block)
    {
        Add(block, block.Height!.Value);
        Note(new Position(block.Hash, block.Height.Value));
    }

    /// <summary>
    /// The blocks to which the index can go back, the highest first, none above this one. Some may not be in the chain.
    /// </summary>
    internal virtual IReadOnlyList<Position> ResumePoints(Position ancestor) => [ancestor];

    /// <summary>Goes back to one of these blocks; inside a transaction.</summary>
    internal void Rewind(Position ancestor)
    {
        RemoveAbove(ancestor);
        Note(ancestor);
    }

    /// <summary>Deletes everything; inside a transaction.</summary>
    internal void Clear()
    {
        RemoveAll();
        _database.Run("DELETE FROM state WHERE name = 'best'");
        _best = null;
    }

    public void Dispose()
    {
        lock (_gate)
        {
            if (!_isDisposed)
            {
                _isDisposed = true;
                _database.Dispose();
            }
        }
    }

    /// <summary>Reads while no thread writes.</summary>
    private protected T Read<T>(Func<T> read)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            return read();
        }
    }

    private protected abstract void Add(FoundBlock block, int height);

    /// <summary>
    /// Deletes the entries that must not be found any more after the blocks above this one left the chain.
    /// </summary>
    private protected abstract void RemoveAbove(Position ancestor);

    private protected abstract void RemoveAll();

    /// <summary>Restores the state in memory as of a block.</summary>
    private protected virtual void Restore(Position? best)
    {
    }

    private void Note(Position best)
    {
        _database.Run("INSERT OR REPLACE INTO state VALUES ('best', ?1)", $"{best.Height} {best.Hash}");
        _best = best;
    }

    private Position? ReadBest()
    {
        if (_database.Scalar("SELECT value FROM state WHERE name = 'best'") is not string text)
        {
            return null;
        }

        // An older format had only the hash: such an index is built again.
        string[] parts = text.Split(' ');
        return parts.Length == 2
            && int.TryParse(parts[0], out int height)
            && uint256.TryParse(parts[1], out uint256 hash)
            ? new Position(hash, height)
            : null;
    }
}

/// <summary>A block and its height.</summary>
internal sealed record Position(uint256 Hash, int Height);
