using Bitcoin.Chain;
using Bitcoin.Chain.Storage;
using NBitcoin;

namespace Bitcoin.Node.Indexes;

/// <summary>In which block of the active chain each transaction is.</summary>
internal sealed class TransactionIndex : ITransactionIndex, IChainSubscriber, IDisposable
{
    private readonly Lock _gate = new();
    private readonly BlockTree _tree;
    private readonly Database _database;
    private readonly ChainSubscription _subscription;

    internal TransactionIndex(BlockTree tree, string path, CancellationToken stop)
    {
        _tree = tree;
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        _database = new Database(path);
        _database.Execute(
            """
            CREATE TABLE IF NOT EXISTS place (txid BLOB PRIMARY KEY, block BLOB NOT NULL) WITHOUT ROWID;
            CREATE TABLE IF NOT EXISTS state (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
            """);
        _subscription = tree.Subscribe(this);
        CatchUp(stop);
    }

    public int Height { get; private set; }

    public ChainBlock? Find(uint256 txid)
    {
        lock (_gate)
        {
            return _database.Scalar("SELECT block FROM place WHERE txid = ?1", txid.ToBytes()) is byte[] hash ? _tree.Find(new uint256(hash)) : null;
        }
    }

    public void BlockConnected(ChainBlock block, Block data)
    {
        lock (_gate)
        {
            if (block.Height == Height + 1)
            {
                Add(block, data);
            }
        }
    }

    public void BlockDisconnected(ChainBlock block, Block data)
    {
        // What was in it is overwritten where it comes again; until then its block tells that it is not active.
        lock (_gate)
        {
            Height = Math.Min(Height, block.Height - 1);
        }
    }

    public void TipUpdated(ChainBlock tip)
    {
    }

    public void Dispose()
    {
        _subscription.Dispose();
        lock (_gate)
        {
            _database.Dispose();
        }
    }

    private void CatchUp(CancellationToken stop)
    {
        lock (_gate)
        {
            ChainBlock? best = _database.Scalar("SELECT value FROM state WHERE name = 'best'") is string text ? _tree.Find(uint256.Parse(text)) : null;
            while (best is not null && !_tree.IsActive(best))
            {
                best = best.Previous;
            }

            Height = best?.Height ?? 0;
            while (_tree.AtHeight(Height + 1) is { } next)
            {
                stop.ThrowIfCancellationRequested();
                Add(next, _tree.Read(next) ?? throw new InvalidDataException("txindex best block of the index goes beyond pruned data. Please disable the index or reindex (which will download the whole blockchain again)"));
            }
        }
    }

    private void Add(ChainBlock block, Block data)
    {
        _database.InTransaction(() =>
        {
            byte[] hash = block.Hash.ToBytes();
            foreach (Transaction transaction in data.Transactions)
            {
                _database.Run("INSERT OR REPLACE INTO place VALUES (?1, ?2)", transaction.GetHash().ToBytes(), hash);
            }

            _database.Run("INSERT OR REPLACE INTO state VALUES ('best', ?1)", block.Hash.ToString());
        });
        Height = block.Height;
    }
}
