using Microsoft.Extensions.Logging;
using Multiprocess.Framing;
using Multiprocess.Incoming;
using Multiprocess.Messages;
using Multiprocess.Objects;
using Multiprocess.Outgoing;
using Multiprocess.Threads;
using Multiprocess.Versions;

namespace Multiprocess.Calls;

/// <summary>The parts of one connection that its calls use, in both directions. Each part does its own work; here is none.</summary>
/// <remarks>Thread-safe. The connection makes it and ends it.</remarks>
internal sealed class CallChannel
{
    private readonly Action<Exception> _fail;

    // When the peer has last answered that it takes no more calls, by the clock of the options.
    private long _refused = long.MinValue;

    public CallChannel(
        IpcConnection owner,
        IpcConnectionOptions options,
        CallSettings settings,
        ILogger logger,
        ThreadMap threads,
        Reading reading,
        FrameSender sender,
        MessagePool pool,
        Action<Exception> fail)
    {
        _fail = fail;
        Owner = owner;
        Options = options;
        Settings = settings;
        Logger = logger;
        Threads = threads;
        Reading = reading;
        Sender = sender;
        Pool = pool;
        Control = new ControlMessages(sender, fail);
        Requests = new RequestNumbers();
        Pending = new PendingCalls(threads);
        ClientThreads = new ClientThreads(threads, Control, Requests, options.TimeProvider);
        PeerCalls = new PeerCalls(threads, options.Limits.MaxThreads, settings.WatchesCalls, logger);
        Objects = new ConnectionObjects(options, Control, threads, PeerCalls.Cancellable.Free, logger);
        Versions = new MethodVersions(threads, sender, Control);
        ContextFactory = running => new IpcCallContext(Owner, running.Cancellation?.Token ?? PeerCalls.Stopping);
    }

    public IpcConnection Owner { get; }

    public IpcConnectionOptions Options { get; }

    public IpcLimits Limits => Options.Limits;

    public CallSettings Settings { get; }

    /// <summary>Asked before each line. Replaced while somebody watches the connection; whoever reads the old one meanwhile writes as before.</summary>
    public ILogger Logger { get; set; }

    public ThreadMap Threads { get; }

    public Reading Reading { get; }

    public FrameSender Sender { get; }

    public ControlMessages Control { get; }

    public MessagePool Pool { get; }

    public ConnectionObjects Objects { get; }

    public MethodVersions Versions { get; }

    /// <summary>The numbers of this side's calls.</summary>
    public RequestNumbers Requests { get; }

    /// <summary>The asynchronous calls of this side that are not answered yet.</summary>
    public PendingCalls Pending { get; }

    public ClientThreads ClientThreads { get; }

    public PeerCalls PeerCalls { get; }

    /// <summary>Makes what a method may ask about its caller.</summary>
    public Func<RunningCall, IpcCallContext> ContextFactory { get; }

    public bool IsClosed => Threads.IsClosed;

    /// <summary>Why the connection ended; null while it is open.</summary>
    public Exception? ClosedReason { get; set; }

    /// <summary>How long ago the peer has answered that it takes no more calls: it is about to end. Null when it never has.</summary>
    public TimeSpan? SinceRefused
        => Volatile.Read(ref _refused) is var refused and not long.MinValue ? Options.TimeProvider.GetElapsedTime(refused) : null;

    /// <summary>Takes note of what the peer has answered a call with, before the caller sees it.</summary>
    public void Note(Exception answer)
    {
        // What a method throws arrives as another type, so this is the runtime's own word.
        if (answer is IpcDisconnectedException)
        {
            Volatile.Write(ref _refused, Options.TimeProvider.GetTimestamp());
        }
    }

    /// <summary>Ends the connection: the peer broke the protocol, or the transport failed.</summary>
    public void Fail(Exception reason) => _fail(reason);

    /// <summary>What a call throws once the connection has ended: a fresh exception each time, with the one reason.</summary>
    public IpcException Disconnected()
    {
        Exception? reason = ClosedReason;
        return reason switch
        {
            IpcProtocolException => new IpcProtocolException($"The connection has ended. {reason.Message}", reason),
            null => new IpcDisconnectedException("The connection is closed."),
            _ => new IpcDisconnectedException(reason.Message, reason),
        };
    }

    /// <summary>Gives a message back once its body was read: what came home in it may be released now.</summary>
    public void Finish(Message message)
    {
        if (message.Pinned is { } pinned)
        {
            foreach (object export in pinned)
            {
                Objects.Exports.Unpin((Export)export);
            }
        }

        Pool.Return(message);
    }
}
