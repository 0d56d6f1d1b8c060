using System.IO.Pipelines;
using Multiprocess.CapnProto.Rpc.Calls;
using Multiprocess.CapnProto.Rpc.Connections;
using Multiprocess.CapnProto.Rpc.Sockets;
using Multiprocess.CapnProto.Rpc.Wire;
using Multiprocess.Transports;
using Multiprocess.Transports.Unix;

namespace Multiprocess.CapnProto.Rpc;

/// <summary>A connection to a peer that speaks Cap'n Proto's RPC, in any language.</summary>
/// <example>
/// <code>
/// await using var connection = CapnpConnection.Attach(stream);
/// using CapnpReference root = connection.Bootstrap();
/// using CapnpRequest request = root.Call(interfaceId: 0xd36b89640dc94399, methodId: 1);
/// request.Parameters.InitStruct(new CapnpStructSize(0, 2)).Pointer(1).WriteText("hello");
/// using CapnpAnswer answer = request.Send();
/// await answer.Completion;
/// </code>
/// </example>
/// <remarks>
/// Both sides may have a root, and both may call. The connection does not identify the peer and does not encrypt; the
/// stream is responsible for that. All members can be used by several threads at the same time.
/// </remarks>
public sealed class CapnpConnection : IDisposable, IAsyncDisposable
{
    private readonly RpcConnection _state;
    private readonly MessagePump _pump;
    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Under the gate: why the connection has ended, if it was not closed in order.
    private Exception? _failure;
    private bool _isEnding;

    private CapnpConnection(MessagePump pump, ICapnpObject? root, CapnpConnectionOptions options)
    {
        _pump = pump;
        _pump.Lost = Lose;
        lock (Gate.Lock)
        {
            _state = new(_pump, root, options);
        }

        if (pump is SocketPump socket)
        {
            socket.HasQuestions = () => _state.QuestionCount > 0;
        }

        _ = RunAsync(new MessageHandler(_state));
    }

    /// <summary>
    /// Completes when the connection has ended and everything that belonged to it is released. Fails with the reason if
    /// the connection was lost or the peer broke the protocol.
    /// </summary>
    public Task Completion => _completion.Task;

    internal RpcConnection State => _state;

    /// <summary>Connects over a stream. The connection owns the stream from now on.</summary>
    /// <param name="stream">A stream for both directions.</param>
    /// <param name="root">
    /// The object that the peer's bootstrap returns; null if this side only calls. The connection holds a reference to
    /// it until the connection ends. To serve one object over several connections, keep a <see cref="CapnpReference"/>
    /// to it.
    /// </param>
    /// <param name="options">Limits.</param>
    /// <exception cref="ArgumentException">The stream cannot be both read and written.</exception>
    public static CapnpConnection Attach(
        Stream stream, ICapnpObject? root = null, CapnpConnectionOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        if (!stream.CanRead || !stream.CanWrite)
        {
            throw new ArgumentException("Stream: Expected one that can be read and written.", nameof(stream));
        }

        options ??= CapnpConnectionOptions.Default;
        return new(new PipePump(new StreamPipe(stream), stream, options), root, options);
    }

    /// <summary>Connects over a pipe. The connection owns the pipe from now on.</summary>
    /// <param name="pipe">A pipe for both directions.</param>
    /// <param name="root">
    /// The object that the peer's bootstrap returns; null if this side only calls. The connection holds a reference to
    /// it until the connection ends.
    /// </param>
    /// <param name="options">Limits.</param>
    public static CapnpConnection Attach(
        IDuplexPipe pipe, ICapnpObject? root = null, CapnpConnectionOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(pipe);
        options ??= CapnpConnectionOptions.Default;
        return new(new PipePump(pipe, stream: null, options), root, options);
    }

    /// <summary>Connects to a Unix socket. The server must belong to this user.</summary>
    /// <param name="address">Where the server listens, such as <c>unix:node.sock</c>.</param>
    /// <param name="options">Limits.</param>
    /// <param name="connectOptions">
    /// Which server is allowed (<see cref="IpcConnectionOptions.AuthorizePeer"/>), and how long to wait while its
    /// backlog is full. Other options do not apply.
    /// </param>
    /// <exception cref="ArgumentException">The address is not that of a Unix socket.</exception>
    /// <exception cref="IpcDisconnectedException">Nobody listens there.</exception>
    /// <exception cref="IpcTimeoutException">The server's backlog stayed full.</exception>
    /// <exception cref="IpcException">The server belongs to another user.</exception>
    public static CapnpConnection Connect(
        IpcAddress address, CapnpConnectionOptions? options = null, IpcConnectionOptions? connectOptions = null)
        => address.Kind == IpcAddressKind.Tcp
            ? throw new ArgumentException($"Address: Expected a Unix socket, got '{address}'.", nameof(address))
            : Attach(Endpoint.Connect(address, connectOptions ?? new()), root: null, options);

    /// <summary>Connects over a transport, which the connection owns from now on, also if this throws.</summary>
    /// <exception cref="IOException">The system provides no descriptor.</exception>
    internal static CapnpConnection Attach(
        Transport transport, ICapnpObject? root, CapnpConnectionOptions? options)
    {
        if (transport is not UnixSocketTransport socket)
        {
            return Attach(transport.HandOver(), root, options);
        }

        options ??= CapnpConnectionOptions.Default;
        try
        {
            return new(new SocketPump(socket, options), root, options);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Returns the peer's root. Calls on it are sent at once. The caller disposes it.</summary>
    public CapnpReference Bootstrap()
    {
        lock (Gate.Lock)
        {
            var answer = new Answer();
            _state.SendBootstrap(answer);
            CapnpReference root = CapnpReference.Wrap(answer.Pipeline([]))!;

            // The answer ends with the last reference to the root, or when it has arrived.
            answer.WhenDone(done => done.Dispose());
            return root;
        }
    }

    /// <summary>
    /// Ends the connection. Waiting calls fail with <see cref="IpcDisconnectedException"/>; the remote side may have
    /// run them. Returns at once: waiting messages are still written, for at most a second. May be called again.
    /// </summary>
    public void Dispose()
        => End(new IpcDisconnectedException("The connection was closed by this side."), failure: null);

    /// <summary>
    /// Ends the connection like <see cref="Dispose"/>, and waits until everything that belonged to it is released.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        Dispose();
        await _completion.Task.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>
    /// Refuses new calls of the peer, cancels running ones, waits at most <paramref name="drain"/> until they are
    /// answered, and ends the connection.
    /// </summary>
    public async Task ShutdownAsync(TimeSpan drain)
    {
        Task drained;
        lock (Gate.Lock)
        {
            drained = _state.Calls.DrainAsync();
        }

        await drained.WaitAsync(drain).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await DisposeAsync().ConfigureAwait(false);
    }

    private async Task RunAsync(MessageHandler handler)
    {
        // On the pool: the thread that connects may wait for an answer next, whatever its synchronization context.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        try
        {
            await _pump.ReadAsync(message =>
            {
                lock (Gate.Lock)
                {
                    if (_state.IsOpen)
                    {
                        handler.Handle(message);
                    }
                    else
                    {
                        message.Release();
                    }
                }
            }).ConfigureAwait(false);
            End(new IpcDisconnectedException("The peer has closed the connection."), failure: null);
        }
        catch (IpcDisconnectedException exception)
        {
            End(exception, failure: null);
        }
        catch (IpcException exception)
        {
            if (exception is not PeerAbortException)
            {
                SendAbort(exception);
            }

            End(new IpcDisconnectedException($"The connection was ended: {exception.Message}", exception), exception);
        }
        catch (Exception exception)
        {
            Lose(exception);
        }

        await _pump.EndAsync().ConfigureAwait(false);
        await ReleaseAsync().ConfigureAwait(false);
        if (_failure is null)
        {
            _completion.TrySetResult();
        }
        else
        {
            _completion.TrySetException(_failure);
            _ = _completion.Task.Exception; // Marked as observed: nobody may wait for it.
        }
    }

    // Completion must complete, whatever the application's stream throws when it is disposed.
    private async Task ReleaseAsync()
    {
        try
        {
            await _pump.ReleaseAsync().ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            lock (Gate.Lock)
            {
                _failure ??= exception;
            }
        }
    }

    private void SendAbort(Exception reason)
    {
        lock (Gate.Lock)
        {
            OutgoingMessage abort = OutgoingMessage.Begin(MessageKind.Abort, default);
            Exceptions.Write(abort.Builder.Root.GetOrInitStruct(RpcFormat.Message).Pointer(0), reason);
            _state.Send(abort);
        }
    }

    // The pipe has failed.
    private void Lose(Exception exception)
    {
        var lost = exception as IpcDisconnectedException
            ?? new IpcDisconnectedException($"The connection was lost: {exception.Message}", exception);
        End(lost, lost);
    }

    private void End(IpcDisconnectedException reason, Exception? failure)
    {
        lock (Gate.Lock)
        {
            if (_isEnding)
            {
                return;
            }

            _isEnding = true;
            _failure = failure;
            _state.End(reason);
        }

        _pump.StopReading();
    }

    private sealed class StreamPipe(Stream stream) : IDuplexPipe
    {
        public PipeReader Input { get; } = PipeReader.Create(stream, new StreamPipeReaderOptions(leaveOpen: true));

        public PipeWriter Output { get; } = PipeWriter.Create(stream, new StreamPipeWriterOptions(leaveOpen: true));
    }
}
