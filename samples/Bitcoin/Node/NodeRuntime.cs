using System.Globalization;
using System.Text.Json.Nodes;
using Bitcoin.Hosting;
using Bitcoin.Interfaces;
using Bitcoin.Node.Commands;
using Bitcoin.Node.Indexes;
using Bitcoin.Node.Mempool;
using Bitcoin.Node.Net;
using Bitcoin.Node.Rest;
using Bitcoin.Node.Zmq;
using Bitcoin.Primitives;
using Bitcoin.Rpc;
using NBitcoin;

namespace Bitcoin.Node;

/// <summary>
/// A node from start to end: its log, its chain, its servers, its wallets. One thread starts and stops it. Any thread
/// may request the stop.
/// </summary>
public sealed class NodeRuntime : IDisposable
{
    private const string LogName = "debug.log";

    private static readonly TimeSpan s_drain = TimeSpan.FromSeconds(2);
    private static readonly Script s_anybody = new(OpcodeType.OP_TRUE);

    private readonly ThisProcess _process;
    private readonly DebugLog _log;
    private readonly TextWriter _console;
    private readonly IIpc? _ipc;
    private readonly List<IListener> _listeners = [];

    // Set once other programs may be served: a program that connects earlier waits.
    private readonly ManualResetEventSlim _ready = new();
    private readonly IInit _local;
    private Settings? _settings;
    private IDisposable? _lock;
    private IDisposable? _blocksLock;
    private PidFile? _pid;
    private NotifyCommands? _notify;
    private RunningRpcServer? _server;
    private volatile NodeContext? _context;
    private volatile NodeWallets? _wallets;

    /// <summary>Creates a node that is not started.</summary>
    /// <param name="process">Which process this is.</param>
    /// <param name="log">The process's log, opened with the settings.</param>
    /// <param name="console">The console for the log, if the settings ask for it.</param>
    /// <param name="ipc">Starts other processes; null if there are none.</param>
    /// <param name="local">Creates wallets in this process, if it has them.</param>
    public NodeRuntime(ThisProcess process, DebugLog log, TextWriter console, IIpc? ipc, IInit? local = null)
    {
        _process = process;
        _log = log;
        _console = console;
        _ipc = ipc;
        Init = new NodeInit(process, () => _context, MakeNode);
        _local = local ?? Init;
    }

    /// <summary>The node's first object.</summary>
    public NodeInit Init { get; }

    /// <summary>The objects that its parts share; null before it is initialized.</summary>
    public NodeContext? Context => _context;

    /// <summary>Its wallets; null without any.</summary>
    public NodeWallets? Wallets => _wallets;

    /// <summary>Applies the settings of a parent process.</summary>
    public void Configure(Settings settings) => _settings ??= settings;

    /// <summary>Opens the log and locks the data directory.</summary>
    /// <exception cref="HostException">The directory cannot be used.</exception>
    public void Initialize()
    {
        Settings settings = _settings ?? throw new InvalidOperationException("The node has no settings yet.");
        LogStart.Check(settings);
        RpcServerOptions.Check(settings);
        try
        {
            bool isNew = !Directory.Exists(settings.Directory);
            DataDirectory.Create(settings.Directory);
            DataDirectory.RefuseForeign(settings.Directory);
            _lock = DataDirectory.Lock(settings.Directory);
            _pid = PidFile.Create(settings);
            LogStart.Open(_log, settings, LogName, settings.IsOn("printtoconsole", byDefault: true) ? _console : null);
            if (isNew)
            {
                DataDirectory.Create(Path.Combine(settings.Directory, "wallets"));
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            _lock?.Dispose();
            _lock = null;
            throw new HostException(exception.Message, exception);
        }

        _log.Write(
            $"{_process.Program} on {settings.Network}, process {Environment.ProcessId}, data directory "
                + $"{settings.Directory}");
        foreach (string source in settings.Sources.Concat(settings.Asides))
        {
            _log.Write(source);
        }

        foreach (string warning in settings.Complaints.Concat(settings.Warnings))
        {
            _log.Warn(warning);
        }

        settings = _settings = ParameterInteraction.Apply(settings, _log.Write);
        NodeContext context = new(_process, _log, settings, clock: null);
        context.Rpc.Warmup = "RPC server started";
        context.Rpc.IsDisconnection = exception => _ipc?.IsDisconnection(exception) ?? false;
        _context = context;
    }

    /// <summary>Loads the chain and starts servers and wallets.</summary>
    /// <exception cref="HostException">A part cannot be started.</exception>
    /// <exception cref="OperationCanceledException">The node was asked to stop.</exception>
    public void Start()
    {
        Settings settings = _settings!;
        NodeContext node = _context!;
        ParameterInteraction.Check(settings);
        try
        {
            SetMockTime(node, settings);
            if (settings.Network.Name == "test")
            {
                node.Log.Write(
                    "Warning: Support for testnet3 is deprecated and will be removed in an upcoming release. Consider "
                        + "switching to testnet4.");
            }

            node.Stored.Load(NodeOptions.Own.Concat(NetworkOption.Options).Select(static option => option.Name), _log);
            RegisterCommands(node, settings);
            if (settings.IsOn("server", byDefault: true))
            {
                RestApi? rest = settings.IsOn("rest") ? new RestApi(node) : null;
                _server = RpcServerOptions.Start(
                    node.Rpc,
                    settings,
                    _log,
                    options => rest is null ? options : options with { Rest = rest.Answer, RestWaits = RestApi.Waits });
            }

            if (_ipc is not null)
            {
                Listen(_ipc, settings, node);
            }

            OpenIndexes(node, settings);
            OpenChain(node, settings);
            node.Indexes!.Start();
            node.Zmq = ZmqPublisher.Start(node, ZmqOptions.Topics(settings));
            LoadPool(node, settings);
            StartPeers(node, settings);
            if (!settings.IsOn("disablewallet"))
            {
                Progress(node, "Loading wallets…");
                StartWallets(node, settings);
            }

            Generate(node, settings);
            node.Stopping.ThrowIfCancellationRequested();
            node.Rpc.Warmup = null;
            _ready.Set();
            node.Chain.InitMessage("Done loading");
            _notify = new NotifyCommands(settings, _log);
            _notify.Follow(node);
            _notify.Started();
        }
        catch (Exception exception) when (exception is IOException
            or UnauthorizedAccessException
            or InvalidDataException)
        {
            throw new HostException(exception.Message, exception);
        }
    }

    /// <summary>Waits until the node is asked to stop.</summary>
    public void WaitForStop() => _context!.Stopping.WaitHandle.WaitOne();

    /// <summary>Asks the node to stop.</summary>
    public void RequestStop() => _context?.RequestStop();

    /// <summary>Stops all parts in the order of their dependencies. Takes a bounded time.</summary>
    public void Dispose()
    {
        if (_context is not { } node || _lock is null)
        {
            return;
        }

        _log.Write("Shutdown: in progress");
        node.RequestStop();
        _server?.Interrupt();
        _notify?.Ending();

        // First clients of other processes, then running methods, then the wallets, which these methods may still call.
        _ready.Set();
        _listeners.ForEach(static listener => listener.Shutdown(s_drain));
        _listeners.ForEach(static listener => listener.Dispose());
        _server?.Dispose();
        _wallets?.Dispose();
        node.Peers?.Dispose();
        if (node is { PoolFile: { } pool, IsOpen: true, Pool.IsLoaded: true }
            && _settings!.IsOn("persistmempool", byDefault: true))
        {
            pool.TrySave(Path.Combine(_settings.Directory, PoolFile.Name));
        }

        node.Zmq?.Dispose();
        node.Indexes?.Dispose();
        node.Dispose();
        _blocksLock?.Dispose();
        _pid?.Dispose();
        _lock.Dispose();
        _lock = null;
        _log.Write("Shutdown: done");
    }

    private INode? MakeNode(NodeSettings settings)
    {
        if (_context is null)
        {
            if (!Settings.TryTake(settings, out Settings? taken, out string? error))
            {
                throw new InvalidOperationException(error);
            }

            Configure(taken);
        }

        return new NodeInterface(this, _log);
    }

    private static IReadOnlyCollection<string> Categories(Settings settings) => LogStart.Categories(settings);

    private static void SetMockTime(NodeContext node, Settings settings)
    {
        if (settings.Last("mocktime") is { } text)
        {
            bool isTime = long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long time);
            node.Clock.Set(
                isTime && settings.Network.NeverRetargets
                    ? time
                    : throw new HostException(
                        $"-mocktime: Expected a time in seconds since 1970, on regtest, got {text}."));
        }
    }

    private void RegisterCommands(NodeContext node, Settings settings)
    {
        ControlCommands.Register(
            node.Rpc, _log, LogStart.Path(settings, LogName) ?? "", node.Started, node.RequestStop);
        new BlockchainCommands(node).Register();
        new BlockStatistics(node).Register();
        new CoinCommands(node).Register();
        new IndexCommands(node).Register();
        new ActivityCommands(node).Register();
        new SnapshotCommands(node).Register();
        new PeerBlockCommands(node).Register();
        new MempoolCommands(node).Register();
        new PrivateBroadcastCommands(node).Register();
        new MiningCommands(node).Register();
        new NetworkCommands(node).Register();
        new BanCommands(node).Register();
        new PeerAddressCommands(node).Register();
        new NodeCommands(node, _ipc).Register();
        new PackageCommands(node).Register();
        RawTransactionCommands raw = new(node);
        raw.Register();
        new PsbtCommands(node, raw).Register();
        new UtilCommands(node).Register();
        new ZmqCommands(node).Register();
    }

    private void Listen(IIpc ipc, Settings settings, NodeContext node)
    {
        foreach (string address in settings.All("ipcbind"))
        {
            IListener listener = ipc.Listen(address, settings, () =>
            {
                _ready.Wait(node.Stopping);
                return Init;
            });
            _listeners.Add(listener);
            _log.Write($"Listening for IPC requests on address {listener.Address}");
        }
    }

    private void OpenChain(NodeContext node, Settings settings)
    {
        Progress(node, "Loading block index…");
        ChainOpening opening = new(node, settings);
        opening.LogOptions();
        DataDirectory.Create(opening.BlocksDirectory);
        _blocksLock = DataDirectory.Lock(opening.BlocksDirectory);
        opening.Open();
    }

    private void OpenIndexes(NodeContext node, Settings settings)
    {
        IndexSettings wanted = new(
            settings.Network.Name,
            settings.Directory,
            settings.IsOn("printtoconsole", byDefault: true),
            [.. Categories(settings)],
            [.. IndexOptions.Names(settings)],
            settings.IsOn("reindex"));
        node.Indexes = new NodeIndexes(node, _local, _ipc, wanted);
        node.Indexes.Open();
    }

    private void LoadPool(NodeContext node, Settings settings)
    {
        node.PoolFile = new PoolFile(node, _log, settings.IsOn("persistmempoolv1"));
        string path = Path.Combine(settings.Directory, PoolFile.Name);
        if (settings.IsOn("persistmempool", byDefault: true) && File.Exists(path))
        {
            node.PoolFile.TryLoad(path, usesCurrentTime: false, appliesDeltas: true, appliesUnbroadcast: true);
        }

        node.Pool.IsLoaded = true;
    }

    private static void StartPeers(NodeContext node, Settings settings)
    {
        NetOptions options = NetOptions.From(settings, new ChainOptions(settings));
        if (options.Reach.Warning is { } warning)
        {
            node.Log.Warn(warning);
            node.Complain?.Invoke($"Warning: {warning}");
        }

        PeerGroup peers = new(node, options);
        node.Peers = peers;
        peers.Start();
    }

    private void StartWallets(NodeContext node, Settings settings)
    {
        IReadOnlyList<string> stored = StoredSettings.Texts(node.Stored.Get("wallet"))
            ?? throw new HostException(Settings.WalletValues);
        bool isGiven = settings.Last("wallet") is not null;
        if (settings.IsNegated("wallet"))
        {
            // -nowallet, with or without wallets behind it: the stored setting applies again at the next start without
            // this option.
            stored = [];
        }
        else if (!isGiven && node.Stored.Get("wallet") is null && HasUnnamedWallet(settings))
        {
            // Remembered as if it were stored, so that it stays when another is added.
            stored = [""];
            node.Stored.Update("wallet", static (ref JsonNode? value) =>
            {
                value = new JsonArray("");
                return SettingsAction.SkipWrite;
            });
        }

        WalletSettings walletSettings = new(
            settings.Network.Name,
            settings.Directory,
            settings.IsOn("printtoconsole", byDefault: true),
            [.. Categories(settings)],
            [.. settings.All("wallet").Concat(stored)],
            NodeOptions.OfWallets(settings));
        _wallets = new NodeWallets(node, _local, _ipc, walletSettings);
        node.MockWallets = _wallets.MockScheduler;
        _wallets.Start();
    }

    private static bool HasUnnamedWallet(Settings settings)
    {
        string directory = settings.Last("walletdir") ?? DataDirectory.Wallets(settings.Directory);
        return File.Exists(Path.Combine(directory, WalletPlaces.FileName));
    }

    private void Generate(NodeContext node, Settings settings)
    {
        if (settings.Last("generate") is not { } text)
        {
            return;
        }

        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int count))
        {
            throw new HostException($"-generate: Expected a number, got '{text}'.");
        }

        if (!node.Tree.Network.IsPrivate)
        {
            throw new HostException("-generate mines blocks, which takes a moment on regtest only: add -regtest.");
        }

        if (count > 0)
        {
            node.Mining.Generate(count, s_anybody);
            _log.Write($"Mined {count} blocks: {node.Tree.Tip}");
        }
    }

    private static void Progress(NodeContext node, string message)
    {
        node.Stopping.ThrowIfCancellationRequested();
        node.Rpc.Warmup = message;
        node.Chain.InitMessage(message);
    }
}
