using System.IO.Pipelines;
using Multiprocess.Connections;
using Multiprocess.Diagnostics;
using Multiprocess.Locks;
using Multiprocess.Messages;
using Multiprocess.Objects;
using Multiprocess.Outgoing;
using Multiprocess.Recording;
using Multiprocess.Transports;

namespace Multiprocess;

/// <summary>
/// A connection to another process. Root factories receive it; <see cref="IpcConnection{T}"/> is the client's end.
/// </summary>
/// <remarks>
/// <para>
/// Thread-safe: all members, and all calls through the connection's proxies, may overlap. Calls of one thread run in
/// order; calls of different threads never wait for each other.
/// </para>
/// <para>
/// <see cref="Dispose"/> takes bounded time and never waits for the peer. Outgoing calls in progress fail with
/// <see cref="IpcDisconnectedException"/>; incoming calls see their token cancelled. A lost connection is not reopened.
/// </para>
/// </remarks>
public abstract class IpcConnection : IDisposable, IAsyncDisposable
{
    private protected IpcConnection(
        Transport transport,
        IpcConnectionOptions options,
        Framing.SharedByteLimit? shared = null)
        => Core = new ConnectionCore(this, transport, MessagePackProtocol.Instance, options, shared);

    /// <summary>The process at the other end: process id, user id, group id.</summary>
    public IpcPeer Peer => Core.Peer;

    /// <summary>Cancelled when the connection has ended, for any reason.</summary>
    public CancellationToken Closed => Core.Closed;

    /// <summary>Completes when the connection has ended; faulted with the reason if the connection was lost.</summary>
    public Task Completion => Core.Completion;

    /// <summary>
    /// True once the connection has ended, for any reason: from then on calls fail. <see cref="Closed"/> is cancelled
    /// and <see cref="Completion"/> completes a moment later.
    /// </summary>
    public bool IsClosed => Core.Channel.IsClosed;

    /// <summary>
    /// Why the connection ended. Null while it is open, and when this side ended it. A peer that said Goodbye gives a
    /// reason too, although <see cref="Completion"/> does not fail then.
    /// </summary>
    public IpcException? ClosedReason => Core.Channel.ClosedReason;

    /// <summary>How many objects of this side the peer holds.</summary>
    public int LiveExports => Core.Channel.Objects.Exports.Count;

    /// <summary>How many objects of the peer this side holds.</summary>
    public int LiveImports => Core.Channel.Objects.Imports.Count;

    /// <summary>How many worker threads of this side run calls for the peer's threads.</summary>
    public int WorkerThreads
    {
        get
        {
            using (Uninterruptible.Enter(Core.Channel.Threads.Gate))
            {
                return Core.Channel.Threads.WorkerCount;
            }
        }
    }

    /// <summary>
    /// How many threads of this side have a worker thread at the peer. A thread that has ended is counted for at most
    /// one second more.
    /// </summary>
    public int ClientThreads
    {
        get
        {
            using (Uninterruptible.Enter(Core.Channel.Threads.Gate))
            {
                return Core.Channel.Threads.OwnCount;
            }
        }
    }

    /// <summary>How many calls of the peer are waiting or running.</summary>
    public long CallsInFlight => Core.Channel.PeerCalls.InFlight.Count;

    internal ConnectionCore Core { get; }

    /// <summary>Connects to a server at <paramref name="address"/> that serves <typeparamref name="T"/>.</summary>
    /// <exception cref="IpcDisconnectedException">No server listens at the address, or the server ended.</exception>
    /// <exception cref="IpcTimeoutException">
    /// The server did not answer within <see cref="IpcConnectionOptions.ConnectTimeout"/>.
    /// </exception>
    /// <exception cref="IpcException">
    /// The server refused the connection, serves another contract, or runs as another user. Or recording to
    /// <see cref="IpcConnectionOptions.RecordFolder"/> is not possible; this is checked before anything is sent. No
    /// call was run.
    /// </exception>
    public static IpcConnection<T> Connect<T>(IpcAddress address, IpcConnectionOptions? options = null) where T : class
    {
        options ??= new IpcConnectionOptions();
        Recorder.Check(options);
        return IpcConnection<T>.Open(Endpoint.Connect(address, options), options);
    }

    /// <summary>
    /// Connects if a server listens at <paramref name="address"/>. This is how the address <c>auto</c> is used.
    /// </summary>
    /// <returns>
    /// Null for <see cref="IpcAddress.None"/>, and when the socket does not exist, no server listens on it, or its path
    /// is too long.
    /// </returns>
    /// <exception cref="IpcTimeoutException">
    /// The server did not answer within <see cref="IpcConnectionOptions.ConnectTimeout"/>.
    /// </exception>
    /// <exception cref="IpcException">
    /// A server may be there but cannot be reached, refused the connection, or serves another contract. Or recording to
    /// <see cref="IpcConnectionOptions.RecordFolder"/> is not possible. A <c>tcp:</c> address without a server is an
    /// error too.
    /// </exception>
    public static IpcConnection<T>? TryConnect<T>(
        IpcAddress address,
        IpcConnectionOptions? options = null) where T : class
    {
        options ??= new IpcConnectionOptions();
        Recorder.Check(options);
        return Endpoint.TryConnect(address, options) is { } transport
            ? IpcConnection<T>.Open(transport, options)
            : null;
    }

    /// <summary>Connects to a server at <paramref name="address"/> that serves <typeparamref name="T"/>.</summary>
    /// <inheritdoc cref="Connect{T}(IpcAddress, IpcConnectionOptions)" path="/exception"/>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public static async Task<IpcConnection<T>> ConnectAsync<T>(
        IpcAddress address,
        IpcConnectionOptions? options = null,
        CancellationToken cancellationToken = default) where T : class
    {
        // Connecting blocks on the socket, which must not be used for asynchronous operations; so another thread
        // blocks.
        return await Elsewhere(() => Connect<T>(address, options), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Connects over a pipe that the application provides. A server at the other end serves <typeparamref name="T"/>.
    /// </summary>
    /// <param name="pipe">
    /// Carries the bytes. The connection owns the pipe from this call on, even when connecting fails: nothing else may
    /// read or write it, and both its ends are completed when the connection has ended.
    /// </param>
    /// <param name="options">The options of the connection.</param>
    /// <param name="peer">
    /// The peer's identity, if the application knows it. Default null: a peer without credentials. Such a peer is
    /// allowed because the application passed the pipe, unless <see cref="IpcConnectionOptions.AuthorizePeer"/> refuses
    /// it.
    /// </param>
    /// <remarks>
    /// Blocks during the handshake, for at most <see cref="IpcConnectionOptions.ConnectTimeout"/>. The pipe must be an
    /// ordered, lossless stream of bytes. Its flush must wait while the peer does not read.
    /// <see cref="PipeReader.CancelPendingRead"/> must end its pending read. The connection does not encrypt or
    /// authenticate; the pipe is responsible for that.
    /// </remarks>
    /// <example><code>
    /// using var connection = IpcConnection.Connect&lt;ICalculator&gt;(pipe);
    /// </code></example>
    /// <exception cref="IpcDisconnectedException">The pipe or the server ended.</exception>
    /// <exception cref="IpcTimeoutException">
    /// The server did not answer within <see cref="IpcConnectionOptions.ConnectTimeout"/>.
    /// </exception>
    /// <exception cref="IpcException">
    /// The server refused the connection, serves another contract, or is not allowed. Or recording to
    /// <see cref="IpcConnectionOptions.RecordFolder"/> is not possible. No call was run.
    /// </exception>
    public static IpcConnection<T> Connect<T>(
        IDuplexPipe pipe,
        IpcConnectionOptions? options = null,
        IpcPeer? peer = null) where T : class
    {
        ArgumentNullException.ThrowIfNull(pipe);
        options ??= new IpcConnectionOptions();
        return ConnectOver<T>(Endpoint.Over(pipe, peer, OwnPipe, options), options);
    }

    /// <summary>As <see cref="Connect{T}(IDuplexPipe, IpcConnectionOptions, IpcPeer)"/>, without blocking.</summary>
    /// <param name="pipe">
    /// Carries the bytes. The connection owns the pipe from this call on, even when connecting fails.
    /// </param>
    /// <param name="options">The options of the connection.</param>
    /// <param name="peer">
    /// The peer's identity, if the application knows it. Default null: a peer without credentials.
    /// </param>
    /// <param name="cancellationToken">Cancels connecting; the pipe is then completed too.</param>
    /// <inheritdoc cref="Connect{T}(IDuplexPipe, IpcConnectionOptions, IpcPeer)" path="/exception"/>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public static async Task<IpcConnection<T>> ConnectAsync<T>(
        IDuplexPipe pipe,
        IpcConnectionOptions? options = null,
        IpcPeer? peer = null,
        CancellationToken cancellationToken = default) where T : class
    {
        ArgumentNullException.ThrowIfNull(pipe);
        options ??= new IpcConnectionOptions();
        return await ConnectOverAsync<T>(
            Endpoint.Over(pipe, peer, OwnPipe, options), options, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Shuts down in order: refuses new calls of the peer, cancels its running calls, waits at most
    /// <paramref name="drain"/> until they have ended and the peer has received their answers, then ends the
    /// connection.
    /// </summary>
    /// <remarks>
    /// Calls of this side that are still unanswered then throw <see cref="IpcDisconnectedException"/>.
    /// </remarks>
    /// <exception cref="ArgumentOutOfRangeException">
    /// The time is neither infinite nor from zero to 24 days; nothing was shut down.
    /// </exception>
    public Task ShutdownAsync(TimeSpan drain) => Core.ShutdownAsync(drain);

    /// <summary>
    /// Stops serving, but leaves the connection open: refuses new calls of the peer, cancels its running calls, and
    /// waits at most <paramref name="drain"/> until they have ended and the peer has received their answers. This side
    /// can continue to call. For a host that reports to the peer while it stops.
    /// </summary>
    /// <returns>
    /// Whether all calls of the peer have ended and their answers are sent. False when the time ran out, or when the
    /// connection ended before.
    /// </returns>
    /// <exception cref="ArgumentOutOfRangeException">
    /// The time is neither infinite nor from zero to 24 days; nothing was stopped.
    /// </exception>
    public Task<bool> StopServingAsync(TimeSpan drain)
    {
        ConnectionCore.CheckDrain(drain);
        return Core.StopServingAsync(drain);
    }

    /// <summary>
    /// Waits until the connection has ended and no call of the peer runs any more. Then nothing uses the root, and what
    /// it uses may be disposed. For a host that creates each root in a scope of its own.
    /// </summary>
    /// <param name="cancellationToken">Ends the wait, not the connection.</param>
    /// <returns>A task that fails with no reason of the connection; <see cref="Completion"/> has that.</returns>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public async Task WhenCallsEndedAsync(CancellationToken cancellationToken = default)
    {
        await Completion.WaitAsync(cancellationToken).ConfigureAwait(
            ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ForceYielding);
        cancellationToken.ThrowIfCancellationRequested();
        await Core.WhenCallsEnded().WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Lists the objects that each side holds of the other on this connection, to find leaks.</summary>
    public IReadOnlyList<IpcLiveObject> ListLiveObjects()
        => [.. Core.Channel.Objects.Exports.List(), .. Core.Channel.Objects.Imports.List()];

    /// <summary>
    /// Lists the unanswered calls of this side, in the order in which they were made, to find out which call waits for
    /// which process.
    /// </summary>
    /// <remarks>
    /// This is a snapshot: calls continue meanwhile, and no thread is blocked. To see waits across processes, match the
    /// lists of both sides by process id and request number. <see cref="IpcConnectionOptions.SlowCallWarning"/> writes
    /// this information to the log.
    /// </remarks>
    public IReadOnlyList<IpcWaitingCall> ListWaitingCalls()
        => [.. UnansweredCall.List(Core.Channel).Select(CallReport.Of)];

    /// <summary>Ends the connection in bounded time. May be called twice and from inside a call.</summary>
    public void Dispose()
    {
        Core.Close();
        GC.SuppressFinalize(this);
    }

    /// <summary>Ends the connection in bounded time. May be called twice and from inside a call.</summary>
    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>The name of an application's pipe in logs.</summary>
    internal const string OwnPipe = "application's pipe";

    /// <summary>Connects over a transport, and disposes the transport if that fails.</summary>
    internal static IpcConnection<T> ConnectOver<T>(Transport transport, IpcConnectionOptions options) where T : class
    {
        try
        {
            _ = ContractBinding<T>.Instance;
            Recorder.Check(options);
            return IpcConnection<T>.Open(transport, options);
        }
        catch
        {
            transport.Dispose();
            throw;
        }
    }

    /// <summary>
    /// As <see cref="ConnectOver"/>, without blocking. Cancelling ends the transport, and thus the wait for the peer.
    /// </summary>
    internal static Task<IpcConnection<T>> ConnectOverAsync<T>(
        Transport transport,
        IpcConnectionOptions options,
        CancellationToken cancellationToken) where T : class
        => Elsewhere(() => ConnectOver<T>(transport, options), cancellationToken, transport);

    /// <summary>
    /// Opens a connection on a separate thread. Disposes a connection that opens after the caller cancelled.
    /// </summary>
    /// <param name="open">Opens the connection.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <param name="transport">
    /// Disposed when the caller cancels; null when <paramref name="open"/> creates the transport.
    /// </param>
    internal static async Task<TConnection> Elsewhere<TConnection>(
        Func<TConnection> open,
        CancellationToken cancellationToken,
        Transport? transport = null) where TConnection : IpcConnection
    {
        if (cancellationToken.IsCancellationRequested)
        {
            transport?.Dispose();
            cancellationToken.ThrowIfCancellationRequested();
        }

        Task<TConnection> opening;
        try
        {
            opening = BackgroundThread.Run(open, "ipc connect", cancellationToken: CancellationToken.None);
        }
        catch (OutOfMemoryException exception)
        {
            transport?.Dispose();
            throw new IpcException(
                IpcErrorKind.LimitExceeded, "The system provides no thread for connecting.", exception);
        }

        try
        {
            return await opening.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            _ = opening.ContinueWith(
                static late => late.Result.Dispose(),
                CancellationToken.None,
                TaskContinuationOptions.OnlyOnRanToCompletion,
                TaskScheduler.Default);
            transport?.Dispose();
            throw;
        }
    }
}

/// <summary>The client's end of a connection to a server that serves <typeparamref name="T"/>.</summary>
/// <inheritdoc cref="IpcConnection" path="/remarks"/>
public sealed class IpcConnection<T> : IpcConnection where T : class
{
    private IpcConnection(Transport transport, IpcConnectionOptions options, ContractBinding? serves)
        : base(transport, options)
    {
        Core.Open(serves, wants: ContractBinding<T>.Instance);
        Root = Core.ImportRoot<T>();
    }

    /// <summary>The server's root object.</summary>
    public T Root { get; }

    /// <summary>Exchanges Hello messages and starts receiving.</summary>
    /// <param name="transport">Carries the bytes.</param>
    /// <param name="options">The connection's options.</param>
    /// <param name="serves">The root that this side serves to the peer; null for none.</param>
    internal static IpcConnection<T> Open(
        Transport transport, IpcConnectionOptions options, IpcParentRoot? serves = null)
    {
        Transport recorded = Recorder.Wrap(transport, options, isClient: true);
        var connection = new IpcConnection<T>(recorded, options, serves?.Contract);
        object? root;
        try
        {
            root = serves?.Make(connection);
        }
        catch
        {
            connection.Core.Close();
            throw;
        }

        connection.Core.Start(root, serves?.Contract);
        return connection;
    }
}
