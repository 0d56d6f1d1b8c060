using NBitcoin;

namespace Bitcoin.Interfaces;

/// <summary>The names of the indexes.</summary>
public static class IndexNames
{
    /// <summary>The block of each transaction.</summary>
    public const string Transactions = "txindex";

    /// <summary>The spender of each output.</summary>
    public const string Spenders = "txospenderindex";

    /// <summary>The basic filter of each block, by BIP158.</summary>
    public const string BasicFilters = "basic block filter index";

    /// <summary>The statistics of the unspent outputs after each block.</summary>
    public const string Statistics = "coinstatsindex";
}

/// <summary>How far an index has come.</summary>
/// <param name="Name">One of <see cref="IndexNames"/>.</param>
/// <param name="IsSynced">Whether it has reached the tip once; since then it follows the chain.</param>
/// <param name="Height">The height of the block that it has reached; 0 also if there is none.</param>
public sealed record IndexSummary(string Name, bool IsSynced, int Height);

/// <summary>The settings that indexes receive from the node.</summary>
/// <param name="Network">The name of the network.</param>
/// <param name="DataDirectory">The network's data directory, absolute.</param>
/// <param name="PrintToConsole">Whether the log goes to the console.</param>
/// <param name="DebugCategories">The log categories that are switched on.</param>
/// <param name="Names">The indexes to keep, of <see cref="IndexNames"/>.</param>
/// <param name="Rebuilds">Whether to delete the stored indexes and build them again.</param>
/// <param name="IsConfined">Whether the process cannot open its log itself.</param>
public sealed record IndexSettings(
    string Network,
    string DataDirectory,
    bool PrintToConsole,
    string[] DebugCategories,
    string[] Names,
    bool Rebuilds,
    bool IsConfined = false)
{
    /// <summary>The folder of all indexes, in the data directory.</summary>
    public const string Folder = "indexes";

    /// <summary>The folder of an index, in Bitcoin Core's layout.</summary>
    public string FolderOf(string name)
        => Path.Combine(
            DataDirectory,
            Folder,
            name == IndexNames.BasicFilters ? Path.Combine("blockfilter", "basic") : name,
            "db");
}

/// <summary>A block's basic filter.</summary>
/// <param name="Data">The filter, as nodes send it.</param>
/// <param name="Header">The hash that commits to this filter and to those of all blocks before.</param>
public sealed record BlockFilter(byte[] Data, uint256 Header);

/// <summary>The spender of an output.</summary>
/// <param name="Transaction">The transaction that spent it.</param>
/// <param name="Block">The block that the transaction is in.</param>
public sealed record OutputSpender(uint256 Transaction, uint256 Block);

/// <summary>The unspent outputs after a block, and what the block changed.</summary>
/// <param name="MuHash">The hash of the set of unspent outputs.</param>
/// <param name="Count">The number of unspent outputs.</param>
/// <param name="BogoSize">Their size in bytes, by Bitcoin Core's formula.</param>
/// <param name="Amount">Their total amount.</param>
/// <param name="Unspendable">The amount that was issued so far, or could have been, and that nobody can spend.</param>
/// <param name="Spent">The amount that the block's transactions spent.</param>
/// <param name="Coinbase">The amount of the coinbase's outputs.</param>
/// <param name="Created">The amount of the other transactions' outputs.</param>
/// <param name="Lost">The amount that was lost in the block, by cause.</param>
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

/// <summary>The amounts that were lost in a block, by cause.</summary>
/// <param name="Genesis">The genesis block's reward.</param>
/// <param name="Duplicates">Coinbases that another one with the same id replaced.</param>
/// <param name="Scripts">Outputs with a script that nobody can satisfy.</param>
/// <param name="Unclaimed">The part of the reward that the miner did not claim.</param>
public sealed record LostAmounts(Money Genesis, Money Duplicates, Money Scripts, Money Unclaimed);
