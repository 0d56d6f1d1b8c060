using Bitcoin.Chain.Coins;
using Bitcoin.Chain.Storage;
using NBitcoin;

namespace Bitcoin.Chain;

// Opens, reads, writes and prunes the files. A block is written before its entry in the index, and the coins last. So
// after a kill at any moment, the coins belong to a block that is stored.
public sealed partial class BlockTree
{
    /// <summary>How many blocks at the end of the chain are never pruned.</summary>
    internal const int KeptBlocks = 288;

    private const string ReindexFlag = "reindexing";
    private const string PrunedFlag = "pruned";
    private static readonly TimeSpan s_flushInterval = TimeSpan.FromHours(1);

    private IBlockStore _store = null!;
    private BlockFiles? _files;
    private IndexDatabase? _index;
    private CoinDatabase _coinDatabase = null!;
    private CoinCache _coins = null!;
    private long _lastFlush = Environment.TickCount64;
    private int _isDisposed;

    /// <summary>Whether blocks were ever pruned.</summary>
    internal bool HasPruned { get; private set; }

    /// <summary>The block files; only a tree with a directory has them.</summary>
    internal BlockFiles Files => _files ?? throw new InvalidOperationException("The tree is in memory.");

    internal bool Prunes => _options.Prunes;

    internal long PruneTarget => _options.PruneTarget;

    internal long BytesOnDisk
    {
        get
        {
            lock (_gate)
            {
                return _files?.BytesOnDisk ?? 0;
            }
        }
    }

    /// <summary>The size of the coins on disk, as far as they are written, in bytes; 0 in memory.</summary>
    internal long CoinBytesOnDisk()
        => _options.Directory is { } directory
            && new FileInfo(Path.Combine(directory, "chainstate", "coins.sqlite")) is { Exists: true } file
            ? file.Length
            : 0;

    /// <summary>Writes all changes, and waits for the disk.</summary>
    internal void Flush(bool emptiesCache = false)
    {
        lock (_gate)
        {
            FlushLocked(emptiesCache);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
        {
            return;
        }

        lock (_gate)
        {
            FlushLocked(emptiesCache: true);
            _coinDatabase.Dispose();
            _index?.Dispose();
            _store.Dispose();
        }
    }

    /// <summary>Prunes block files up to a height.</summary>
    /// <returns>The highest height that may be missing.</returns>
    internal int PruneUpTo(int height)
    {
        lock (_gate)
        {
            int last = Math.Min(Math.Min(height, LastUnlocked()), _active.Count - 1 - KeptBlocks);
            foreach ((int number, BlockFileInfo info) in _files?.Infos.ToArray() ?? [])
            {
                if (info.Size > 0 && info.LastHeight <= last && number != _files!.Infos.Keys.Max())
                {
                    DeleteFile(number);
                }
            }

            SaveIndex();
            return last;
        }
    }

    /// <summary>Whether the last blocks are stored correctly.</summary>
    /// <param name="level">0 reads them, 1 also checks them by themselves, 2 also reads what they spent.</param>
    /// <param name="count">The number of blocks; 0 for all stored ones.</param>
    internal bool Verify(int level, int count)
    {
        ChainBlock block = Tip;
        try
        {
            for (int i = 0; block.Previous is not null
                && (count <= 0 || i < count)
                && HasData(block); i++, block = block.Previous)
            {
                _options.Stop.ThrowIfCancellationRequested();
                bool isGood = Read(block) is { } data
                    && data.GetHash() == block.Hash
                    && (level < 1 || Rules.BlockRules.CheckContents(data, Network) is null)
                    && (level < 2 || ReadUndo(block)?.Count == data.Transactions.Count - 1);
                if (!isGood)
                {
                    LogDamage(block, "this is not what was stored.");
                    return false;
                }
            }

            return true;
        }
        catch (Exception exception) when (exception is IOException or InvalidDataException)
        {
            LogDamage(block, exception.Message);
            return false;
        }
    }

    private void LogDamage(ChainBlock block, string what)
    {
        string place = $"blk{block.Data.File:00000}.dat at {block.Data.Offset}";
        _options.Log("", $"Error: block {block.Height} ({block.Hash}), {place}: {what}");
    }

    /// <summary>The lowest height from which on all blocks of the active chain are stored.</summary>
    internal int FirstStoredHeight()
    {
        lock (_gate)
        {
            int height = _active.Count - 1;
            while (height > 0 && HasData(_active[height - 1]))
            {
                height--;
            }

            return height;
        }
    }

    private void OpenStores()
    {
        if (_options.Directory is not { } directory)
        {
            _store = new MemoryBlocks();
            _coinDatabase = new CoinDatabase(null);
            _coins = new CoinCache(_coinDatabase);
            return;
        }

        string blocks = _options.BlocksDirectory ?? Path.Combine(directory, "blocks");
        Directory.CreateDirectory(blocks);

        // Not in the directory of -blocksdir: blocks may be on a slow disk, the index must not be.
        string index = Path.Combine(directory, "blocks", "index");
        string chainstate = Path.Combine(directory, "chainstate");

        // If the whole directory was deleted, the tree starts empty. If only files in it are missing, that is damage.
        bool isNew = !Directory.EnumerateFiles(
            blocks,
            "*",
            new EnumerationOptions { RecurseSubdirectories = true }).Any(static file
                => Path.GetFileName(file) != ".lock");
        Directory.CreateDirectory(index);
        Directory.CreateDirectory(chainstate);
        string indexFile = Path.Combine(index, "index.sqlite");
        if (_options.Reindexes)
        {
            DeleteDatabase(indexFile);
        }
        else if (!isNew && !File.Exists(indexFile) && File.Exists(Path.Combine(chainstate, "coins.sqlite")))
        {
            throw new DamagedIndexException();
        }

        if (isNew || _options.Reindexes || _options.ReindexesCoins)
        {
            DeleteDatabase(Path.Combine(chainstate, "coins.sqlite"));
        }

        _files = BlockFiles.Open(blocks, Network, _options.MaxFileBytes, _options.Obfuscates);
        if (_options.Reindexes && _options.Prunes)
        {
            _options.Log("", "Removing unusable blk?????.dat and rev?????.dat files for -reindex with -prune");
            _files.DeleteUnusable();
        }

        _store = _files;
        _index = new IndexDatabase(indexFile);
        _coinDatabase = new CoinDatabase(Path.Combine(chainstate, "coins.sqlite"));
        _coins = new CoinCache(_coinDatabase);
        if (_options.Reindexes)
        {
            _index.SetFlag(ReindexFlag, true);
        }
    }

    private static void DeleteDatabase(string path)
    {
        foreach (string file in new[] { path, path + "-wal", path + "-shm" })
        {
            File.Delete(file);
        }
    }

    /// <summary>
    /// Whether blocks were accepted without checking witnesses, at heights where they are checked now.
    /// </summary>
    internal bool LacksWitnesses
    {
        get
        {
            lock (_gate)
            {
                for (int height = _active.Count - 1; height >= Network.SegwitHeight && height > 0; height--)
                {
                    if ((_active[height].Status & BlockStatus.HasWitnesses) == 0)
                    {
                        return true;
                    }
                }

                return false;
            }
        }
    }

    /// <summary>
    /// Whether the index must be built from the block files, in this run or because an earlier run did not complete it.
    /// </summary>
    internal bool MustReindex => _index?.Flag(ReindexFlag) ?? false;

    internal void EndReindex()
    {
        lock (_gate)
        {
            ChainBlock genesis = _active[0];
            if (!HasData(genesis))
            {
                // Its file was deleted, and no peer sends the genesis block.
                genesis.Data = _store.Append(Network.Genesis.ToBytes(), 0);
                genesis.Status |= BlockStatus.HasTransactions
                    | BlockStatus.ScriptsChecked
                    | BlockStatus.HasData
                    | BlockStatus.HasWitnesses;
                _dirty.Add(genesis);
                SaveIndex();
            }
        }

        _index?.SetFlag(ReindexFlag, false);
    }

    private void LoadIndex()
    {
        if (_index is not null && _files is not null)
        {
            _index.LoadFiles(_files.Infos);
            HasPruned = _index.Flag(PrunedFlag);
            foreach (ChainBlock block in _index.Load(_known, Network.Network.Consensus))
            {
                _options.Stop.ThrowIfCancellationRequested();
                _known.Add(block.Hash, block);
                AddLoaded(block);
            }

            if (_known.Count > 0 && !_known.ContainsKey(Network.GenesisHash))
            {
                throw new InvalidDataException("Incorrect or no genesis block found. Wrong datadir for network?");
            }
        }

        // Its transactions may have been pruned like any block's, or not found again yet.
        if (_known.TryGetValue(Network.GenesisHash, out ChainBlock? genesis)
            && (HasData(genesis) || HasPruned || MustReindex))
        {
            RestoreActive(genesis);
        }
        else
        {
            AddGenesis();
        }
    }

    private void AddLoaded(ChainBlock block)
    {
        _sequence = Math.Max(_sequence, block.Sequence);
        if (block.TransactionCount > 0 && (block.Previous is null || block.Previous.ChainTransactions > 0))
        {
            block.ChainTransactions = (block.Previous?.ChainTransactions ?? 0) + block.TransactionCount;
            if (!block.HasFailed)
            {
                _candidates.Add(block);
            }
        }
        else if (block.Previous is not null && HasData(block))
        {
            WaitFor(block.Previous, block);
        }

        if (block.Previous is not null && block.Previous.HasFailed && !block.HasFailed)
        {
            block.Status |= BlockStatus.ChildOfFailed;
            _candidates.Remove(block);
        }

        if (block.HasFailed)
        {
            NoteFailed(block);
        }
        else if (_bestHeader is null || block.ChainWork > _bestHeader.ChainWork)
        {
            _bestHeader = block;
        }
    }

    private void RestoreActive(ChainBlock genesis)
    {
        ChainBlock? tip = genesis;
        if (_coins.Best is { } best && !_known.TryGetValue(best, out tip))
        {
            throw new InvalidDataException(
                "Error initializing block database: the coins are those of a block that is not known.");
        }

        for (ChainBlock? block = tip; block is not null; block = block.Previous)
        {
            _active.Add(block);
        }

        _active.Reverse();
    }

    private void AddGenesis()
    {
        Block block = Network.Genesis;
        ChainBlock genesis = new(block.Header, Network.GenesisHash, null);
        _known[genesis.Hash] = genesis;
        _active.Add(genesis);
        _bestHeader = genesis;
        if (!MustReindex)
        {
            genesis.Data = _store.Append(block.ToBytes(), 0);
            genesis.Status = BlockStatus.HasTransactions
                | BlockStatus.ScriptsChecked
                | BlockStatus.HasData
                | BlockStatus.HasWitnesses;
        }

        genesis.TransactionCount = 1;
        genesis.ChainTransactions = 1;
        _candidates.Add(genesis);
        _dirty.Add(genesis);
        SaveIndex();
    }

    private void SaveIndex()
    {
        if (_index is not null)
        {
            _index.Save(_dirty, _files!.Infos);
        }

        _dirty.Clear();
    }

    private void FlushLocked(bool emptiesCache)
    {
        _store.Flush();
        SaveIndex();
        _index?.Flush();
        _coins.Flush(_active[^1].Height, emptiesCache);
        _lastFlush = Environment.TickCount64;
    }

    /// <summary>
    /// Flushes if the cache is full or the last flush is long ago, and prunes what exceeds the target.
    /// </summary>
    private void FlushIfNeeded()
    {
        if (_options.PruneTarget > 0)
        {
            PruneToTarget();
        }

        bool isFull = _coins.Usage > _options.CoinCacheBytes;
        if (isFull || Environment.TickCount64 - _lastFlush > s_flushInterval.TotalMilliseconds)
        {
            FlushLocked(emptiesCache: isFull);
        }
    }

    private void PruneToTarget()
    {
        // Space for the next block file, which is not pruned while it grows.
        long buffer = _options.MaxFileBytes / 8;
        int last = Math.Min(LastUnlocked(), _active.Count - 1 - KeptBlocks);
        if (_files is null
            || _files.BytesOnDisk + buffer < _options.PruneTarget
            || _active.Count - 1 <= Network.PruneAfterHeight)
        {
            return;
        }

        foreach ((int number, BlockFileInfo info) in _files.Infos.ToArray())
        {
            if (_files.BytesOnDisk + buffer < _options.PruneTarget)
            {
                return;
            }

            if (info.Size > 0 && info.LastHeight <= last && number != _files.Infos.Keys.Max())
            {
                DeleteFile(number);
            }
        }
    }

    private void DeleteFile(int number)
    {
        foreach (ChainBlock block in _known.Values)
        {
            if (HasData(block) && block.Data.File == number)
            {
                block.Status &= ~(BlockStatus.HasData | BlockStatus.HasUndo);
                _dirty.Add(block);
                if (!IsActiveLocked(block))
                {
                    _candidates.Remove(block);
                }
            }
        }

        if (!HasPruned)
        {
            HasPruned = true;
            _index?.SetFlag(PrunedFlag, true);
        }

        SaveIndex();
        _files!.Delete(number);
        _options.Log("", $"Prune: UnlinkPrunedFiles deleted blk/rev ({number:00000})");
    }
}
