using Bitcoin.Hosting;
using Bitcoin.Interfaces;

namespace Bitcoin.Indexes;

/// <summary>The first object of an index process.</summary>
public sealed class IndexInit : IInit
{
    /// <summary>The name of the log, in the network's data directory.</summary>
    public const string LogName = "debug.log.index";

    private readonly ThisProcess _process;
    private readonly DebugLog _log;
    private readonly TextWriter? _console;

    /// <summary>Creates it; the settings come later, with <see cref="MakeIndexes"/>.</summary>
    /// <param name="process">Which process this is.</param>
    /// <param name="log">The process's log.</param>
    /// <param name="console">
    /// The console for the log, if the settings ask for it; null if the log is already open, because the indexes share
    /// it with a node.
    /// </param>
    public IndexInit(ThisProcess process, DebugLog log, TextWriter? console)
    {
        _process = process;
        _log = log;
        _console = console;
    }

    /// <inheritdoc/>
    public ProcessInfo GetProcess() => _process.Describe();

    /// <inheritdoc/>
    public INode? MakeNode(NodeSettings settings) => null;

    /// <inheritdoc/>
    public IChain? MakeChain() => null;

    /// <inheritdoc/>
    public IMining? MakeMining() => null;

    /// <inheritdoc/>
    public IWalletLoader? MakeWalletLoader(IChain chain, WalletSettings settings) => null;

    /// <inheritdoc/>
    /// <exception cref="IOException">A database cannot be opened.</exception>
    /// <exception cref="InvalidDataException">A database is damaged.</exception>
    public IIndexes? MakeIndexes(IChain chain, IndexSettings settings)
    {
        ArgumentNullException.ThrowIfNull(chain);
        ArgumentNullException.ThrowIfNull(settings);
        if (_console is not null)
        {
            TextWriter? console = settings.PrintToConsole ? _console : null;
            if (settings.IsConfined)
            {
                _log.OpenBy(() => ChildLog.Open(chain), console, settings.DebugCategories);
            }
            else
            {
                _log.Open(Path.Combine(settings.DataDirectory, LogName), console, settings.DebugCategories);
            }

            _log.Write($"Indexes of a node on {settings.Network}, process {Environment.ProcessId}");
        }

        return new IndexSet(chain, settings, _log);
    }

    /// <inheritdoc/>
    public IEcho? MakeEcho() => new IndexEcho();

    /// <inheritdoc/>
    public IRpc? MakeRpc() => null;

    private sealed class IndexEcho : IEcho
    {
        public string Echo(string text) => text;
    }
}
