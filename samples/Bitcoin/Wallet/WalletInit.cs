using Bitcoin.Hosting;
using Bitcoin.Interfaces;

namespace Bitcoin.Wallet;

/// <summary>The first object of a wallet process.</summary>
public sealed class WalletInit : ChildInit
{
    /// <summary>The name of the log, in the network's data directory.</summary>
    public const string LogName = "debug.log.wallet";

    private readonly DebugLog _log;
    private readonly TextWriter? _console;

    /// <summary>Creates it; the settings come later, with <see cref="MakeWalletLoader"/>.</summary>
    /// <param name="process">Which process this is.</param>
    /// <param name="log">The process's log.</param>
    /// <param name="console">
    /// The console for the log, if the settings ask for it; null if the log is already open, because the wallets share
    /// it with a node.
    /// </param>
    public WalletInit(ThisProcess process, DebugLog log, TextWriter? console)
        : base(process)
    {
        _log = log;
        _console = console;
    }

    /// <inheritdoc/>
    public override IWalletLoader? MakeWalletLoader(IChain chain, WalletSettings settings)
    {
        if (_console is not null)
        {
            ChildLog.Open(
                _log,
                settings.DataDirectory.Length == 0 ? null : Path.Combine(settings.DataDirectory, LogName),
                settings.PrintToConsole ? _console : null,
                settings.DebugCategories,
                settings.IsConfined ? chain : null);
            ChildLog.CopyTo(_log, chain);
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
}
