using Bitcoin.Hosting;
using Bitcoin.Interfaces;
using Bitcoin.Primitives;
using NBitcoin;

namespace Bitcoin.Indexes;

/// <summary>The indexes of a process.</summary>
internal sealed class IndexSet : IIndexes
{
    private const int MaxFilters = 2000;

    private static readonly string[] s_order =
        [
            IndexNames.Transactions, IndexNames.Spenders, IndexNames.BasicFilters, IndexNames.Statistics,
        ];

    private readonly IReadOnlyList<ChainIndex> _indexes;
    private readonly ChainFollower _follower;

    /// <summary>Opens the indexes.</summary>
    /// <exception cref="IOException">A database cannot be opened.</exception>
    /// <exception cref="InvalidDataException">A database is damaged.</exception>
    internal IndexSet(IChain chain, IndexSettings settings, DebugLog log)
    {
        List<ChainIndex> opened = [];
        try
        {
            foreach (string name in s_order.Where(settings.Names.Contains))
            {
                opened.Add(Open(name, settings));
            }
        }
        catch
        {
            opened.ForEach(static index => index.Dispose());
            throw;
        }

        _indexes = opened;
        _follower = new ChainFollower(chain, opened, log);
    }

    public bool Start(out string? error) => _follower.Start(out error);

    public IndexSummary[] GetSummaries() => [.. _indexes.Select(static index => index.Summary)];

    public bool CatchUp(string name)
        => _indexes.FirstOrDefault(index => index.Name == name) is { } index && _follower.CatchUp(index);

    public uint256? FindTransaction(uint256 txid) => Index<TransactionIndex>()?.Find(txid);

    public OutputSpender? FindSpender(OutPoint output) => Index<SpenderIndex>()?.Find(output);

    public BlockFilter?[] GetFilters(uint256[] blocks)
    {
        ArgumentNullException.ThrowIfNull(blocks);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(blocks.Length, MaxFilters);
        FilterIndex? filters = Index<FilterIndex>();
        return [.. blocks.Select(block => filters?.Find(block))];
    }

    public CoinSetStatistics? GetStatistics(uint256 block) => Index<StatisticsIndex>()?.Find(block);

    public void Dispose()
    {
        _follower.Dispose();
        foreach (ChainIndex index in _indexes)
        {
            index.Dispose();
        }
    }

    private static ChainIndex Open(string name, IndexSettings settings)
    {
        string path = Path.Combine(settings.FolderOf(name), "index.sqlite");
        if (settings.Rebuilds && File.Exists(path))
        {
            foreach (string ending in (string[])["", "-wal", "-shm"])
            {
                File.Delete(path + ending);
            }
        }

        return name switch
        {
            IndexNames.Transactions => new TransactionIndex(path),
            IndexNames.Spenders => new SpenderIndex(path),
            IndexNames.BasicFilters => new FilterIndex(path),
            _ => new StatisticsIndex(
                path,
                Currency.Find(settings.Network)
                    ?? throw new ArgumentException(
                        $"Network: Expected the name of a network, got {settings.Network}.", nameof(settings))),
        };
    }

    private T? Index<T>()
        where T : ChainIndex => _indexes.OfType<T>().FirstOrDefault();
}
