using System.Collections.Immutable;
using Bitcoin.Chain;
using Bitcoin.Hosting;
using Bitcoin.Interfaces;
using Bitcoin.Primitives;
using NBitcoin;

namespace Bitcoin.Node.Indexes;

/// <summary>
/// The indexes that the node uses: its own, in this process or in a child that is restarted when it ends, and those of
/// processes that attached themselves. Thread-safe.
/// </summary>
internal sealed class NodeIndexes : IDisposable
{
    private static readonly string s_program = Currency.Names.Program("index");

    /// <summary>
    /// A process that ends so many times, each time within <see cref="s_shortLife"/>, is not restarted.
    /// </summary>
    private const int MaxRestarts = 3;

    private const string LogName = "debug.log.index";
    private const string Ended = "The index process ended while it was started.";

    private static readonly TimeSpan s_shortLife = TimeSpan.FromMinutes(1);

    private readonly NodeContext _node;
    private readonly IInit _local;
    private readonly IIpc? _ipc;
    private readonly IndexSettings _settings;

    // Held while the process starts and ends.
    private readonly Lock _gate = new();
    private bool _isDisposed;
    private int _restarts;
    private long _opened;
    private bool _isStarted;

    private volatile State _own = new(null, null);
    private ImmutableList<IIndexes> _attached = [];

    /// <summary>Creates indexes that are not started yet.</summary>
    internal NodeIndexes(NodeContext node, IInit local, IIpc? ipc, IndexSettings settings)
    {
        _node = node;
        _local = local;
        _ipc = ipc;
        _settings = settings;
    }

    /// <summary>Opens the node's own indexes, if there are any; deletes those that must be built again.</summary>
    /// <exception cref="HostException">They cannot be opened.</exception>
    internal void Open()
    {
        foreach (string folder in _settings.Names.Select(_settings.FolderOf))
        {
            // Programs look for these words in Bitcoin Core's log.
            if (_settings.Rebuilds)
            {
                _node.Log.Write($"Wiping LevelDB in {folder} (here SQLite's)");
            }

            _node.Log.Write($"Opening LevelDB in {folder} (here SQLite's)");
        }

        if (_settings.Names.Length > 0)
        {
            lock (_gate)
            {
                OpenLocked(_settings);
            }
        }
    }

    /// <summary>Starts the node's own indexes. The chain must be loaded.</summary>
    /// <exception cref="HostException">They cannot start, or need blocks that the node has pruned.</exception>
    internal void Start()
    {
        lock (_gate)
        {
            _isStarted = true;
            if (_own.Indexes is { } indexes)
            {
                StartLocked(indexes);
            }
            else if (_settings.Names.Length > 0)
            {
                throw new HostException(Ended);
            }
        }
    }

    /// <summary>Whether there is an index of this name, see <see cref="IndexNames"/>.</summary>
    internal bool Has(string name) => _settings.Names.Contains(name) || Holder(name) is not null;

    /// <summary>The state of all indexes.</summary>
    /// <exception cref="RpcException">Their process is gone.</exception>
    internal IReadOnlyList<IndexSummary> Summaries()
    {
        IEnumerable<IndexSummary> own = _settings.Names.Length == 0
            ? []
            : Ask(Own(), static indexes => indexes.GetSummaries());
        IEnumerable<IndexSummary> attached = _attached.SelectMany(
            indexes => Attempt(indexes, static one => one.GetSummaries(), []));
        return [.. own.Concat(attached).DistinctBy(static summary => summary.Name)];
    }

    /// <summary>
    /// Waits until an index has processed all that has happened to the chain; false while it is still being built.
    /// </summary>
    internal bool CatchUp(string name) => Has(name) && Ask(Of(name), indexes => indexes.CatchUp(name));

    /// <summary>Whether there is an index of transactions.</summary>
    internal bool HasTransactions => Has(IndexNames.Transactions);

    /// <summary>
    /// The block of a transaction, from an index that has caught up as far as possible; null if it is not found.
    /// </summary>
    internal ChainBlock? FindTransaction(uint256 txid)
    {
        if (!HasTransactions)
        {
            return null;
        }

        CatchUp(IndexNames.Transactions);
        return Ask(Of(IndexNames.Transactions), indexes => indexes.FindTransaction(txid)) is { } block
            ? _node.Tree.Find(block)
            : null;
    }

    /// <summary>The spender of an output; null if it is not found.</summary>
    internal OutputSpender? FindSpender(OutPoint output)
        => Ask(Of(IndexNames.Spenders), indexes => indexes.FindSpender(output));

    /// <summary>The filters of blocks, each null if it is not found.</summary>
    internal BlockFilter?[] GetFilters(uint256[] blocks)
        => Ask(Of(IndexNames.BasicFilters), indexes => indexes.GetFilters(blocks));

    /// <summary>The statistics after a block; null if they are not found.</summary>
    internal CoinSetStatistics? GetStatistics(uint256 block)
        => Ask(Of(IndexNames.Statistics), indexes => indexes.GetStatistics(block));

    /// <summary>Uses the indexes of another process, for those that the node does not keep itself.</summary>
    internal IHandler Attach(IIndexes indexes)
    {
        ImmutableInterlocked.Update(ref _attached, static (list, added) => list.Add(added), indexes);
        return new Attachment(this, indexes);
    }

    public void Dispose()
    {
        lock (_gate)
        {
            State last = _own;
            _isDisposed = true;
            _own = new State(null, null);
            last.Indexes?.Dispose();
            last.Child?.Dispose();
        }
    }

    private void OpenLocked(IndexSettings settings)
    {
        _opened = Environment.TickCount64;
        LoggedChild? child = null;
        try
        {
            IIndexes? indexes = _local.MakeIndexes(_node.Chain, settings);
            if (indexes is null && _ipc is not null)
            {
                Confinement? confinement = Confine(settings);
                child = LoggedChild.Start(_ipc, s_program, _node.Log, Lost, confinement);
                ChildFiles files = new(Path.Combine(settings.DataDirectory, LogName));
                indexes = child.Init.MakeIndexes(
                    _node.Chain.WithFiles(files), settings with { IsConfined = confinement is not null });
            }

            _own = new State(child, indexes ?? throw new HostException($"{s_program} has no indexes."));
        }
        catch (Exception exception) when (_ipc?.IsDisconnection(exception) == true)
        {
            child?.Dispose();
            throw new HostException(Ended, exception);
        }
        catch
        {
            child?.Dispose();
            throw;
        }
    }

    private static Confinement? Confine(IndexSettings settings)
    {
        if (!OperatingSystem.IsLinux())
        {
            return null;
        }

        string directory = Path.Combine(settings.DataDirectory, IndexSettings.Folder);
        DataDirectory.Create(directory);
        return new Confinement([directory]);
    }

    private void StartLocked(IIndexes indexes)
    {
        try
        {
            if (!indexes.Start(out string? error))
            {
                _node.Chain.InitError(error ?? "An index cannot be started.");
                throw new HostException(
                    "A fatal internal error occurred, see debug.log for details: Failed to start indexes, shutting "
                        + "down…");
            }
        }
        catch (Exception exception) when (_ipc?.IsDisconnection(exception) == true)
        {
            throw new HostException(Ended, exception);
        }
    }

    private void Lost(LoggedChild child, int code)
    {
        lock (_gate)
        {
            if (_isDisposed || !ReferenceEquals(child, _own.Child))
            {
                return;
            }

            _own = new State(null, null);
            bool isShort = Environment.TickCount64 - _opened < s_shortLife.TotalMilliseconds;
            _restarts = isShort ? _restarts + 1 : 1;
            if (_restarts > MaxRestarts)
            {
                _node.Chain.InitWarning(
                    $"The index process {child.Id} ended with code {code}, and is not started again.");
                return;
            }

            _node.Chain.InitWarning($"The index process {child.Id} ended with code {code}, and is started again.");
            try
            {
                OpenLocked(_settings with { Rebuilds = false });
                if (_isStarted)
                {
                    StartLocked(_own.Indexes!);
                }
            }
            catch (HostException exception)
            {
                _node.Chain.InitWarning(exception.Message);
            }
        }
    }

    private IIndexes Own() => _own.Indexes ?? throw Gone();

    /// <summary>The object that keeps an index.</summary>
    private IIndexes Of(string name) => _settings.Names.Contains(name) ? Own() : Holder(name) ?? throw Gone();

    private IIndexes? Holder(string name)
        => _attached.Find(
            indexes => Attempt(indexes, static one => one.GetSummaries(), []).Any(summary => summary.Name == name));

    private T Ask<T>(IIndexes indexes, Func<IIndexes, T> question)
    {
        try
        {
            return question(indexes);
        }
        catch (Exception exception) when (exception is ObjectDisposedException
            || _ipc?.IsDisconnection(exception) == true)
        {
            throw Gone();
        }
    }

    private T Attempt<T>(IIndexes indexes, Func<IIndexes, T> question, T otherwise)
    {
        try
        {
            return question(indexes);
        }
        catch (Exception exception) when (exception is ObjectDisposedException
            || _ipc?.IsDisconnection(exception) == true)
        {
            // Its process is gone, and with it the indexes that it attached.
            ImmutableInterlocked.Update(ref _attached, static (list, gone) => list.Remove(gone), indexes);
            return otherwise;
        }
    }

    private static RpcException Gone()
        => new(
            RpcErrorCode.Misc,
            "The process of the indexes is not running. It is started again; see debug.log if it does not come back.");

    /// <summary>The node's own indexes.</summary>
    /// <param name="Child">The process that keeps them; null for this process.</param>
    /// <param name="Indexes">Null while there are none.</param>
    private sealed record State(LoggedChild? Child, IIndexes? Indexes);

    private sealed class Attachment(NodeIndexes node, IIndexes indexes) : IHandler
    {
        public void Disconnect()
            => ImmutableInterlocked.Update(ref node._attached, static (list, gone) => list.Remove(gone), indexes);

        public void Dispose() => Disconnect();
    }
}
