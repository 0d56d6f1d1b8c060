using Bitcoin.Hosting;
using Bitcoin.Interfaces;

namespace Bitcoin.Wallet;

/// <summary>The first object of a wallet process.</summary>
public sealed class WalletInit : IInit
{
    private const string LogName = "debug.log.wallet";

    private readonly ThisProcess _process;
    private readonly DebugLog _log;
    private readonly TextWriter _console;

    /// <summary>Waits to be told what to be.</summary>
    /// <param name="process">Which process this is.</param>
    /// <param name="log">The process's log, opened when the settings come.</param>
    /// <param name="console">Where the log and the story go, if they are wanted there.</param>
    public WalletInit(ThisProcess process, DebugLog log, TextWriter console)
    {
        _process = process;
        _log = log;
        _console = console;
    }

    /// <inheritdoc/>
    public ProcessInfo GetProcess() => _process.Describe();

    /// <inheritdoc/>
    public IChain? MakeChain() => null;

    /// <inheritdoc/>
    public IMining? MakeMining() => null;

    /// <inheritdoc/>
    public IWalletLoader? MakeWalletLoader(IChain chain, WalletSettings settings)
    {
        string? path = settings.DataDirectory.Length == 0 ? null : Path.Combine(settings.DataDirectory, LogName);
        _log.Open(path, settings.PrintToConsole ? _console : null, settings.DebugCategories);
        _log.Write($"Wallet of a node on {settings.Network}, process {Environment.ProcessId}");
        return new WalletLoader(chain, _process, _log, settings.Narrate ? new Narrator(_process, _console) : Narrator.Silent);
    }
}
