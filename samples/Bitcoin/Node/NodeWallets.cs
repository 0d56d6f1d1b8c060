using System.Collections.Immutable;
using Bitcoin.Hosting;
using Bitcoin.Interfaces;
using Bitcoin.Primitives;
using Bitcoin.Rpc;

namespace Bitcoin.Node;

/// <summary>
/// The node's wallets: in this process, or in a child that is started, watched, and restarted on request.
/// </summary>
/// <remarks>
/// The wallets register their methods here, not in the table itself. The table has methods of this class for the whole
/// life of the node. They call the current wallet process, or report that there is none. So a call always finds its
/// method.
/// </remarks>
public sealed class NodeWallets : IDisposable
{
    internal static string Program => Currency.Names.Program("wallet");
    private const string Loading = "loadwallet";

    /// <summary>After this time of a call, the node checks whether the wallet process still answers.</summary>
    private static readonly TimeSpan s_callPatience = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan s_exitPatience = TimeSpan.FromSeconds(5);

    /// <summary>
    /// These restart the wallet process. All other wallet methods report that the process is gone.
    /// </summary>
    private static readonly string[] s_starting = ["createwallet", Loading];

    private readonly NodeContext _node;
    private readonly IInit _local;
    private readonly IIpc? _ipc;
    private readonly WalletSettings _settings;
    private readonly WalletPlaces _whereabouts;
    private readonly ChildFiles _files;
    private readonly OutsideWallets? _outside;
    private readonly NodeChain _chain;

    // Held while the process starts and ends. Running methods need only the two fields below.
    private readonly Lock _gate = new();
    private bool _isDisposed;

    // Whether the wallets are in processes of their own.
    private volatile bool _isApart;
    private volatile State _state = new(null, null, null, "The wallets are not started yet.");
    private ImmutableDictionary<string, RpcCommand> _methods = ImmutableDictionary<string, RpcCommand>.Empty;
    private ImmutableHashSet<string> _places = [];

    /// <summary>Creates wallets that are not started yet.</summary>
    /// <param name="node">The node.</param>
    /// <param name="local">Creates wallets in this process, if it has them.</param>
    /// <param name="ipc">Otherwise starts a process for them.</param>
    /// <param name="settings">The settings that they receive from the node.</param>
    public NodeWallets(NodeContext node, IInit local, IIpc? ipc, WalletSettings settings)
    {
        _node = node;
        _local = local;
        _ipc = ipc;
        _settings = settings;
        _whereabouts = new WalletPlaces(settings);
        _files = _whereabouts.MakeFiles();
        _outside = ipc is null ? null : new OutsideWallets(node, ipc, settings);
        _chain = node.Chain.WithRpc(Register);
    }

    /// <summary>Controls the wallets; null while their process is gone.</summary>
    public IWalletLoader? Loader => _state.Loader;

    /// <summary>For tests: lets the wallets of all processes do what is due after some time.</summary>
    public void MockScheduler(TimeSpan delta)
    {
        foreach (IWalletLoader? loader in (IWalletLoader?[])[Loader, .. _outside?.Loaders ?? []])
        {
            loader?.MockScheduler(delta);
        }
    }

    /// <summary>
    /// Starts the wallet process, if the wallets are not in this process, registers its methods, and loads the wallets
    /// that the settings name.
    /// </summary>
    /// <exception cref="HostException">The process cannot be started, or a wallet cannot be loaded.</exception>
    public void Start()
    {
        lock (_gate)
        {
            StartLocked(_settings);
        }

        foreach (string name in OutsideNames())
        {
            _outside!.LoadAtStart(_outside.Find(name)!, name);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
        {
            State last = _state;
            _isDisposed = true;
            _state = new State(null, null, null, "The node is ending.");

            // First the loader, then its process: the remote object must end before the connection does.
            last.Loader?.Dispose();
            last.Child?.Dispose();
            last.Calls?.Dispose();
        }

        _outside?.Dispose();
    }

    // A local loader has loaded all of them itself.
    private IEnumerable<string> OutsideNames()
        => _outside is null || !_isApart
            ? []
            : (_settings.Wallets ?? []).Where(name => _outside.Find(name) is not null).Distinct();

    private void StartLocked(WalletSettings settings)
    {
        if (_local.MakeWalletLoader(_chain, settings) is { } local)
        {
            Load(local, child: null);
        }
        else if (_ipc is not null)
        {
            StartChild(_ipc, settings);
        }
        else
        {
            throw new HostException($"{Program} has no wallets.");
        }
    }

    private void StartChild(IIpc ipc, WalletSettings settings)
    {
        _isApart = true;
        Confinement? confinement = _whereabouts.Inside;
        LoggedChild child = LoggedChild.Start(ipc, Program, _node.Log, Lost, confinement);
        WalletSettings own = settings with
        {
            Wallets = [.. (settings.Wallets ?? []).Where(name => _outside?.Find(name) is null)],
            IsConfined = confinement is not null,
        };
        try
        {
            Load(
                child.Init.MakeWalletLoader(_chain.WithFiles(_files), own)
                    ?? throw new HostException($"{Program} has no wallets."),
                child);
        }
        catch (Exception exception) when (ipc.IsDisconnection(exception))
        {
            _state = new State(null, null, null, Gone(child));
            throw new HostException(_state.Gone, exception);
        }
    }

    private void Load(IWalletLoader loader, LoggedChild? child)
    {
        loader.RegisterRpcs();

        // From now on calls go to this process.
        _state = new State(child, loader, child is null ? null : new WalletCalls(child, Program, s_callPatience), "");
        if (!loader.Load(out string? error))
        {
            throw new HostException(error ?? "A wallet cannot be loaded.");
        }
    }

    private Registration Register(RpcCommand command)
    {
        ImmutableInterlocked.Update(
            ref _methods, static (methods, command) => methods.SetItem(command.Name, command), command);
        if (ImmutableInterlocked.Update(ref _places, static (places, name) => places.Add(name), command.Name))
        {
            _node.Rpc.Register(
                command with
                {
                    Actor = call => Run(call, static (method, call) => method.Actor(call)),
                    SecretActor = command.SecretActor is null
                        ? null
                        : call => Run(call, static (method, call) => method.SecretActor!(call)),
                },
                waits: _ipc is not null);
        }

        return new Registration(this, command);
    }

    private T Run<T>(RpcCall call, Func<RpcCommand, RpcCall, T> run)
    {
        State state = _state;
        if (_isApart && _outside?.Find(call) is { } outside)
        {
            return _outside.Run(outside, call, run);
        }

        using IDisposable? granted = _files.Grant(call);
        if (state.Loader is not null)
        {
            try
            {
                return Run(call, state, run);
            }
            catch (Exception exception) when (state.Child is not null
                && (exception is RpcUnavailableException || _ipc!.IsDisconnection(exception)))
            {
                // This call may notice the end first; the error is the same. The call is not repeated: it may have
                // created a wallet.
                string text = Lost(state.Child);
                if (call.Method != Loading)
                {
                    throw new RpcUnavailableException(text);
                }
            }
        }
        else if (!s_starting.Contains(call.Method))
        {
            throw new RpcUnavailableException(state.Gone);
        }

        Restart();
        return Run(call, _state, run);
    }

    private T Run<T>(RpcCall call, State state, Func<RpcCommand, RpcCall, T> run)
    {
        RpcCommand method = Method(call, state);
        return state.Calls is null ? run(method, call) : state.Calls.Run(() => run(method, call));
    }

    private RpcCommand Method(RpcCall call, State state)
    {
        // The methods are removed when the connection has ended.
        return _methods.TryGetValue(call.Method, out RpcCommand? command) ? command
            : state.Child?.Closed.IsCancellationRequested ?? true ? throw new RpcUnavailableException(state.Gone)
            : throw new RpcException(RpcErrorCode.MethodNotFound, "Method not found");
    }

    private void Restart()
    {
        IWalletLoader? started = null;
        lock (_gate)
        {
            if (_state.Loader is null && !_isDisposed)
            {
                try
                {
                    StartLocked(_settings with { Wallets = [] });
                }
                catch (HostException exception)
                {
                    throw new RpcUnavailableException(exception.Message);
                }

                started = _state.Loader;
            }
        }

        if (started is not null)
        {
            _node.Messages.Wallets(started);
        }
    }

    private void Lost(LoggedChild child, int code) => Lost(child);

    /// <summary>Records that a child is gone, whoever notices first, and describes its end.</summary>
    private string Lost(LoggedChild child)
    {
        string ended = Gone(child);
        string text = $"{ended} Use loadwallet to start it again.";
        lock (_gate)
        {
            if (_isDisposed || !ReferenceEquals(child, _state.Child))
            {
                return text;
            }

            _state.Calls?.Dispose();
            _state = new State(null, null, null, text);
        }

        _node.Chain.InitWarning($"{ended[..^1]}; loadwallet starts it again.");
        return text;
    }

    /// <summary>Waits for the end of a child that is ending, and describes it.</summary>
    private static string Gone(LoggedChild child)
    {
        child.Exited.Wait(s_exitPatience);
        child.Dispose();
        return child.Exited.IsCompletedSuccessfully
            ? $"The wallet process {child.Id} ended with code {child.Exited.Result}."
            : $"The wallet process {child.Id} has left its node.";
    }

    /// <summary>The current wallets.</summary>
    /// <param name="Child">The wallet process; null for none.</param>
    /// <param name="Loader">Controls the wallets; null while there are none.</param>
    /// <param name="Calls">Makes calls to that process; null without one.</param>
    /// <param name="Gone">Why there are no wallets.</param>
    private sealed record State(LoggedChild? Child, IWalletLoader? Loader, WalletCalls? Calls, string Gone);

    private sealed class Registration(NodeWallets wallets, RpcCommand command) : IHandler
    {
        public void Disconnect()
        {
            // By reference: the next process may have registered an equal command.
            ImmutableInterlocked.Update(
                ref wallets._methods,
                static (methods, command) => methods.TryGetValue(
                    command.Name,
                    out RpcCommand? other) && ReferenceEquals(other, command) ? methods.Remove(command.Name) : methods,
                command);
        }

        public void Dispose() => Disconnect();
    }
}
