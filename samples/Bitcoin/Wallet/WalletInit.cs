using Bitcoin.Hosting;
using Bitcoin.Interfaces;

namespace Bitcoin.Wallet;

/// <summary>The first object of a wallet process.</summary>
public sealed class WalletInit : IInit
{
    /// <summary>The name of the log, in the network's data directory.</summary>
    public const string LogName = "debug.log.wallet";

    private readonly ThisProcess _process;
    private readonly DebugLog _log;
    private readonly TextWriter? _console;

    /// <summary>Waits to be told what to be.</summary>
    /// <param name="process">Which process this is.</param>
    /// <param name="log">The process's log.</param>
    /// <param name="console">
    /// Where the log goes if it is wanted there, once the settings say so; null when the log is open, because the
    /// wallets share it with a node.
    /// </param>
    public WalletInit(ThisProcess process, DebugLog log, TextWriter? console)
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
    public IWalletLoader? MakeWalletLoader(IChain chain, WalletSettings settings)
    {
        if (_console is not null)
        {
            OpenLog(chain, settings);
        }

        _log.Write($"Wallets of a node on {settings.Network}, process {Environment.ProcessId}");
        return new WalletLoader(
            chain,
            DataDirectory.Wallets(settings.DataDirectory),
            settings.Wallets ?? [],
            _log,
            settings.Options,
            settings.IsConfined);
    }

    /// <inheritdoc/>
    public IIndexes? MakeIndexes(IChain chain, IndexSettings settings) => null;

    /// <inheritdoc/>
    public IEcho? MakeEcho() => new WalletEcho();

    /// <inheritdoc/>
    public IRpc? MakeRpc() => null;

    private void OpenLog(IChain chain, WalletSettings settings)
    {
        TextWriter? console = settings.PrintToConsole ? _console : null;
        if (settings.IsConfined)
        {
            _log.OpenBy(() => ChildLog.Open(chain), console, settings.DebugCategories);
            return;
        }

        string? path = settings.DataDirectory.Length == 0 ? null : Path.Combine(settings.DataDirectory, LogName);
        _log.Open(path, console, settings.DebugCategories);
    }

    private sealed class WalletEcho : IEcho
    {
        public string Echo(string text) => text;
    }
}
