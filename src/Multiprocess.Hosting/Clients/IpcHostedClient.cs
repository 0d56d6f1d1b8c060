using System.Runtime.ExceptionServices;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Multiprocess.Hosting.Clients;
using Multiprocess.Hosting.Logging;

namespace Multiprocess.Hosting;

/// <summary>
/// The connection behind a contract that is resolved from services. The first call opens it; after a loss, the next
/// call opens it again, if the options say so.
/// </summary>
/// <typeparam name="TContract">The contract of the server's root.</typeparam>
/// <remarks>
/// Thread-safe. A call that finds no connection opens one on its own thread, within
/// <see cref="IpcConnectionOptions.ConnectTimeout"/>. Calls of other threads wait for that attempt, and fail with it.
/// If the attempt fails, no call was run. The connection ends when the services are disposed.
/// </remarks>
public sealed class IpcHostedClient<TContract> : IClientStatus, IDisposable where TContract : class
{
    private readonly IServiceProvider _services;
    private readonly Func<IServiceProvider, IpcConnection<TContract>, CancellationToken, Task>? _prepare;
    private readonly IOptionsMonitor<IpcHostedClientOptions> _options;
    private readonly ILoggerFactory _loggerFactory;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _disposed = new();

    // Held by the thread that connects; other threads wait for it.
    private readonly Lock _connecting = new();

    // Written by the thread that connects.
    private volatile IpcConnection<TContract>? _connection;
    private volatile ExceptionDispatchInfo? _failure;
    private long _attempts;
    private int _connections;

    internal IpcHostedClient(
        IServiceProvider services,
        string name,
        Func<IServiceProvider, IpcConnection<TContract>, CancellationToken, Task>? prepare)
    {
        Name = name;
        _services = services;
        _prepare = prepare;
        _options = services.GetRequiredService<IOptionsMonitor<IpcHostedClientOptions>>();
        _loggerFactory = services.GetRequiredService<ILoggerFactory>();
        _logger = _loggerFactory.CreateLogger(HostingLog.Category);
        Root = IpcFollowingRoot.Create(() => Connect().Root, () => Connection?.Root);
    }

    /// <summary>The name under which the client was added. Its options have the same name.</summary>
    public string Name { get; }

    /// <summary>
    /// The root. Each call goes to the connection of that moment. Always the same object.
    /// </summary>
    /// <remarks>
    /// Handlers that are added to events, and objects that the server returns, belong to the current connection and end
    /// with it.
    /// </remarks>
    public TContract Root { get; }

    /// <summary>The connection; null before the first call, and once it is known to be lost.</summary>
    public IpcConnection<TContract>? Connection
        => _connection is { IsClosed: false } connection ? connection : null;

    /// <summary>How many connections were opened so far.</summary>
    public int Connections => Volatile.Read(ref _connections);

    /// <summary>Connects now, unless a connection exists. The first call would do the same.</summary>
    /// <param name="cancellationToken">Ends the wait, not the attempt.</param>
    /// <exception cref="IpcException">
    /// Connecting failed, or the connection was lost and is not reopened. No call was run.
    /// </exception>
    /// <exception cref="ObjectDisposedException">The client was disposed.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public async Task<IpcConnection<TContract>> ConnectAsync(CancellationToken cancellationToken = default)
    {
        Task<IpcConnection<TContract>> connecting;
        try
        {
            // Connecting blocks, and must not take a thread of the pool, which the hook and the handshake may need.
            connecting = new Task<IpcConnection<TContract>>(
                Connect, CancellationToken.None, TaskCreationOptions.RunContinuationsAsynchronously);
            var thread = new Thread(() => connecting.RunSynchronously(TaskScheduler.Default))
            {
                IsBackground = true,
                Name = "ipc connect",
            };
            thread.UnsafeStart();
        }
        catch (OutOfMemoryException exception)
        {
            throw new IpcException(
                IpcErrorKind.LimitExceeded, "The system provides no thread for connecting.", exception);
        }

        _ = connecting.ContinueWith(
            static task => _ = task.Exception,
            CancellationToken.None,
            TaskContinuationOptions.OnlyOnFaulted,
            TaskScheduler.Default);
        IpcConnection<TContract> connection = await connecting.WaitAsync(cancellationToken).ConfigureAwait(false);
        if (connection.IsClosed)
        {
            throw new IpcDisconnectedException(WhyLost(connection));
        }

        return connection;
    }

    /// <summary>Ends the connection. No other connection is opened afterwards.</summary>
    public void Dispose()
    {
        _disposed.Cancel();
        _connection?.Dispose();
    }

    async Task IClientStatus.CheckAsync(CancellationToken cancellationToken)
        => await ConnectAsync(cancellationToken).ConfigureAwait(false);

    private static string WhyLost(IpcConnection<TContract> connection)
        => connection.ClosedReason?.Message ?? "The connection was closed.";

    /// <summary>The connection. If a loss is final, it may be a lost connection.</summary>
    private IpcConnection<TContract> Connect()
    {
        long seen = Volatile.Read(ref _attempts);
        if (Usable() is { } usable)
        {
            return usable;
        }

        if (_connecting.IsHeldByCurrentThread)
        {
            throw new InvalidOperationException(
                $"The client '{Name}' is called by what prepares its connection. Expected a call on the connection "
                    + $"that is prepared.");
        }

        lock (_connecting)
        {
            if (Usable() is { } made)
            {
                return made;
            }

            if (_attempts != seen)
            {
                // Another thread tried while this thread waited or had not yet looked. A second attempt would give the
                // same result, only later.
                _failure?.Throw();
            }

            try
            {
                IpcConnection<TContract> connection = Open();
                _failure = null;
                _connection = connection;
                if (_disposed.IsCancellationRequested)
                {
                    connection.Dispose();
                }

                return connection;
            }
            catch (Exception exception)
            {
                _failure = ExceptionDispatchInfo.Capture(exception);
                throw;
            }
            finally
            {
                _attempts++;
            }
        }
    }

    private IpcConnection<TContract>? Usable()
    {
        ObjectDisposedException.ThrowIf(_disposed.IsCancellationRequested, this);
        return _connection is { } connection
            && (!connection.IsClosed || _options.Get(Name).LostConnection == IpcLostConnection.Fail)
            ? connection
            : null;
    }

    private IpcConnection<TContract> Open()
    {
        IpcHostedClientOptions options = _options.Get(Name);
        IpcConnectionOptions how = options.Connection.LoggerFactory is null
            ? options.Connection with { LoggerFactory = _loggerFactory }
            : options.Connection;
        IpcConnection<TContract> connection = IpcConnection.Connect<TContract>(options.Address, how);
        try
        {
            if (_prepare is { } prepare)
            {
                // On the thread pool: the continuations of the hook must not need the context of the thread that is
                // blocked here.
                using var end = CancellationTokenSource.CreateLinkedTokenSource(connection.Closed, _disposed.Token);
                Task
                    .Run(() => prepare(_services, connection, end.Token))
                    .WaitAsync(how.ConnectTimeout)
                    .GetAwaiter()
                    .GetResult();
            }
        }
        catch (TimeoutException exception)
        {
            connection.Dispose();
            throw new IpcTimeoutException(
                $"The connection of the client '{Name}' was not prepared within "
                    + $"{how.ConnectTimeout.TotalMilliseconds:N0} ms.",
                exception);
        }
        catch
        {
            connection.Dispose();
            throw;
        }

        Interlocked.Increment(ref _connections);
        HostingLog.ClientConnected(_logger, Name, options.Address);
        _ = connection.Completion.ContinueWith(
            _ =>
            {
                if (!_disposed.IsCancellationRequested)
                {
                    HostingLog.ClientLost(_logger, Name, options.Address, WhyLost(connection));
                }
            },
            CancellationToken.None,
            TaskContinuationOptions.None,
            TaskScheduler.Default);
        return connection;
    }
}
