using Microsoft.Extensions.Logging;
using Multiprocess.Calls;
using Multiprocess.Diagnostics;
using Multiprocess.Faults;
using Multiprocess.Framing;
using Multiprocess.Incoming;
using Multiprocess.Introspection;
using Multiprocess.Locks;
using Multiprocess.Logging;
using Multiprocess.Objects;
using Multiprocess.Outgoing;
using Multiprocess.Protocols;
using Multiprocess.Threads;
using Multiprocess.Transports;
using Multiprocess.Transports.Rings;

namespace Multiprocess.Connections;

/// <summary>The life cycle of one connection: handshake, open, draining, closed.</summary>
/// <remarks>
/// Legal moves: handshake → open → closed, open → draining → closed, handshake → closed. A connection closes only once,
/// even when several threads close it. User code that must be notified (tokens, disposals) runs on the thread pool,
/// outside all locks.
/// </remarks>
internal sealed class ConnectionCore
{
    // How long to continue reading what the peer sent before it stopped receiving.
    private static readonly TimeSpan s_lastWords = TimeSpan.FromMilliseconds(500);

    // How long to wait until the peer has received the reason for the end, in milliseconds.
    private const int GoodbyeMilliseconds = 100;
    private const string ShutDown = "It is shutting down.";

    private readonly Transport _transport;
    private readonly FrameReader _frames;
    private readonly Router _router;
    private readonly ConnectionIdentity _identity;
    private readonly MemoryMoves? _moves;
    private readonly CancellationTokenSource _closed = new();
    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly long _began;
    private SlowCallWatch? _watch;
    private volatile bool _isClosing;
    private bool _isServing;

    public ConnectionCore(
        IpcConnection owner,
        Transport transport,
        WireProtocol protocol,
        IpcConnectionOptions options,
        SharedByteLimit? shared = null)
    {
        bool isClient = owner is not ServedConnection;
        _transport = transport = RingTransport.Over(transport, isClient);
        _identity = new ConnectionIdentity(transport, options.TimeProvider);
        _began = options.TimeProvider.GetTimestamp();
        Logger = IpcLog.Create(options.LoggerFactory);
        var pool = new MessagePool(static () => new ReceivedMessage());
        _frames = new FrameReader(transport, protocol, pool);
        var threads = new ThreadMap(new ReceivedBytes(
            options.Limits.MaxWaitingBytes, options.Limits.MaxCallsInFlight / 2, shared));
        _frames.HasRoomFor = threads.Received.HasRoomFor;
        if (transport.CanWaitBesideReceiver)
        {
            threads.Received.HasData = () => transport.Unseen > 0 || transport.WaitToReceive(0);
        }

        threads.Received.End = () => Fail(
            new IpcException(
                IpcErrorKind.LimitExceeded,
                "The peer stopped in the middle of a frame, while the bytes of all connections of its user or of the "
                    + "server are at their limit."));
        MessagePump pump = transport.CanWaitBesideReceiver
            ? new ReadingRole(_frames, threads, transport)
            : new ReaderThread(_frames, threads);
        var sender = new FrameSender(
            transport, protocol, options.Limits.MaxWaitingBytes, shared, SendingFailed, pump.SenderStalled);
        threads.IsSending = () => sender.IsBusy;
        var settings = new CallSettings(
            options, new FaultDetail(options.SendStackTraces ?? !transport.IsRemote, options.MaxExceptionTextLength));
        Channel = new CallChannel(
            owner,
            _identity,
            options,
            settings,
            Logger,
            protocol,
            threads,
            pump,
            sender,
            pool,
            new DescriptorPassing(transport, options.Limits),
            Fail);
        _moves = MemoryMoves.Of(
            transport,
            protocol,
            _frames,
            sender,
            Channel.Control,
            threads,
            options,
            () => Channel.Logger,
            isClient);
        _router = new Router(Channel, _moves, PeerSaidGoodbye);
        _ = _completion.Task.ContinueWith(
            static task => _ = task.Exception,
            CancellationToken.None,
            TaskContinuationOptions.OnlyOnFaulted,
            TaskScheduler.Default);
    }

    public CallChannel Channel { get; }

    public ILogger Logger { get; }

    /// <summary>The bytes and messages transferred so far.</summary>
    public TransferTotals Transferred
        => new(Channel.Sender.Bytes, Channel.Sender.Frames, _frames.Bytes, _frames.Frames);

    /// <summary>True while messages go through shared memory.</summary>
    public bool IsInMemory => _moves?.IsInMemory == true;

    /// <summary>
    /// How often the socket was used while a direction was in memory. Each use costs at least one system call.
    /// </summary>
    public long SocketUses => _moves?.SocketUses ?? 0;

    public string Description => _transport.Description;

    /// <summary>Identifies the connection within the process; 0 until it is open.</summary>
    public long Number => _identity.Number;

    /// <summary>The contract of this side's root; null when there is none, and until the connection is open.</summary>
    public string? Serves { get; private set; }

    /// <summary>
    /// The contract of the root that this side wants from the peer; null when there is none, and until the connection
    /// is open.
    /// </summary>
    public string? Wants { get; private set; }

    /// <summary>How long the connection has existed.</summary>
    public TimeSpan Age => Channel.Options.TimeProvider.GetElapsedTime(_began);

    public IpcPeer Peer => _identity.Peer;

    public CancellationToken Closed => _closed.Token;

    /// <summary>Completes when the connection has ended; faulted with the reason when it was lost.</summary>
    public Task Completion => _completion.Task;

    /// <summary>
    /// The contract of the root that the peer serves, according to its Hello; null when there is none, and before the
    /// Hello.
    /// </summary>
    public string? PeerServes { get; private set; }

    /// <summary>Exchanges Hello messages on the calling thread. When this throws, the connection is closed.</summary>
    /// <param name="serves">The contract of this side's root.</param>
    /// <param name="wants">The contract of the root that this side wants from the peer.</param>
    /// <param name="answersIntrospection">Whether the peer may request the introspection root instead.</param>
    /// <returns>Whether the peer requested the introspection root.</returns>
    public bool Open(ContractBinding? serves, ContractBinding? wants, bool answersIntrospection = false)
    {
        if (_transport.Refusal is { } refusal)
        {
            throw Refuse(refusal);
        }

        try
        {
            var mine = new Hello(
                Channel.Protocol.Version,
                Environment.ProcessId,
                serves?.Name,
                serves?.Fingerprint ?? 0,
                wants?.Name,
                wants?.Fingerprint ?? 0,
                Channel.Limits.MaxFrameBytes,
                _moves is null ? HelloAbilities.None : HelloAbilities.Memory,
                Channel.Descriptors.Expect(serves?.PassesDescriptors == true || wants?.PassesDescriptors == true));
            Hello theirs = Handshake.Run(
                _transport,
                Channel.Protocol,
                _frames,
                Channel.Control,
                mine,
                Channel.Options.ConnectTimeout,
                answersIntrospection);
            _frames.MaxFrameBytes = Channel.Limits.MaxFrameBytes;
            _frames.LimitName = FrameReader.LimitOfReceiver;
            PeerServes = theirs.Serves;
            bool mayMove = _moves is not null && (theirs.Abilities & HelloAbilities.Memory) != 0;
            if (mayMove)
            {
                _moves!.Open();
            }

            Channel.Sender.MaxFrameBytes = theirs.MaxFrameBytes;
            Channel.Descriptors.Learn(theirs.MaxDescriptors);
            if (wants is not null && wants.Fingerprint == theirs.ServesFingerprint)
            {
                Channel.Versions.AddEqual(wants);
            }

            bool introspects = answersIntrospection && theirs.Wants == IntrospectionStub.ContractName;
            Serves = introspects ? IntrospectionStub.ContractName : mine.Serves;
            Wants = mine.Wants;
            _identity.Number = LiveConnections.Add(this);
            if (Channel.IsClosed)
            {
                // The connection ended at this moment, perhaps before it was added.
                LiveConnections.Remove(this);
            }

            TracedConnections.Opened(this);

            IpcLog.Connected(Logger, _transport.Description, Peer, mayMove);
            IpcLog.Handshake(Logger, theirs.Version, mine.Serves, theirs.Serves);
            return introspects;
        }
        catch (Exception exception)
        {
            IpcException reason = exception as IpcException
                ?? new IpcDisconnectedException($"The handshake failed. {exception.Message}", exception);
            if (reason.Kind is IpcErrorKind.Refused or IpcErrorKind.Protocol)
            {
                SayGoodbye(reason.Kind, reason.Message);
            }

            End(reason);
            throw reason;
        }
    }

    /// <summary>
    /// Ends the connection without sending a Hello: the peer may not have what this side serves, or there is no room
    /// for the connection.
    /// </summary>
    /// <returns>The exception to throw.</returns>
    public IpcException Refuse(string reason, IpcErrorKind kind = IpcErrorKind.Refused)
    {
        var refusal = new IpcException(kind, reason);
        SayGoodbye(refusal.Kind, reason);
        End(refusal);
        return refusal;
    }

    /// <summary>True from just before the first call of the peer can run.</summary>
    public bool IsServing
    {
        get => Volatile.Read(ref _isServing);
        private set => Volatile.Write(ref _isServing, value);
    }

    /// <summary>Starts receiving.</summary>
    /// <param name="root">The object that this side serves, or null.</param>
    /// <param name="contract">The root's contract.</param>
    public void Start(object? root = null, ContractBinding? contract = null)
    {
        if (root is not null)
        {
            Serve(root, contract!);
        }

        if (Channel.Settings.WatchesCalls)
        {
            _watch = new SlowCallWatch(this);
            if (Channel.IsClosed)
            {
                _watch.Dispose();
            }
        }

        try
        {
            EarlyThreads.Create();
            Channel.Pump.Start(_router);
        }
        catch (OutOfMemoryException exception)
        {
            var reason = new IpcException(
                IpcErrorKind.LimitExceeded, "The system provides no thread for the connection.", exception);
            Fail(reason);
            throw reason;
        }
    }

    /// <summary>
    /// Makes this side's root available to the peer, once. A call of the peer that arrives after <see cref="Start"/>
    /// but before this violates the protocol.
    /// </summary>
    /// <exception cref="IpcDisconnectedException">The connection has ended.</exception>
    public void Serve(object root, ContractBinding contract)
    {
        Channel.Objects.Exports.AddRoot(root, contract);
        IsServing = true;
    }

    /// <summary>Creates the proxy of the peer's root.</summary>
    public T ImportRoot<T>() where T : class
        => (T)Channel.Objects.Imports.Acquire(ExportTable.RootHandle, ContractBinding<T>.Instance, Channel).Face;

    /// <summary>Closes in order: sends a Goodbye and ends. Bounded; calls in progress fail.</summary>
    public void Close(string reason = "") => CloseAll([this], reason);

    /// <summary>
    /// Closes many connections in order. Bounded in total: waits for all peers at the same time, even when none of them
    /// receives.
    /// </summary>
    public static void CloseAll(IReadOnlyCollection<ConnectionCore> connections, string reason = "")
    {
        ConnectionCore[] open = [.. connections.Where(connection => !connection.Channel.IsClosed)];
        foreach (ConnectionCore connection in open)
        {
            connection._isClosing = true;
            connection.SendGoodbye(IpcErrorKind.Disconnected, reason);
        }

        long end = Environment.TickCount64 + GoodbyeMilliseconds;
        foreach (ConnectionCore connection in open)
        {
            connection.Channel.Sender.WaitUntilSent((int)Math.Max(0, end - Environment.TickCount64));
            connection.End(reason: null);
        }
    }

    /// <summary>Ends the connection because of an error of the peer or of the transport.</summary>
    public void Fail(Exception reason)
    {
        if (Channel.IsClosed)
        {
            return;
        }

        if (_isClosing)
        {
            // The peer has received the Goodbye and closed its end first.
            End(reason: null);
            return;
        }

        if (reason is IpcProtocolException or IpcException { Kind: IpcErrorKind.LimitExceeded })
        {
            SayGoodbye(IpcErrorKind.Protocol, reason.Message);
        }

        End(reason as IpcException
            ?? new IpcDisconnectedException($"The connection was lost. {reason.Message}", reason));
    }

    /// <summary>
    /// Sending failed because the peer has closed its end. The peer may have sent a Goodbye with the reason, which is
    /// not read yet.
    /// </summary>
    private void SendingFailed(Exception reason)
    {
        Channel.Sender.Close(reason);
        Channel.Pump.SenderStalled();
        _ = Task.Delay(s_lastWords).ContinueWith(
            _ => Fail(reason),
            CancellationToken.None,
            TaskContinuationOptions.None,
            TaskScheduler.Default);
    }

    /// <summary>Called before anything is stopped: half a shutdown would be worse than none.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The time is not valid for a wait.</exception>
    public static void CheckDrain(TimeSpan drain)
    {
        if (drain != Timeout.InfiniteTimeSpan && (drain < TimeSpan.Zero || drain.TotalMilliseconds > int.MaxValue))
        {
            throw new ArgumentOutOfRangeException(
                nameof(drain), drain, "Expected a time from zero to 24 days, or Timeout.InfiniteTimeSpan.");
        }
    }

    /// <summary>
    /// Refuses new calls, cancels running calls, waits for them for at most <paramref name="drain"/>, and closes.
    /// </summary>
    public Task ShutdownAsync(TimeSpan drain) => ShutdownAsync([this], drain);

    /// <summary>
    /// Shuts many connections down in parallel. Bounded in total by <paramref name="drain"/> and the time for a
    /// Goodbye: connections whose calls have not ended by then are closed together.
    /// </summary>
    public static async Task ShutdownAsync(IReadOnlyCollection<ConnectionCore> connections, TimeSpan drain)
    {
        CheckDrain(drain);
        await Task.WhenAll(connections.Select(connection => connection.DrainAsync(drain))).ConfigureAwait(false);
        CloseAll(connections, ShutDown);
    }

    /// <summary>
    /// Refuses new calls of the peer, cancels its running calls, and waits for them for at most
    /// <paramref name="drain"/>. This side can continue to call.
    /// </summary>
    /// <returns>Whether all calls have ended and the peer has received their answers.</returns>
    public async Task<bool> StopServingAsync(TimeSpan drain)
    {
        List<CancellationTokenSource> running;
        using (Uninterruptible.Enter(Channel.Threads.Gate))
        {
            Channel.PeerCalls.InFlight.BeginDraining();
            running = Channel.PeerCalls.Cancellable.List();
        }

        Channel.PeerCalls.Stop();
        running.ForEach(Channel.PeerCalls.Cancel);
        Task answered = AnswersSent();
        if (!answered.IsCompleted && !Channel.IsClosed)
        {
            using var bound = new CancellationTokenSource(drain, Channel.Options.TimeProvider);
            await Task.WhenAny(
                answered, _completion.Task, Task.Delay(Timeout.InfiniteTimeSpan, bound.Token)).ConfigureAwait(false);
        }

        return answered.IsCompleted;
    }

    /// <summary>
    /// As <see cref="ShutdownAsync(TimeSpan)"/>, but leaves the connection open when its calls have not ended in time.
    /// </summary>
    private async Task DrainAsync(TimeSpan drain)
    {
        if (await StopServingAsync(drain).ConfigureAwait(false))
        {
            Close(ShutDown);
        }
    }

    /// <summary>
    /// Completes when no call of the peer runs any more. Call this only when the connection has ended or is shutting
    /// down.
    /// </summary>
    public Task WhenCallsEnded()
    {
        using (Uninterruptible.Enter(Channel.Threads.Gate))
        {
            Channel.PeerCalls.InFlight.BeginDraining();
        }

        return Channel.PeerCalls.InFlight.WhenDrained();
    }

    /// <summary>Completes when no call runs any more and the peer has received the answers.</summary>
    private async Task AnswersSent()
    {
        await Channel.PeerCalls.InFlight.WhenDrained().ConfigureAwait(false);
        await Channel.Sender.WhenSent().ConfigureAwait(false);
    }

    /// <summary>The peer has ended the connection and sent the reason.</summary>
    private void PeerSaidGoodbye(IpcException reason) => End(reason, isClean: reason is IpcDisconnectedException);

    private void SayGoodbye(IpcErrorKind kind, string reason)
    {
        SendGoodbye(kind, reason);
        Channel.Sender.WaitUntilSent(GoodbyeMilliseconds);
    }

    private void SendGoodbye(IpcErrorKind kind, string reason)
    {
        try
        {
            Channel.Control.SendGoodbye(kind, reason);
        }
        catch (IpcException)
        {
            // A peer that does not receive cannot be told.
        }
    }

    private void End(IpcException? reason, bool isClean = false)
    {
        List<Parker> toWake = [];
        List<Message> unread = [];
        List<PendingCall> pending;
        List<CancellationTokenSource> running;
        using (Uninterruptible.Enter(Channel.Threads.Gate))
        {
            if (Channel.IsClosed)
            {
                return;
            }

            Channel.ClosedReason = reason;
            Channel.Threads.Close(toWake, unread);
            pending = Channel.Pending.TakeAll();
            running = Channel.PeerCalls.Cancellable.TakeAll();
            Channel.ClientThreads.Close();
        }

        _transport.Close();
        _moves?.Dispose();
        Channel.Sender.Close(reason);
        toWake.ForEach(parker => parker.Unpark());
        foreach (Message message in unread)
        {
            if (message.Type == MessageType.Call)
            {
                Channel.PeerCalls.InFlight.End(wasAnswered: false);
            }
        }

        pending.ForEach(call => call.Fail(Channel.Disconnected()));
        List<Export> orphans = Channel.Objects.Close();
        _transport.Dispose();
        Channel.Descriptors.Close();
        _watch?.Dispose();
        LiveConnections.Remove(this);
        IpcLog.Disconnected(Logger, _transport.Description, reason?.Message ?? "closed by this side");
        Channel.PeerCalls.Stop();
        running.ForEach(Channel.PeerCalls.Cancel);
        Channel.PeerCalls.Cancel(_closed);
        if (reason is null || isClean)
        {
            _completion.TrySetResult();
        }
        else
        {
            _completion.TrySetException(reason);
        }

        Channel.Objects.DisposeOrphans(orphans);
    }
}
