using Bitcoin.Hosting;
using Bitcoin.Interfaces;
using Bitcoin.Rpc;

namespace Bitcoin.Node;

/// <summary>The node's wallets: objects of this process, or of a child that is started, watched, and started again when asked.</summary>
public sealed class NodeWallets : IDisposable
{
    private const string Program = "bitcoin-wallet";
    private const string Category = "Wallet";

    /// <summary>These start the wallet process again; all other methods of its say that it is gone.</summary>
    private static readonly string[] s_starting = ["createwallet", "loadwallet"];

    private readonly NodeContext _node;
    private readonly IInit _local;
    private readonly IIpc? _ipc;
    private readonly WalletSettings _settings;
    private readonly Lock _gate = new();

    // All under the gate.
    private readonly List<IHandler> _standIns = [];
    private string[] _methods = s_starting;
    private IChildProcess? _child;
    private IWalletLoader? _loader;
    private bool _isDisposed;

    /// <summary>Wallets that are not started yet.</summary>
    /// <param name="node">The node.</param>
    /// <param name="local">Who may have wallets in this process.</param>
    /// <param name="ipc">Who can start a process for them otherwise.</param>
    /// <param name="settings">What they take over from the node.</param>
    public NodeWallets(NodeContext node, IInit local, IIpc? ipc, WalletSettings settings)
    {
        _node = node;
        _local = local;
        _ipc = ipc;
        _settings = settings;
    }

    /// <summary>What drives them; null while their process is gone.</summary>
    public IWalletLoader? Loader
    {
        get
        {
            lock (_gate)
            {
                return _loader;
            }
        }
    }

    /// <summary>Starts the wallet process, if there is to be one, registers its methods and loads the wallets that are to be loaded at the start.</summary>
    /// <exception cref="HostException">It cannot be started, or a wallet cannot be loaded.</exception>
    public void Start()
    {
        lock (_gate)
        {
            StartLocked(_settings);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
        {
            _isDisposed = true;

            // The loader first, then its process: the remote object ends before the connection does.
            _loader?.Dispose();
            _loader = null;
            _child?.Dispose();
            _child = null;
        }
    }

    private void StartLocked(WalletSettings settings)
    {
        IWalletLoader? loader = _local.MakeWalletLoader(_node.Chain, settings);
        if (loader is null && _ipc is not null)
        {
            _child = _ipc.Spawn(Program);
            _node.Log.Write($"Started {Program} as process {_child.Id}");
            Watch(_child);
            loader = _child.Init.MakeWalletLoader(_node.Chain, settings);
        }

        _loader = loader ?? throw new HostException($"{Program} has no wallets.");
        _standIns.ForEach(static standIn => standIn.Dispose());
        _standIns.Clear();
        loader.RegisterRpcs();

        // Noted now: once the process is gone its methods leave the table by themselves, at a moment of their own.
        _methods = [.. _node.Rpc.Commands.Where(static command => command.Category == Category).Select(static command => command.Name).Union(s_starting)];
        if (!loader.Load(out string? error))
        {
            throw new HostException(error ?? "A wallet cannot be loaded.");
        }
    }

    private void Watch(IChildProcess child)
    {
        _ = child.Exited.ContinueWith(
            task =>
            {
                _node.Log.Write($"{Program}, process {child.Id}, ended with code {task.Result}");
                Lost(child, task.Result);
            },
            CancellationToken.None,
            TaskContinuationOptions.LongRunning,
            TaskScheduler.Default);
    }

    private void Lost(IChildProcess child, int code)
    {
        lock (_gate)
        {
            if (_isDisposed || !ReferenceEquals(child, _child))
            {
                return;
            }

            foreach (string name in _methods)
            {
                _standIns.Add(_node.Rpc.Register(StandIn(name, child.Id, code)));
            }

            _child = null;
            _loader = null;
            child.Dispose();
        }

        _node.Chain.InitWarning($"The wallet process {child.Id} ended with code {code}; loadwallet starts it again.");
    }

    private RpcCommand StandIn(string name, int process, int code)
    {
        // Takes whatever the method takes: it is told why it cannot run, not how it is to be called.
        RpcArgument[] arguments = [.. Enumerable.Range(0, 10).Select(static i => new RpcArgument($"arg{i}", RpcType.Any, IsOptional: true))];
        arguments[0] = new RpcArgument("wallet_name|filename|arg0", RpcType.Any, IsOptional: true);
        return new RpcCommand(Category, name, arguments, "The wallet process has ended.", call =>
        {
            if (!s_starting.Contains(name))
            {
                throw new RpcException(RpcErrorCode.Wallet, $"The wallet process {process} ended with code {code}. Use loadwallet to start it again.");
            }

            lock (_gate)
            {
                if (_loader is null && !_isDisposed)
                {
                    StartLocked(_settings with { Wallets = [] });
                }
            }

            int last = Array.FindLastIndex(call.Params, static value => value is not null);
            return _node.Rpc.Execute(name, new System.Text.Json.Nodes.JsonArray([.. call.Params.Take(last + 1).Select(static value => value?.DeepClone())]), call.Uri, call.User);
        });
    }
}
