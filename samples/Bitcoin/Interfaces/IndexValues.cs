using NBitcoin;

namespace Bitcoin.Interfaces;

/// <summary>What the indexes of a node are called.</summary>
public static class IndexNames
{
    /// <summary>In which block each transaction is.</summary>
    public const string Transactions = "txindex";

    /// <summary>Who spent each output.</summary>
    public const string Spenders = "txospenderindex";

    /// <summary>The basic filter of each block, by BIP158.</summary>
    public const string BasicFilters = "basic block filter index";

    /// <summary>The statistics of the coins after each block.</summary>
    public const string Statistics = "coinstatsindex";
}

/// <summary>Up to where an index is.</summary>
/// <param name="Name">One of <see cref="IndexNames"/>.</param>
/// <param name="IsSynced">Whether it has reached the tip once; from then on it follows.</param>
/// <param name="Height">The height of the block up to which it is; 0 too when there is none.</param>
public sealed record IndexSummary(string Name, bool IsSynced, int Height);

/// <summary>What indexes take over from the node.</summary>
/// <param name="Network">The name of the network.</param>
/// <param name="DataDirectory">The network's data directory, absolute.</param>
/// <param name="PrintToConsole">Whether the log goes to the console.</param>
/// <param name="DebugCategories">The log categories that are switched on.</param>
/// <param name="Names">Which to keep, of <see cref="IndexNames"/>.</param>
/// <param name="StartsAnew">Whether what is stored of them is deleted first.</param>
public sealed record IndexSettings(
    string Network,
    string DataDirectory,
    bool PrintToConsole,
    string[] DebugCategories,
    string[] Names,
    bool StartsAnew)
{
    /// <summary>Where an index is, as Bitcoin Core lays the folders out.</summary>
    public string FolderOf(string name)
        => Path.Combine(
            DataDirectory,
            "indexes",
            name == IndexNames.BasicFilters ? Path.Combine("blockfilter", "basic") : name,
            "db");
}

/// <summary>A block's basic filter.</summary>
/// <param name="Data">The filter, as it crosses between nodes.</param>
/// <param name="Header">The hash that commits to it and to those of all blocks before.</param>
public sealed record BlockFilter(byte[] Data, uint256 Header);

/// <summary>Who spent an output.</summary>
/// <param name="Transaction">The transaction that spent it.</param>
/// <param name="Block">The block that the transaction is in.</param>
public sealed record OutputSpender(uint256 Transaction, uint256 Block);

/// <summary>The coins after a block, and what the block did to them.</summary>
/// <param name="MuHash">The hash of the set of coins.</param>
/// <param name="Count">How many coins there are.</param>
/// <param name="BogoSize">What they count as, in bytes.</param>
/// <param name="Amount">What they are worth.</param>
/// <param name="Unspendable">What could have been coins by now, and nobody can ever spend.</param>
/// <param name="Spent">What the block's transactions spent.</param>
/// <param name="Coinbase">What its coinbase made.</param>
/// <param name="Created">What its other transactions made.</param>
/// <param name="Lost">What was lost in the block, by cause.</param>
public sealed record CoinSetStatistics(
    uint256 MuHash,
    long Count,
    long BogoSize,
    Money Amount,
    Money Unspendable,
    Money Spent,
    Money Coinbase,
    Money Created,
    LostAmounts Lost);

/// <summary>What was lost in a block.</summary>
/// <param name="Genesis">The genesis block's reward.</param>
/// <param name="Duplicates">A coinbase that another with the same id replaced.</param>
/// <param name="Scripts">Outputs that no script can spend.</param>
/// <param name="Unclaimed">What the miner did not claim.</param>
public sealed record LostAmounts(Money Genesis, Money Duplicates, Money Scripts, Money Unclaimed);
