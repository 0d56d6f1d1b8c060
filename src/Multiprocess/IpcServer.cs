using Multiprocess.Connections;
using Multiprocess.Diagnostics;
using Multiprocess.Framing;
using Multiprocess.Locks;
using Multiprocess.Logging;
using Multiprocess.Metrics;
using Multiprocess.Recording;
using Multiprocess.Transports;

namespace Multiprocess;

/// <summary>Listens at an address and serves each client its own root object.</summary>
/// <remarks>
/// Thread-safe. Each connection has its own root, threads and objects; a failing connection does not affect others.
/// <see cref="Dispose"/> stops accepting and ends all connections without waiting for running methods.
/// <see cref="ShutdownAsync"/> waits for them for a bounded time.
/// </remarks>
public sealed partial class IpcServer : IDisposable, IAsyncDisposable
{
    // How long to wait before asking the system for a thread again.
    private static readonly TimeSpan s_scarcityPause = TimeSpan.FromMilliseconds(100);

    private readonly Listener _listener;
    private readonly IpcServerOptions _options;
    private readonly Func<Transport, Action<IpcConnection>, SharedByteLimit, ServedConnection> _serve;
    private readonly UserShares _users;

    // Guards the fields below; pulsed when a connection ends.
    private readonly object _lock = new();
    private readonly HashSet<IpcConnection> _connections = [];

    // Connections whose handshake is in progress, or whose root is being created.
    private readonly HashSet<IpcConnection> _opening = [];
    private int _open;
    private int _shaking;
    private bool _stopped;

    // Not guarded by the lock: written by the accepting thread and by the thread that stops the server.
    private bool _isAccepting = true;

    internal IpcServer(
        Listener listener,
        IpcServerOptions options,
        Func<Transport, Action<IpcConnection>, SharedByteLimit, ServedConnection> serve)
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
            EarlyThreads.Create();
            _ = BackgroundThread.Start(Accept, "ipc accept");
        }
        catch (OutOfMemoryException exception)
        {
            listener.Dispose();
            throw new IpcException(
                IpcErrorKind.LimitExceeded, $"Cannot listen on '{Address}'. {exception.Message}", exception);
        }
    }

    /// <summary>Where the server listens, in canonical form.</summary>
    public IpcAddress Address { get; }

    /// <summary>The connections that are open now.</summary>
    public IReadOnlyList<IpcConnection> Connections
    {
        get
        {
            using (Uninterruptible.Enter(_lock))
            {
                IEnumerable<IpcConnection> all =
                    _connections.Concat(_opening.Where(connection => connection.Core.IsServing));
                return [.. all.Where(connection => !connection.Core.Channel.IsClosed)];
            }
        }
    }

    /// <summary>
    /// True while new clients can connect: false after the server was stopped, and when it can no longer accept, for
    /// example because its socket has failed. For health checks.
    /// </summary>
    public bool IsAccepting => Volatile.Read(ref _isAccepting);

    private Microsoft.Extensions.Logging.ILogger Logger { get; }

    /// <summary>Starts listening. Only this user can access the socket, from the moment it exists.</summary>
    /// <param name="address">Where to listen, such as <c>unix:calc.sock</c>.</param>
    /// <param name="makeRoot">
    /// Creates the root of each connection, on a separate thread. Calls that a client makes earlier wait until it
    /// returns. When the contract is disposable, the root is disposed when the connection ends, unless the client has
    /// already disposed it.
    /// </param>
    /// <param name="options">The options of the server and of its connections.</param>
    /// <remarks>
    /// Next to a Unix socket there is a lock file, <c>.calc.sock.ipc-lock</c> for <c>calc.sock</c>. The lock on this
    /// file shows whether a server is running. When the server ends, it removes the socket but keeps the lock file: if
    /// the file were removed, two servers could each lock a file of that name.
    /// </remarks>
    /// <exception cref="IpcException">
    /// Another server listens there, the path cannot be used, or recording to
    /// <see cref="IpcConnectionOptions.RecordFolder"/> is not possible.
    /// </exception>
    public static IpcServer Listen<T>(
        IpcAddress address,
        Func<IpcConnection, T> makeRoot,
        IpcServerOptions? options = null) where T : class
    {
        ArgumentNullException.ThrowIfNull(makeRoot);
        options ??= new IpcServerOptions();

        // Detect a missing contract binding now, not when the first client connects.
        _ = Objects.ContractBinding<T>.Instance;
        Recorder.Check(options);

        DiagnosticsAssembly.WhenLoaded(ConnectionMeter.Make);
        return new IpcServer(
            Endpoint.Listen(address, options),
            options,
            (transport, began, shared) => ServedConnection.Open(transport, options, makeRoot, began, shared));
    }

    /// <summary>Listens at <paramref name="address"/> and serves each client a root created from services.</summary>
    /// <param name="address">Where to listen.</param>
    /// <param name="services">The services that the roots are created from. They are not disposed.</param>
    /// <param name="makeRoot">Creates the root of each connection, on a separate thread.</param>
    /// <param name="options">The options of the server and of its connections.</param>
    /// <inheritdoc cref="Listen{T}(IpcAddress, Func{IpcConnection, T}, IpcServerOptions)" path="/remarks"/>
    /// <inheritdoc cref="Listen{T}(IpcAddress, Func{IpcConnection, T}, IpcServerOptions)" path="/exception"/>
    /// <example><code>
    /// using var server = IpcServer.Listen&lt;ICalculator&gt;(
    ///     "unix:calc.sock", services, (services, _) =&gt; services.GetRequiredService&lt;Calculator&gt;());
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
    /// Stops accepting, refuses new calls, cancels running calls, waits at most <paramref name="drain"/> until they
    /// have ended and the peers have received their answers, then ends all connections.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">
    /// The time is neither infinite nor from zero to 24 days; nothing was stopped.
    /// </exception>
    public async Task ShutdownAsync(TimeSpan drain)
    {
        ConnectionCore.CheckDrain(drain);
        IpcConnection[] connections = Stop();
        Task others = Task.WhenAll(Others().Select(other => other.ShutdownAsync(drain)));
        await ConnectionCore.ShutdownAsync(
            [.. connections.Select(connection => connection.Core)],
            drain).ConfigureAwait(false);
        await others.ConfigureAwait(false);
    }

    /// <summary>
    /// Stops accepting, removes the socket and ends all connections, in bounded time. May be called twice and from
    /// inside a call.
    /// </summary>
    public void Dispose()
    {
        ConnectionCore.CloseAll([.. Stop().Select(connection => connection.Core)]);
        Array.ForEach(Others(), static other => other.Close());
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
        using (Uninterruptible.Enter(_lock))
        {
            _stopped = true;
            Monitor.PulseAll(_lock);
        }

        _listener.Dispose();
        using (Uninterruptible.Enter(_lock))
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
                using (Uninterruptible.Enter(_lock))
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
        using (Uninterruptible.Enter(_lock))
        {
            while ((_open >= Math.Min(_options.MaxConnections, OpenFiles.Room) || _shaking >= _options.MaxHandshakes)
                && !_stopped)
            {
                Monitor.Wait(_lock);
            }

            return !_stopped;
        }
    }

    /// <summary>
    /// Serves the client on a separate thread. While the system provides no thread, the client waits, like the clients
    /// in the backlog.
    /// </summary>
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

            using (Uninterruptible.Enter(_lock))
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
            // The client has already left.
        }
    }

    /// <summary>Refuses a client because no descriptor is left for it. Accepting thread only.</summary>
    private void TurnAway(Transport transport)
    {
        IpcMeter.ConnectionRefused();
        string why =
            $"The server has no descriptor left for a connection; the limit of its process is {OpenFiles.Limit:N0}.";
        IpcLog.HandshakeFailed(Logger, Address.ToString(), why);
        TurnAway(transport, why, waits: false);
    }

    // A connection is listed from its beginning, so that stopping the server ends it too, and a shutdown lets its calls
    // drain.
    private void Serve(Func<Transport> accepted)
    {
        IpcConnection? begun = null;
        long? user = null;
        OtherConnection? other = null;
        ServedConnection? connection = TryOpen(accepted, ref user, ref other, opening =>
        {
            bool isTooLate;
            using (Uninterruptible.Enter(_lock))
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
        using (Uninterruptible.Enter(_lock))
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

        if (other is not null)
        {
            WhenEnded(other, user);
            return;
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

    /// <param name="accepted">Creates the transport.</param>
    /// <param name="user">The user id of the client, set once the client is counted.</param>
    /// <param name="other">The connection of a client that speaks the other protocol.</param>
    /// <param name="began">Receives the connection before anything blocks.</param>
    private ServedConnection? TryOpen(
        Func<Transport> accepted, ref long? user, ref OtherConnection? other, Action<IpcConnection> began)
    {
        Transport? unknown = null;
        try
        {
            Transport transport = accepted();
            long owner = transport.Peer.UserId;
            if (!_users.TryEnter(owner, out SharedByteLimit shared))
            {
                IpcMeter.ConnectionRefused();
                string why =
                    $"{transport.Peer.Description} already has {_options.MaxUserConnections:N0} connections, which is "
                        + "the limit.";
                IpcLog.PeerRefused(
                    Logger, transport.Peer, $"one more than {_options.MaxUserConnections:N0} connections at {Address}");
                TurnAway(transport, why, waits: true);
                return null;
            }

            user = owner;
            unknown = transport;
            other = TryServeOther(transport);
            unknown = null;
            return other is null ? _serve(transport, began, shared) : null;
        }
        catch (IpcDisconnectedException)
        {
            // A client that leaves before it has sent anything is not an error.
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

        unknown?.Dispose();
        return null;
    }

    private static void Count(IpcException exception)
    {
        // An inner exception means that recording failed: the cause is on this side, not the client's identity.
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

        using (Uninterruptible.Enter(_lock))
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
