using Multiprocess.Connections;
using Multiprocess.Diagnostics;
using Multiprocess.Framing;
using Multiprocess.Logging;
using Multiprocess.Metrics;
using Multiprocess.Recording;
using Multiprocess.Transports;

namespace Multiprocess;

/// <summary>Listens at an address and serves each client a root object of its own.</summary>
/// <remarks>
/// Thread-safe. Each connection has its own root, threads and objects; one that fails harms no other.
/// <see cref="Dispose"/> stops accepting and ends all connections without waiting for running methods;
/// <see cref="ShutdownAsync"/> waits for them, with a bound.
/// </remarks>
public sealed partial class IpcServer : IDisposable, IAsyncDisposable
{
    // How long to wait for threads to come free before one is asked for again.
    private static readonly TimeSpan s_scarcityPause = TimeSpan.FromMilliseconds(100);

    private readonly Listener _listener;
    private readonly IpcServerOptions _options;
    private readonly Func<Transport, Action<IpcConnection>, SharedBytes, ServedConnection> _serve;
    private readonly UserShares _users;

    // Guards what follows; pulsed when a connection ends.
    private readonly object _lock = new();
    private readonly HashSet<IpcConnection> _connections = [];

    // Those whose handshake is under way, or whose root is being made.
    private readonly HashSet<IpcConnection> _opening = [];
    private int _open;
    private int _shaking;
    private bool _stopped;

    // Without the lock: written by the accepting thread and by whoever stops the server.
    private bool _isAccepting = true;

    internal IpcServer(Listener listener, IpcServerOptions options, Func<Transport, Action<IpcConnection>, SharedBytes, ServedConnection> serve)
    {
        _users = new UserShares(options);
        _listener = listener;
        _options = options;
        _serve = serve;
        Address = listener.Address;
        Logger = IpcLog.Create(options.LoggerFactory);
        listener.Refused = peer =>
        {
            IpcMeter.ConnectionRefused();
            IpcLog.PeerRefused(Logger, peer, $"a connection at {Address}");
        };
        listener.TurnedAway = TurnAway;
        try
        {
            Readiness.Prepare();
            _ = BackgroundThread.Start(Accept, "ipc accept");
        }
        catch (OutOfMemoryException exception)
        {
            listener.Dispose();
            throw new IpcException(IpcErrorKind.LimitExceeded, $"Cannot listen on '{Address}'. {exception.Message}", exception);
        }
    }

    /// <summary>Where the server listens, in canonical form.</summary>
    public IpcAddress Address { get; }

    /// <summary>The connections that are open now.</summary>
    public IReadOnlyList<IpcConnection> Connections
    {
        get
        {
            lock (_lock)
            {
                return [.. _connections.Concat(_opening.Where(connection => connection.Core.IsServing)).Where(connection => !connection.Core.Channel.IsClosed)];
            }
        }
    }

    /// <summary>False once the server was stopped, or can accept no more.</summary>
    internal bool IsAccepting => Volatile.Read(ref _isAccepting);

    private Microsoft.Extensions.Logging.ILogger Logger { get; }

    /// <summary>Begins to listen. The socket is open to this user only from its first instant.</summary>
    /// <param name="address">Where, such as <c>unix:calc.sock</c>.</param>
    /// <param name="makeRoot">
    /// Makes the root for each connection, on a thread of its own. Clients' early calls wait until it returns. A root
    /// whose contract is disposable is disposed when the connection ends, unless the client has done so.
    /// </param>
    /// <param name="options">The options of the server and of its connections.</param>
    /// <remarks>
    /// Beside a Unix socket stands a file of the same name and <c>.lock</c>, which says by the lock on it whether a server
    /// lives. The socket is removed at the end; that file stays on purpose: if it went, two servers could each lock one of
    /// that name.
    /// </remarks>
    /// <exception cref="IpcException">
    /// Another server is there, the path cannot be used, or nothing can be recorded in <see cref="IpcConnectionOptions.RecordFolder"/>.
    /// </exception>
    public static IpcServer Listen<T>(IpcAddress address, Func<IpcConnection, T> makeRoot, IpcServerOptions? options = null) where T : class
    {
        ArgumentNullException.ThrowIfNull(makeRoot);
        options ??= new IpcServerOptions();

        // Found missing now rather than by the first client.
        _ = Objects.ContractBinding<T>.Instance;
        Recorder.Check(options);

        DiagnosticsAssembly.WhenLoaded(ConnectionMeter.Make);
        return new IpcServer(Endpoint.Listen(address, options), options, (transport, began, shared) => ServedConnection.Open(transport, options, makeRoot, began, shared));
    }

    /// <summary>Listens at <paramref name="address"/> and serves each client a root that is made from services.</summary>
    /// <param name="address">Where to listen.</param>
    /// <param name="services">What the roots are made from; it is not disposed.</param>
    /// <param name="makeRoot">Makes the root for each connection, on a thread of its own.</param>
    /// <param name="options">The options of the server and of its connections.</param>
    /// <inheritdoc cref="Listen{T}(IpcAddress, Func{IpcConnection, T}, IpcServerOptions)" path="/remarks"/>
    /// <inheritdoc cref="Listen{T}(IpcAddress, Func{IpcConnection, T}, IpcServerOptions)" path="/exception"/>
    /// <example><code>
    /// using var server = IpcServer.Listen&lt;ICalculator&gt;("unix:calc.sock", services, (services, _) =&gt; services.GetRequiredService&lt;Calculator&gt;());
    /// </code></example>
    public static IpcServer Listen<T>(
        IpcAddress address,
        IServiceProvider services,
        Func<IServiceProvider, IpcConnection, T> makeRoot,
        IpcServerOptions? options = null) where T : class
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(makeRoot);
        return Listen(address, connection => makeRoot(services, connection), options);
    }

    /// <summary>
    /// Stops accepting, refuses new calls, cancels those that run, waits at most <paramref name="drain"/> until they have
    /// ended and the peers have taken their answers, and ends all connections.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The time is neither from zero to 24 days nor infinite; nothing was stopped.</exception>
    public async Task ShutdownAsync(TimeSpan drain)
    {
        ConnectionCore.CheckDrain(drain);
        await ConnectionCore.ShutdownAsync([.. Stop().Select(connection => connection.Core)], drain).ConfigureAwait(false);
    }

    /// <summary>Stops accepting, removes the socket and ends all connections. Bounded; may be called twice and from inside a call.</summary>
    public void Dispose()
    {
        ConnectionCore.CloseAll([.. Stop().Select(connection => connection.Core)]);
    }

    /// <summary>As <see cref="Dispose"/>.</summary>
    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }

    private IpcConnection[] Stop()
    {
        Volatile.Write(ref _isAccepting, false);
        lock (_lock)
        {
            _stopped = true;
            Monitor.PulseAll(_lock);
        }

        _listener.Dispose();
        lock (_lock)
        {
            return [.. _connections, .. _opening];
        }
    }

    private void Accept()
    {
        try
        {
            while (WaitForPlace() && _listener.Next() is { } accepted)
            {
                lock (_lock)
                {
                    _open++;
                    _shaking++;
                }

                StartServing(accepted);
            }
        }
        catch (IOException exception)
        {
            IpcLog.CallbackFailed(Logger, $"Accepting at {Address}", exception);
        }

        Volatile.Write(ref _isAccepting, false);
    }

    private bool WaitForPlace()
    {
        lock (_lock)
        {
            while ((_open >= Math.Min(_options.MaxConnections, OpenFiles.Room) || _shaking >= _options.MaxHandshakes) && !_stopped)
            {
                Monitor.Wait(_lock);
            }

            return !_stopped;
        }
    }

    /// <summary>Serves the client on a thread of its own. While the system gives none, it waits, as those in the backlog do.</summary>
    private void StartServing(Func<Transport> accepted)
    {
        bool isLogged = false;
        while (true)
        {
            try
            {
                BackgroundThread.StartForPeer(() => Serve(accepted), "ipc connection");
                return;
            }
            catch (OutOfMemoryException exception)
            {
                if (!isLogged)
                {
                    IpcLog.CallbackFailed(Logger, $"Starting a thread for a client at {Address}", exception);
                    isLogged = true;
                }
            }

            lock (_lock)
            {
                if (!_stopped)
                {
                    Monitor.Wait(_lock, s_scarcityPause);
                }

                if (!_stopped)
                {
                    continue;
                }
            }

            Refuse(accepted);
            return;
        }
    }

    private static void Refuse(Func<Transport> accepted)
    {
        try
        {
            accepted().Dispose();
        }
        catch (IpcException)
        {
            // It has left already.
        }
    }

    /// <summary>There is no descriptor for a client. Runs on the accepting thread.</summary>
    private void TurnAway(Transport transport)
    {
        IpcMeter.ConnectionRefused();
        string why = $"The server has no descriptor left for a connection; the limit of its process is {OpenFiles.Limit:N0}.";
        IpcLog.HandshakeFailed(Logger, Address.ToString(), why);
        ServedConnection.TurnAway(transport, _options, why);
    }

    // A connection is listed from its beginning, so whoever stops the server ends it, after its calls if they may drain.
    private void Serve(Func<Transport> accepted)
    {
        IpcConnection? begun = null;
        long? user = null;
        ServedConnection? connection = TryOpen(accepted, ref user, opening =>
        {
            bool isTooLate;
            lock (_lock)
            {
                isTooLate = _stopped;
                _opening.Add(opening);
            }

            begun = opening;
            if (isTooLate)
            {
                opening.Dispose();
            }
        });
        lock (_lock)
        {
            if (begun is not null)
            {
                _opening.Remove(begun);
            }

            if (connection is not null)
            {
                _connections.Add(connection);
            }

            _shaking--;
            Monitor.PulseAll(_lock);
        }

        if (connection is null)
        {
            Left(null, user);
            return;
        }

        connection.Closed.UnsafeRegister(
            static state =>
            {
                (IpcServer server, IpcConnection ended, long? user) = ((IpcServer, IpcConnection, long?))state!;
                server.Left(ended, user);
            },
            (this, (IpcConnection)connection, user));
    }

    /// <param name="accepted">Makes the transport.</param>
    /// <param name="user">Whose it is, from when it is counted.</param>
    /// <param name="began">Told about the connection before anything is waited for.</param>
    private ServedConnection? TryOpen(Func<Transport> accepted, ref long? user, Action<IpcConnection> began)
    {
        try
        {
            Transport transport = accepted();
            long owner = transport.Peer.UserId;
            if (!_users.TryEnter(owner, out SharedBytes shared))
            {
                IpcMeter.ConnectionRefused();
                string why = $"{transport.Peer.Description} already has {_options.MaxUserConnections:N0} connections, which is the limit.";
                IpcLog.PeerRefused(Logger, transport.Peer, $"one more than {_options.MaxUserConnections:N0} connections at {Address}");
                ServedConnection.TurnAway(transport, _options, why);
                return null;
            }

            user = owner;
            return _serve(transport, began, shared);
        }
        catch (IpcDisconnectedException)
        {
            // A client that leaves before it has said anything is no error.
        }
        catch (IpcException exception)
        {
            Count(exception);
            IpcLog.HandshakeFailed(Logger, Address.ToString(), exception.Message);
        }
        catch (Exception exception)
        {
            IpcLog.CallbackFailed(Logger, $"Serving a client at {Address}", exception);
        }

        return null;
    }

    private static void Count(IpcException exception)
    {
        // One that cannot be recorded was refused because of this side, and not because of who the client is.
        if (exception is { Kind: IpcErrorKind.Refused, InnerException: null })
        {
            IpcMeter.ConnectionRefused();
        }
        else
        {
            IpcMeter.HandshakeFailed();
        }
    }

    private void Left(IpcConnection? connection, long? user)
    {
        if (user is { } counted)
        {
            _users.Leave(counted);
        }

        lock (_lock)
        {
            _open--;
            if (connection is not null)
            {
                _connections.Remove(connection);
            }

            Monitor.PulseAll(_lock);
        }
    }
}
