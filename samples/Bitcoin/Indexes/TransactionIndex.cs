using Bitcoin.Interfaces;
using NBitcoin;

namespace Bitcoin.Indexes;

/// <summary>The block of each transaction.</summary>
internal sealed class TransactionIndex(string path) : ChainIndex(path, Tables)
{
    private const string Tables =
        "CREATE TABLE IF NOT EXISTS place (txid BLOB PRIMARY KEY, block BLOB NOT NULL) WITHOUT ROWID;";

    internal override string Name => IndexNames.Transactions;

    internal override bool NeedsSpent => false;

    internal override bool AllowsPruning => false;

    internal uint256? Find(uint256 txid)
    {
        return Read(
            () => Database.Scalar(
                "SELECT block FROM place WHERE txid = ?1", txid.ToBytes()) is byte[] hash ? new uint256(hash) : null);
    }

    private protected override void Add(FoundBlock block, int height)
    {
        // The transaction of the genesis block cannot be spent. Bitcoin Core does not return it either.
        byte[] hash = block.Hash.ToBytes();
        foreach (Transaction transaction in height == 0 ? [] : block.Data!.Transactions)
        {
            Database.Run("INSERT OR REPLACE INTO place VALUES (?1, ?2)", transaction.GetHash().ToBytes(), hash);
        }
    }

    // A transaction of a block that left the chain is still found there, until another block contains it.
    private protected override void RemoveAbove(Position ancestor)
    {
    }

    private protected override void RemoveAll() => Database.Run("DELETE FROM place");
}
