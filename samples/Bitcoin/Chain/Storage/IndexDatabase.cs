using Microsoft.Data.Sqlite;
using Bitcoin.Primitives;
using NBitcoin;

namespace Bitcoin.Chain.Storage;

/// <summary>The index: what the tree knows about each block, and about the files of the blocks.</summary>
internal sealed class IndexDatabase : IDisposable
{
    private readonly Database _database;

    internal IndexDatabase(string path)
    {
        _database = new Database(path);
        _database.Execute(
            """
            CREATE TABLE IF NOT EXISTS block (hash BLOB PRIMARY KEY, height INTEGER NOT NULL, header BLOB NOT NULL, status INTEGER NOT NULL, transactions INTEGER NOT NULL,
                file INTEGER NOT NULL, data INTEGER NOT NULL, undo INTEGER NOT NULL, sequence INTEGER NOT NULL) WITHOUT ROWID;
            CREATE TABLE IF NOT EXISTS file (number INTEGER PRIMARY KEY, blocks INTEGER NOT NULL, size INTEGER NOT NULL, undo_size INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL);
            CREATE TABLE IF NOT EXISTS flag (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
            """);
    }

    public void Dispose() => _database.Dispose();

    internal bool Flag(string name)
        => _database.Scalar("SELECT value FROM flag WHERE name = ?1", name) is long value && value != 0;

    internal void SetFlag(string name, bool value)
        => _database.Run("INSERT OR REPLACE INTO flag VALUES (?1, ?2)", name, value ? 1 : 0);

    internal void Flush() => _database.Flush();

    internal void Save(IReadOnlyCollection<ChainBlock> blocks, IEnumerable<KeyValuePair<int, BlockFileInfo>> files)
    {
        _database.InTransaction(() =>
        {
            foreach (ChainBlock block in blocks)
            {
                _database.Run(
                    "INSERT OR REPLACE INTO block VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
                    block.Hash.ToBytes(),
                    block.Height,
                    block.Header.ToBytes(),
                    (int)block.Status,
                    block.TransactionCount,
                    block.Data.File,
                    block.Data.Offset,
                    block.Undo.Offset,
                    block.Sequence);
            }

            foreach ((int number, BlockFileInfo info) in files)
            {
                if (info.IsDirty)
                {
                    _database.Run(
                        "INSERT OR REPLACE INTO file VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                        number,
                        info.Blocks,
                        info.Size,
                        info.UndoSize,
                        info.FirstHeight,
                        info.LastHeight);
                    info.IsDirty = false;
                }
            }
        });
    }

    internal void LoadFiles(IDictionary<int, BlockFileInfo> files)
    {
        foreach ((int number, BlockFileInfo info) in _database.Query(
            "SELECT number, blocks, size, undo_size, first, last FROM file",
            static row => (row.GetInt32(0), new BlockFileInfo
            {
                Blocks = row.GetInt32(1),
                Size = row.GetInt64(2),
                UndoSize = row.GetInt64(3),
                FirstHeight = row.GetInt32(4),
                LastHeight = row.GetInt32(5),
            })))
        {
            files[number] = info;
        }
    }

    /// <summary>All blocks, parents first.</summary>
    /// <exception cref="InvalidDataException">A block's parent is missing.</exception>
    internal IEnumerable<ChainBlock> Load(Dictionary<uint256, ChainBlock> known, NBitcoin.Consensus consensus)
    {
        return _database.Query(
            "SELECT hash, header, status, transactions, file, data, undo, sequence FROM block ORDER BY height",
            row => Read(row, known, consensus));
    }

    private static ChainBlock Read(
        SqliteDataReader row, Dictionary<uint256, ChainBlock> known, NBitcoin.Consensus consensus)
    {
        BlockHeader header = consensus.ConsensusFactory.CreateBlockHeader();
        header.FromBytes((byte[])row.GetValue(1));
        header.PrecomputeHash(false, false);
        uint256 hash = new((byte[])row.GetValue(0));
        ChainBlock? previous = null;
        if (header.GetHash() != hash
            || (header.HashPrevBlock != uint256.Zero && !known.TryGetValue(header.HashPrevBlock, out previous)))
        {
            throw new InvalidDataException($"Block index: {hash} does not fit.");
        }

        int file = row.GetInt32(4);
        return new ChainBlock(header, hash, previous)
        {
            Status = (BlockStatus)row.GetInt32(2),
            TransactionCount = row.GetInt32(3),
            Data = new BlockPosition(file, row.GetInt64(5)),
            Undo = new BlockPosition(file, row.GetInt64(6)),
            Sequence = row.GetInt64(7),
        };
    }
}
