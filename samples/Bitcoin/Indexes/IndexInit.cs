using Bitcoin.Hosting;
using Bitcoin.Interfaces;

namespace Bitcoin.Indexes;

/// <summary>The first object of an index process.</summary>
public sealed class IndexInit : ChildInit
{
    /// <summary>The name of the log, in the network's data directory.</summary>
    public const string LogName = "debug.log.index";

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
        : base(process)
    {
        _log = log;
        _console = console;
    }

    /// <inheritdoc/>
    /// <exception cref="IOException">A database cannot be opened.</exception>
    /// <exception cref="InvalidDataException">A database is damaged.</exception>
    public override IIndexes? MakeIndexes(IChain chain, IndexSettings settings)
    {
        ArgumentNullException.ThrowIfNull(chain);
        ArgumentNullException.ThrowIfNull(settings);
        if (_console is not null)
        {
            ChildLog.Open(
                _log,
                Path.Combine(settings.DataDirectory, LogName),
                settings.PrintToConsole ? _console : null,
                settings.DebugCategories,
                settings.IsConfined ? chain : null);
            ChildLog.CopyTo(_log, chain);
            _log.Write($"Indexes of a node on {settings.Network}, process {Environment.ProcessId}");
        }

        return new IndexSet(chain, settings, _log);
    }
}
