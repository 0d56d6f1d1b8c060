using Microsoft.Extensions.Logging;
using Multiprocess.Framing;
using Multiprocess.Incoming;
using Multiprocess.Objects;
using Multiprocess.Outgoing;
using Multiprocess.Protocols;
using Multiprocess.Threads;
using Multiprocess.Versions;

namespace Multiprocess.Calls;

/// <summary>The parts of one connection that its calls use, in both directions. This class only joins them.</summary>
/// <remarks>Thread-safe. Created and ended by the connection.</remarks>
internal sealed class CallChannel
{
    private readonly Action<Exception> _fail;

    private long _lastRequest;

    // When the peer last answered that it takes no more calls, as a timestamp of the options' clock.
    private long _refused = long.MinValue;

    public CallChannel(
        IpcConnection owner,
        ConnectionIdentity identity,
        IpcConnectionOptions options,
        CallSettings settings,
        ILogger logger,
        WireProtocol protocol,
        ThreadMap threads,
        MessagePump pump,
        FrameSender sender,
        MessagePool pool,
        DescriptorPassing descriptors,
        Action<Exception> fail)
    {
        _fail = fail;
        Owner = owner;
        Identity = identity;
        Options = options;
        Settings = settings;
        Logger = logger;
        Protocol = protocol;
        Threads = threads;
        Pump = pump;
        Sender = sender;
        Pool = pool;
        Descriptors = descriptors;
        Control = new ControlMessages(protocol, sender, fail);
        Pending = new PendingCalls(threads);
        ClientThreads = new ClientThreads(threads, Control, () => LastRequest, options.TimeProvider);
        PeerCalls = new PeerCalls(threads, options.Limits.MaxThreads, settings.WatchesCalls, logger);
        Objects = new ConnectionObjects(options, protocol, Control, threads, PeerCalls.Cancellable.Free, logger);
        Versions = new MethodVersions(threads, sender, Control);
        ContextFactory = running => new IpcCallContext(Owner, running.Cancellation?.Token ?? PeerCalls.Stopping);
    }

    /// <summary>The public face of the connection, for user code.</summary>
    public IpcConnection Owner { get; }

    public ConnectionIdentity Identity { get; }

    public IpcConnectionOptions Options { get; }

    public IpcLimits Limits => Options.Limits;

    public CallSettings Settings { get; }

    /// <summary>
    /// The log of the connection. Replaced while somebody watches the connection; a thread that read the old one still
    /// writes to it.
    /// </summary>
    public ILogger Logger { get; set; }

    /// <summary>The protocol that the connection speaks.</summary>
    public WireProtocol Protocol { get; }

    public ThreadMap Threads { get; }

    public MessagePump Pump { get; }

    public FrameSender Sender { get; }

    public ControlMessages Control { get; }

    public MessagePool Pool { get; }

    public DescriptorPassing Descriptors { get; }

    public ConnectionObjects Objects { get; }

    public MethodVersions Versions { get; }

    /// <summary>The number of this side's last call that began; 0 when there was none.</summary>
    public long LastRequest => Volatile.Read(ref _lastRequest);

    /// <summary>The asynchronous calls of this side that are not answered yet.</summary>
    public PendingCalls Pending { get; }

    public ClientThreads ClientThreads { get; }

    public PeerCalls PeerCalls { get; }

    /// <summary>Creates the context that a method reads about its caller.</summary>
    public Func<AcceptedCall, IpcCallContext> ContextFactory { get; }

    public bool IsClosed => Threads.IsClosed;

    /// <summary>Why the connection ended; null while it is open.</summary>
    public IpcException? ClosedReason { get; set; }

    /// <summary>
    /// Time since the peer answered that it takes no more calls, which means that it is about to end. Null when it
    /// never did.
    /// </summary>
    public TimeSpan? SinceRefused
        => Volatile.Read(ref _refused) is var refused and not long.MinValue
            ? Options.TimeProvider.GetElapsedTime(refused)
            : null;

    /// <summary>Records an exception with which the peer answered a call, before the caller sees it.</summary>
    public void Note(Exception answer)
    {
        // An exception of this type that a method throws arrives as another type, so the runtime sent this one.
        if (answer is IpcDisconnectedException)
        {
            Volatile.Write(ref _refused, Options.TimeProvider.GetTimestamp());
        }
    }

    /// <summary>Ends the connection, because the peer broke the protocol or the transport failed.</summary>
    public void Fail(Exception reason) => _fail(reason);

    /// <summary>Numbers a call of this side. Numbers are unique and grow.</summary>
    public long NextRequest() => Interlocked.Increment(ref _lastRequest);

    /// <summary>
    /// Creates the exception that calls throw after the connection has ended: a new one each time, with the same
    /// reason.
    /// </summary>
    public IpcException Disconnected()
    {
        IpcException? reason = ClosedReason;
        return reason switch
        {
            IpcProtocolException => new IpcProtocolException($"The connection has ended. {reason.Message}", reason),
            null => new IpcDisconnectedException("The connection is closed."),
            _ => new IpcDisconnectedException(reason.Message, reason),
        };
    }

    /// <summary>
    /// Returns a message to the pool after its body was read; objects that came home in it may be released now.
    /// </summary>
    public void Finish(Message message)
    {
        if (((ReceivedMessage)message).PinnedExports is { } pinned)
        {
            pinned.ForEach(Objects.Exports.Unpin);
        }

        Pool.Return(message);
    }
}
