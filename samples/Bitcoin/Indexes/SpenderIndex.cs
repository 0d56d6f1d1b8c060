using Bitcoin.Interfaces;
using Microsoft.Data.Sqlite;
using NBitcoin;

namespace Bitcoin.Indexes;

/// <summary>The spender of each output.</summary>
internal sealed class SpenderIndex(string path) : ChainIndex(path, Tables)
{
    private const string Tables =
        """
        CREATE TABLE IF NOT EXISTS spender (output BLOB PRIMARY KEY, txid BLOB NOT NULL, block BLOB NOT NULL, height INTEGER NOT NULL) WITHOUT ROWID;
        CREATE INDEX IF NOT EXISTS spender_height ON spender (height);
        """;

    internal override string Name => IndexNames.Spenders;

    internal override bool NeedsSpent => false;

    internal override bool AllowsPruning => false;

    internal OutputSpender? Find(OutPoint output)
    {
        byte[] key = output.ToBytes();
        return Read(
            () => Database.First(
                "SELECT txid, block FROM spender WHERE output = ?1",
                static row => new OutputSpender(Hash(row, 0), Hash(row, 1)),
                key));
    }

    private protected override void Add(FoundBlock block, int height)
    {
        byte[] hash = block.Hash.ToBytes();
        foreach (Transaction transaction in block.Data!.Transactions.Skip(1))
        {
            byte[] txid = transaction.GetHash().ToBytes();
            foreach (TxIn input in transaction.Inputs)
            {
                Database.Run(
                    "INSERT OR REPLACE INTO spender VALUES (?1, ?2, ?3, ?4)",
                    input.PrevOut.ToBytes(),
                    txid,
                    hash,
                    height);
            }
        }
    }

    private protected override void RemoveAbove(Position ancestor)
        => Database.Run("DELETE FROM spender WHERE height > ?1", ancestor.Height);

    private protected override void RemoveAll() => Database.Run("DELETE FROM spender");

    private static uint256 Hash(SqliteDataReader row, int column) => new((byte[])row.GetValue(column));
}
