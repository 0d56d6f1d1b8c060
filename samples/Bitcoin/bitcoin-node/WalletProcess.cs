using Bitcoin.Hosting;
using Bitcoin.Interfaces;
using Bitcoin.Wallet;
using Multiprocess;

namespace Bitcoin.NodeHost;

/// <summary>The node's wallet: a child process, or, with the same contracts, an object of the node's own process.</summary>
internal sealed class WalletProcess : IDisposable
{
    private const string Program = "bitcoin-wallet";

    private static readonly TimeSpan s_exitPatience = TimeSpan.FromSeconds(30);

    private readonly IInit _root;
    private readonly WalletSettings _settings;
    private readonly IpcChildProcess<IInit>? _child;
    private readonly Task<int>? _ended;
    private readonly DebugLog? _ownLog;

    private WalletProcess(IInit root, WalletSettings settings, IpcChildProcess<IInit>? child, Task<int>? ended, DebugLog? ownLog)
    {
        _root = root;
        _settings = settings;
        _child = child;
        _ended = ended;
        _ownLog = ownLog;
        Description = child is null ? $"{Program} inside this process" : $"{Program} as process {child.Id}";
    }

    /// <summary>What and where the wallet is.</summary>
    internal string Description { get; }

    /// <summary>Starts the program that lies beside the node's own.</summary>
    /// <exception cref="IpcException">It cannot be started, or ended at once.</exception>
    internal static WalletProcess Spawn(WalletSettings settings, DebugLog log)
    {
        IpcChildProcess<IInit> child = IpcChildProcess.Spawn<IInit>(Program, new IpcSpawnOptions { LoggerFactory = log });
        log.Write($"Started {Program} as process {child.Id}");
        return new WalletProcess(child.Root, settings, child, NoteEnd(child, log), ownLog: null);
    }

    /// <summary>Makes the wallet an object.</summary>
    internal static WalletProcess InThisProcess(WalletSettings settings, TextWriter console)
    {
        DebugLog log = new();
        return new WalletProcess(new WalletInit(new ThisProcess(Program), log, console), settings, child: null, ended: null, log);
    }

    /// <summary>Gives the wallet the chain and its settings.</summary>
    /// <exception cref="IpcException">The wallet process is gone.</exception>
    internal IWalletLoader MakeLoader(IChain chain)
    {
        return _root.MakeWalletLoader(chain, _settings) ?? throw new InvalidOperationException($"{Program} has no wallet loader.");
    }

    /// <summary>Closes the connection, upon which the child ends, and waits for that.</summary>
    /// <returns>The child's exit code; null without a child.</returns>
    internal int? Stop()
    {
        _child?.Dispose();
        return _ended is null ? null : _ended.Wait(s_exitPatience) ? _ended.Result : -1;
    }

    public void Dispose()
    {
        Stop();
        _ownLog?.Dispose();
    }

    private static async Task<int> NoteEnd(IpcChildProcess<IInit> child, DebugLog log)
    {
        int code = await child.Exited.ConfigureAwait(false);
        log.Write($"{Program}, process {child.Id}, ended with code {code}");
        return code;
    }
}
