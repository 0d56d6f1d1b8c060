using Bitcoin.Interfaces;
using Bitcoin.Primitives;
using NBitcoin;

namespace Bitcoin.Indexes;

/// <summary>
/// One index: a database that is brought forward block by block, and back where the chain leaves blocks.
/// </summary>
/// <remarks>
/// What a block adds and the note up to which block the index is are written in one transaction, so that a kill at any
/// moment leaves an index that is whole up to some block. Any thread may read; only the thread that follows the chain
/// writes.
/// </remarks>
internal abstract class ChainIndex : IDisposable
{
    private readonly Lock _gate = new();

    // Under the gate.
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

    /// <summary>Whether it reads what blocks spent.</summary>
    internal virtual bool NeedsSpent => true;

    /// <summary>Whether the node may delete blocks once the index has read them.</summary>
    internal virtual bool AllowsPruning => true;

    /// <summary>Up to which block it is; null for none.</summary>
    internal Position? Best => _best;

    /// <summary>Whether it has reached the tip once.</summary>
    internal bool IsSynced
    {
        get => _isSynced;
        set => _isSynced = value;
    }

    internal IndexSummary Summary => new(Name, IsSynced, _best?.Height ?? 0);

    private protected Database Database => _database;

    /// <summary>Does what changes the index: all of it is written, or nothing.</summary>
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
                // What was noted in memory was not written.
                _best = ReadBest();
                Restore(_best);
                throw;
            }
        }
    }

    /// <summary>Takes the block after the best one; inside a transaction.</summary>
    /// <param name="block">The block, with its height, its transactions, and what they spent.</param>
    internal void Append(FoundBlock block)
    {
        Add(block, block.Height!.Value);
        Note(new Position(block.Hash, block.Height.Value));
    }

    /// <summary>
    /// The blocks to which it can go back, the highest first, none above this one; some may not be of the chain.
    /// </summary>
    internal virtual IReadOnlyList<Position> ResumePoints(Position ancestor) => [ancestor];

    /// <summary>Goes back to one of them; inside a transaction.</summary>
    internal void Rewind(Position ancestor)
    {
        RemoveAbove(ancestor);
        Note(ancestor);
    }

    /// <summary>Forgets everything; inside a transaction.</summary>
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

    /// <summary>Reads while nobody writes.</summary>
    private protected T Read<T>(Func<T> read)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            return read();
        }
    }

    private protected abstract void Add(FoundBlock block, int height);

    /// <summary>Takes back what must not be found any more once the chain has left the blocks above this one.</summary>
    private protected abstract void RemoveAbove(Position ancestor);

    private protected abstract void RemoveAll();

    /// <summary>Takes up what is kept in memory as of a block again.</summary>
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

        // An earlier form named the hash alone: such an index begins anew.
        string[] parts = text.Split(' ');
        return parts.Length == 2
            && int.TryParse(parts[0], out int height)
            && uint256.TryParse(parts[1], out uint256 hash)
            ? new Position(hash, height)
            : null;
    }
}

/// <summary>A block of the chain.</summary>
internal sealed record Position(uint256 Hash, int Height);
