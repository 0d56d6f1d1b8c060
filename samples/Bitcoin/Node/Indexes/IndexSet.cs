using Bitcoin.Chain;
using NBitcoin;

namespace Bitcoin.Node.Indexes;

/// <summary>The indexes that are kept.</summary>
internal sealed class IndexSet : IDisposable
{
    /// <summary>Where transactions are; null where there is no such index.</summary>
    internal ITransactionIndex? Transactions { get; init; }

    /// <summary>What the coins were at each block; null where there is no such index.</summary>
    internal IStatisticsIndex? Statistics { get; init; }

    public void Dispose() => (Transactions as IDisposable)?.Dispose();

    internal bool HasTransactions => Transactions is not null;

    internal ChainBlock? FindTransaction(uint256 txid) => Transactions?.Find(txid);
}

/// <summary>Finds the block of a transaction.</summary>
internal interface ITransactionIndex
{
    ChainBlock? Find(uint256 txid);

    /// <summary>Up to which height it is.</summary>
    int Height { get; }
}

/// <summary>Tells the coins' statistics at a block.</summary>
internal interface IStatisticsIndex
{
    System.Text.Json.Nodes.JsonObject? Describe(ChainBlock block, string hashType);
}
