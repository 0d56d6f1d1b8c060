using System.IO.Pipelines;
using Multiprocess.Connections;
using Multiprocess.Diagnostics;
using Multiprocess.Objects;
using Multiprocess.Outgoing;
using Multiprocess.Recording;
using Multiprocess.Transports;

namespace Multiprocess;

/// <summary>A connection to another process. Root factories receive it; <see cref="IpcConnection{T}"/> is the client's end.</summary>
/// <remarks>
/// <para>
/// Thread-safe: all members, and all calls through its proxies, may overlap. Calls of one thread run in order;
/// calls of different threads never wait for each other.
/// </para>
/// <para>
/// <see cref="Dispose"/> is bounded and never waits for the peer: calls under way, in both directions, fail with
/// <see cref="IpcDisconnectedException"/> or see their token cancelled. A lost connection stays lost.
/// </para>
/// </remarks>
public abstract class IpcConnection : IDisposable, IAsyncDisposable
{
    private protected IpcConnection(Transport transport, IpcConnectionOptions options, Framing.SharedBytes? shared = null)
        => Core = new ConnectionCore(this, transport, options, shared);

    /// <summary>Who is at the other end: process id, user id, group id.</summary>
    public IpcPeer Peer => Core.Peer;

    /// <summary>Cancelled when the connection has ended, for whatever reason.</summary>
    public CancellationToken Closed => Core.Closed;

    /// <summary>Ends when the connection has; faulted with the reason if it was lost.</summary>
    public Task Completion => Core.Completion;

    /// <summary>How many objects of this side the peer holds.</summary>
    public int LiveExports => Core.Channel.Objects.Exports.Count;

    /// <summary>How many objects of the peer this side holds.</summary>
    public int LiveImports => Core.Channel.Objects.Imports.Count;

    /// <summary>How many worker threads run calls of the peer's threads.</summary>
    public int WorkerThreads
    {
        get
        {
            lock (Core.Channel.Threads.Gate)
            {
                return Core.Channel.Threads.WorkerCount;
            }
        }
    }

    /// <summary>How many of this side's threads have a worker at the other side, as far as is known: threads that ended are noticed within a second.</summary>
    public int ClientThreads
    {
        get
        {
            lock (Core.Channel.Threads.Gate)
            {
                return Core.Channel.Threads.OwnCount;
            }
        }
    }

    /// <summary>How many calls of the peer wait or run.</summary>
    public long CallsInFlight => Core.Channel.PeerCalls.InFlight.Count;

    internal ConnectionCore Core { get; }

    /// <summary>Connects to a server at <paramref name="address"/> that serves <typeparamref name="T"/>.</summary>
    /// <exception cref="IpcDisconnectedException">Nobody listens there, or the server ended.</exception>
    /// <exception cref="IpcTimeoutException">The server did not answer within <see cref="IpcConnectionOptions.ConnectTimeout"/>.</exception>
    /// <exception cref="IpcException">
    /// The server refused, serves another contract, or runs as another user; or nothing can be recorded in
    /// <see cref="IpcConnectionOptions.RecordFolder"/>, which is found out before anything is sent. Nothing was run.
    /// </exception>
    public static IpcConnection<T> Connect<T>(IpcAddress address, IpcConnectionOptions? options = null) where T : class
    {
        options ??= new IpcConnectionOptions();
        Recorder.Check(options);
        return IpcConnection<T>.Open(Endpoint.Connect(address, options), options);
    }

    /// <summary>Connects if somebody serves <paramref name="address"/>: what the address <c>auto</c> means.</summary>
    /// <returns>Null for <see cref="IpcAddress.None"/>, and where no socket is there, nobody listens on it, or its path is too long.</returns>
    /// <exception cref="IpcTimeoutException">The server did not answer within <see cref="IpcConnectionOptions.ConnectTimeout"/>.</exception>
    /// <exception cref="IpcException">
    /// Somebody may be there but cannot be talked to, refused, or serves another contract, or nothing can be recorded in
    /// <see cref="IpcConnectionOptions.RecordFolder"/>. Nobody at a <c>tcp:</c> address is an error too.
    /// </exception>
    public static IpcConnection<T>? TryConnect<T>(IpcAddress address, IpcConnectionOptions? options = null) where T : class
    {
        options ??= new IpcConnectionOptions();
        Recorder.Check(options);
        return Endpoint.TryConnect(address, options) is { } transport ? IpcConnection<T>.Open(transport, options) : null;
    }

    /// <summary>Connects to a server at <paramref name="address"/> that serves <typeparamref name="T"/>.</summary>
    /// <inheritdoc cref="Connect{T}(IpcAddress, IpcConnectionOptions)" path="/exception"/>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public static async Task<IpcConnection<T>> ConnectAsync<T>(IpcAddress address, IpcConnectionOptions? options = null, CancellationToken cancellationToken = default) where T : class
    {
        // Connecting blocks on the socket, which must never see an asynchronous operation; so it blocks elsewhere.
        return await Elsewhere(() => Connect<T>(address, options), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Connects over a pipe of the application's own, at whose other end a server serves <typeparamref name="T"/>.</summary>
    /// <param name="pipe">
    /// What carries the bytes. It belongs to the connection from this call on, also when connecting fails: nobody else may
    /// read or write, and both its ends are completed when the connection has ended.
    /// </param>
    /// <param name="options">The options of the connection.</param>
    /// <param name="peer">
    /// Who is at the other end, if the application knows. Default null: a peer without credentials, which
    /// is allowed because the application has handed over the pipe, unless
    /// <see cref="IpcConnectionOptions.AuthorizePeer"/> says otherwise.
    /// </param>
    /// <remarks>
    /// Blocks for the handshake, at most <see cref="IpcConnectionOptions.ConnectTimeout"/>. The pipe must be an ordered,
    /// lossless stream of bytes; its flush must wait while the peer does not read, and its pending read must end with
    /// <see cref="PipeReader.CancelPendingRead"/>. Nothing is encrypted or authenticated: that is the pipe's to do.
    /// </remarks>
    /// <example><code>
    /// using var connection = IpcConnection.Connect&lt;ICalculator&gt;(pipe);
    /// </code></example>
    /// <exception cref="IpcDisconnectedException">The pipe, or the server, ended.</exception>
    /// <exception cref="IpcTimeoutException">The server did not answer within <see cref="IpcConnectionOptions.ConnectTimeout"/>.</exception>
    /// <exception cref="IpcException">
    /// The server refused, serves another contract, or is not allowed; or nothing can be recorded in
    /// <see cref="IpcConnectionOptions.RecordFolder"/>. Nothing was run.
    /// </exception>
    public static IpcConnection<T> Connect<T>(IDuplexPipe pipe, IpcConnectionOptions? options = null, IpcPeer? peer = null) where T : class
    {
        ArgumentNullException.ThrowIfNull(pipe);
        options ??= new IpcConnectionOptions();
        return ConnectOver<T>(Endpoint.Over(pipe, peer, OwnPipe, options), options);
    }

    /// <summary>As <see cref="Connect{T}(IDuplexPipe, IpcConnectionOptions, IpcPeer)"/>, without blocking.</summary>
    /// <param name="pipe">What carries the bytes. It belongs to the connection from this call on, also when connecting fails.</param>
    /// <param name="options">The options of the connection.</param>
    /// <param name="peer">Who is at the other end, if the application knows. Default null: a peer without credentials.</param>
    /// <param name="cancellationToken">Gives up; the pipe is completed then, too.</param>
    /// <inheritdoc cref="Connect{T}(IDuplexPipe, IpcConnectionOptions, IpcPeer)" path="/exception"/>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public static async Task<IpcConnection<T>> ConnectAsync<T>(
        IDuplexPipe pipe, IpcConnectionOptions? options = null, IpcPeer? peer = null, CancellationToken cancellationToken = default) where T : class
    {
        ArgumentNullException.ThrowIfNull(pipe);
        options ??= new IpcConnectionOptions();
        return await ConnectOverAsync<T>(Endpoint.Over(pipe, peer, OwnPipe, options), options, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Closes in good order: refuses new calls of the peer, cancels those that run, waits at most
    /// <paramref name="drain"/> until they have ended and the peer has taken their answers, and ends the connection.
    /// </summary>
    /// <remarks>Calls of this side that are not answered by then throw <see cref="IpcDisconnectedException"/>.</remarks>
    /// <exception cref="ArgumentOutOfRangeException">The time is neither from zero to 24 days nor infinite; nothing was stopped.</exception>
    public Task ShutdownAsync(TimeSpan drain) => Core.ShutdownAsync(drain);

    /// <summary>The objects that either side holds of the other on this connection, for finding leaks.</summary>
    public IReadOnlyList<IpcLiveObject> ListLiveObjects() => [.. Core.Channel.Objects.Exports.List(), .. Core.Channel.Objects.Imports.List()];

    /// <summary>The calls of this side that are not answered yet, in the order in which they were made, for finding out who waits for whom.</summary>
    /// <remarks>
    /// A look from outside: calls go on meanwhile, and no thread is held up. To see who holds up whom across processes,
    /// put what both sides say together by process id and request number; <see cref="IpcConnectionOptions.SlowCallWarning"/>
    /// has it written to the log.
    /// </remarks>
    public IReadOnlyList<IpcWaitingCall> ListWaitingCalls() => [.. WaitingCall.List(Core.Channel).Select(CallReport.Of)];

    /// <summary>Ends the connection. Bounded; may be called twice and from inside a call.</summary>
    public void Dispose()
    {
        Core.Close();
        GC.SuppressFinalize(this);
    }

    /// <summary>Ends the connection. Bounded; may be called twice and from inside a call.</summary>
    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>What logs call a pipe that the application brings.</summary>
    internal const string OwnPipe = "application's pipe";

    /// <summary>Connects over a transport, which is disposed if that fails.</summary>
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

    /// <summary>As <see cref="ConnectOver"/>, without blocking. Cancelling ends the transport, and with it the wait for the peer.</summary>
    internal static Task<IpcConnection<T>> ConnectOverAsync<T>(Transport transport, IpcConnectionOptions options, CancellationToken cancellationToken) where T : class
        => Elsewhere(() => ConnectOver<T>(transport, options), cancellationToken, transport);

    /// <summary>Opens a connection on a thread of its own. One that is there after the caller gave up is disposed.</summary>
    /// <param name="open">Opens it.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <param name="transport">Disposed when the caller gives up; null where opening makes it.</param>
    internal static async Task<TConnection> Elsewhere<TConnection>(
        Func<TConnection> open, CancellationToken cancellationToken, Transport? transport = null) where TConnection : IpcConnection
    {
        if (cancellationToken.IsCancellationRequested)
        {
            transport?.Dispose();
            cancellationToken.ThrowIfCancellationRequested();
        }

        Task<TConnection> opening = Task.Factory.StartNew(open, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        try
        {
            return await opening.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            _ = opening.ContinueWith(static late => late.Result.Dispose(), CancellationToken.None, TaskContinuationOptions.OnlyOnRanToCompletion, TaskScheduler.Default);
            transport?.Dispose();
            throw;
        }
    }
}

/// <summary>The client's end of a connection to a server that serves <typeparamref name="T"/>.</summary>
/// <inheritdoc cref="IpcConnection" path="/remarks"/>
public sealed class IpcConnection<T> : IpcConnection where T : class
{
    private IpcConnection(Transport transport, IpcConnectionOptions options)
        : base(transport, options)
    {
    }

    /// <summary>The server's root object.</summary>
    public T Root { get; private set; } = null!;

    /// <summary>Exchanges Hellos and begins to take what the peer sends.</summary>
    /// <param name="transport">What carries it.</param>
    /// <param name="options">How it behaves.</param>
    /// <param name="serves">What this side serves the other one; null for nothing.</param>
    internal static IpcConnection<T> Open(Transport transport, IpcConnectionOptions options, PeerRoot? serves = null)
    {
        var connection = new IpcConnection<T>(Recorder.Wrap(transport, options, isClient: true), options);
        connection.Core.Open(serves?.Contract, wants: ContractBinding<T>.Instance);
        connection.Root = connection.Core.ImportRoot<T>();
        connection.Core.Start(serves?.Make(connection), serves?.Contract);
        return connection;
    }
}
