using Microsoft.Extensions.Logging;
using Multiprocess.Calls;
using Multiprocess.Diagnostics;
using Multiprocess.Faults;
using Multiprocess.Framing;
using Multiprocess.Incoming;
using Multiprocess.Logging;
using Multiprocess.Messages;
using Multiprocess.Objects;
using Multiprocess.Outgoing;
using Multiprocess.Serialization;
using Multiprocess.Threads;
using Multiprocess.Transports;

namespace Multiprocess.Connections;

/// <summary>The life of one connection: handshake, open, draining, closed.</summary>
/// <remarks>
/// Legal moves: handshake → open → closed, open → draining → closed, handshake → closed. Closing happens once, whoever
/// comes first; what it must tell user code (tokens, disposals) runs outside all locks, on the thread pool.
/// </remarks>
internal sealed class ConnectionCore
{
    // How long until it is looked again whether client threads have ended: where calls were made since, and where none
    // were. An idle connection should cost nothing, and a look takes a timer and a pool thread.
    private static readonly TimeSpan s_threadSweep = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_idleThreadSweep = TimeSpan.FromSeconds(5);

    // How long what the peer sent before it stopped receiving may take to be read.
    private static readonly TimeSpan s_lastWords = TimeSpan.FromMilliseconds(500);

    // How long a peer may take to receive why the connection ends.
    private const int GoodbyeMilliseconds = 100;
    private const string ShutDown = "It is shutting down.";

    private readonly Transport _transport;
    private readonly FrameReader _frames;
    private readonly Router _router;
    private SlowCallWatch? _watch;

    // Made with the first thread of this side's: a child that only serves never needs it. Under the gate.
    private ITimer? _sweep;
    private long _requestsAtSweep;
    private volatile bool _isClosing;
    private bool _isServing;
    private readonly CancellationTokenSource _stopping = new();
    private readonly CancellationTokenSource _closed = new();
    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ConnectionCore(IpcConnection owner, Transport transport, IpcConnectionOptions options, SharedBytes? shared = null)
    {
        _transport = transport;
        Logger = IpcLog.Create(options.LoggerFactory);
        var pool = new MessagePool();
        _frames = new FrameReader(transport, pool);
        var sender = new FrameSender(transport, options.Limits.MaxWaitingBytes, shared, SendingFailed, () => Channel!.Reading.SenderStalled());
        Channel = new CallChannel(owner, options, Logger, sender, pool, shared, Fail)
        {
            Stopping = _stopping.Token,
            FaultDetail = new FaultDetail(options.SendStackTraces ?? !transport.IsRemote, options.MaxExceptionTextLength),
        };
        _router = new Router(this, Channel);
        Channel.Reading = transport.CanWaitBesideReceiver
            ? new ReadingRole(_frames, _router, Channel.Threads, transport)
            : new ReaderThread(_frames, _router, Channel.Threads);
        Channel.Forget = _router.Forget;
        Channel.Keep = _router.Keep;
        Channel.Exports.Freed = _router.Free;
        Channel.DisposeOrphans = late => CleanUp(() => DisposeAll(late));
        Channel.Drained = () =>
        {
            // Every time that nothing runs; only the first of them after the shutdown began is waited for.
            if (_router.IsDraining)
            {
                _drained.TrySetResult();
            }
        };
        Channel.Threads.FirstThreadBegun = () =>
        {
            if (!Channel.Threads.IsClosed)
            {
                _sweep ??= options.TimeProvider.CreateTimer(_ => Sweep(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
                _sweep.Change(s_threadSweep, Timeout.InfiniteTimeSpan);
            }
        };
        _ = _completion.Task.ContinueWith(static task => _ = task.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
    }

    public CallChannel Channel { get; }

    /// <summary>How many answered calls can still be cancelled.</summary>
    public int KeptCalls => _router.KeptCalls;

    public ILogger Logger { get; }

    /// <summary>What has gone over the connection so far.</summary>
    public Transferred Transferred => new(Channel.Sender.Bytes, Channel.Sender.Frames, _frames.Bytes, _frames.Frames);

    public string Description => _transport.Description;

    public IpcPeer Peer => _transport.Peer;

    public CancellationToken Closed => _closed.Token;

    /// <summary>Ends when the connection has; faulted with the reason when it was lost.</summary>
    public Task Completion => _completion.Task;

    /// <summary>Exchanges Hellos on the calling thread. The connection is not usable when this throws, and is closed.</summary>
    public void Open(ContractBinding? serves, ContractBinding? wants)
    {
        if (_transport.Refusal is { } refusal)
        {
            throw Refuse(refusal);
        }

        try
        {
            var mine = new Hello(
                Hello.CurrentVersion,
                Environment.ProcessId,
                serves?.Name,
                serves?.Fingerprint ?? 0,
                wants?.Name,
                wants?.Fingerprint ?? 0,
                Channel.Limits.MaxFrameBytes);
            Hello theirs = Handshake.Run(_transport, _frames, Channel.Sender, mine, Channel.Options.ConnectTimeout);
            _frames.MaxFrameBytes = Channel.Limits.MaxFrameBytes;
            _frames.LimitName = FrameReader.LimitOfReceiver;
            Channel.MaxSentFrameBytes = theirs.MaxFrameBytes;
            if (wants is not null && wants.Fingerprint == theirs.ServesFingerprint)
            {
                Channel.SentShapes.AddAll(wants);
                Channel.KnownMethods.AddAll(wants);
            }

            LiveConnections.Add(this);
            if (Channel.IsClosed)
            {
                // Ended at this very moment, perhaps before it was added.
                LiveConnections.Remove(this);
            }

            IpcLog.Connected(Logger, _transport.Description, Peer);
            IpcLog.Handshake(Logger, theirs.Version, mine.Serves, theirs.Serves);
        }
        catch (Exception exception)
        {
            IpcException reason = exception as IpcException ?? new IpcDisconnectedException($"The handshake failed. {exception.Message}", exception);
            if (reason.Kind is IpcErrorKind.Refused or IpcErrorKind.Protocol)
            {
                SayGoodbye(reason.Kind, reason.Message);
            }

            End(reason);
            throw reason;
        }
    }

    /// <summary>Ends the connection without a Hello of this side's: the peer may not have what is served here, or there is no room for it.</summary>
    /// <returns>What to throw.</returns>
    public IpcException Refuse(string reason, IpcErrorKind kind = IpcErrorKind.Refused)
    {
        var refusal = new IpcException(kind, reason);
        SayGoodbye(refusal.Kind, reason);
        End(refusal);
        return refusal;
    }

    /// <summary>True from just before the first call of the peer can be run.</summary>
    public bool IsServing
    {
        get => Volatile.Read(ref _isServing);
        private set => Volatile.Write(ref _isServing, value);
    }

    /// <summary>Begins to take what the peer sends.</summary>
    /// <param name="root">The object that this side serves, or null.</param>
    /// <param name="contract">Its contract.</param>
    public void Start(object? root = null, ContractBinding? contract = null)
    {
        if (root is not null)
        {
            Channel.Exports.AddRoot(root, contract!);
            IsServing = true;
        }

        if (Channel.WatchesCalls)
        {
            _watch = new SlowCallWatch(this);
            if (Channel.IsClosed)
            {
                _watch.Dispose();
            }
        }

        try
        {
            Readiness.Prepare();
            Channel.Reading.Start();
        }
        catch (OutOfMemoryException exception)
        {
            var reason = new IpcException(IpcErrorKind.LimitExceeded, "The system gave no thread for the connection.", exception);
            Fail(reason);
            throw reason;
        }
    }

    /// <summary>Makes the proxy of the peer's root.</summary>
    public T ImportRoot<T>() where T : class
        => (T)Channel.Imports.Acquire(ExportTable.RootHandle, ContractBinding<T>.Instance, Channel).Face;

    /// <summary>Closes in good order: says goodbye and ends. Bounded; calls under way fail.</summary>
    public void Close(string reason = "") => CloseAll([this], reason);

    /// <summary>Closes many in good order. Bounded in sum: however many peers take nothing, all are waited for together.</summary>
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

    /// <summary>Ends the connection because of a fault of the peer or of the transport.</summary>
    public void Fail(Exception reason)
    {
        if (Channel.IsClosed)
        {
            return;
        }

        if (_isClosing)
        {
            // The peer has heard the goodbye and closed its end first.
            End(reason: null);
            return;
        }

        if (reason is IpcProtocolException or IpcException { Kind: IpcErrorKind.LimitExceeded })
        {
            SayGoodbye(IpcErrorKind.Protocol, reason.Message);
        }

        End(reason as IpcException ?? new IpcDisconnectedException($"The connection was lost. {reason.Message}", reason));
    }

    /// <summary>Sending failed: the peer has closed its end. Its goodbye, if it said one, is still to be read and says why.</summary>
    private void SendingFailed(Exception reason)
    {
        Channel.Sender.Close(reason);
        Channel.Reading.SenderStalled();
        _ = Task.Delay(s_lastWords).ContinueWith(_ => Fail(reason), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
    }

    /// <summary>Before anything is stopped: half a shutdown would be worse than none.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is no time that can be waited.</exception>
    public static void CheckDrain(TimeSpan drain)
    {
        if (drain != Timeout.InfiniteTimeSpan && (drain < TimeSpan.Zero || drain.TotalMilliseconds > int.MaxValue))
        {
            throw new ArgumentOutOfRangeException(nameof(drain), drain, "Expected a time from zero to 24 days, or Timeout.InfiniteTimeSpan.");
        }
    }

    /// <summary>Refuses new calls, cancels those that run, waits for them as long as <paramref name="drain"/> allows, and closes.</summary>
    public Task ShutdownAsync(TimeSpan drain) => ShutdownAsync([this], drain);

    /// <summary>
    /// Shuts many down side by side. Bounded in sum, by <paramref name="drain"/> and the moment that a goodbye may take:
    /// those whose calls have not ended by then end together.
    /// </summary>
    public static async Task ShutdownAsync(IReadOnlyCollection<ConnectionCore> connections, TimeSpan drain)
    {
        CheckDrain(drain);
        await Task.WhenAll(connections.Select(connection => connection.DrainAsync(drain))).ConfigureAwait(false);
        CloseAll(connections, ShutDown);
    }

    /// <summary>As <see cref="ShutdownAsync(TimeSpan)"/>, but leaves open what has not ended in time.</summary>
    private async Task DrainAsync(TimeSpan drain)
    {
        List<CancellationTokenSource> running;
        lock (Channel.Threads.Gate)
        {
            _router.IsDraining = true;
            running = _router.ListCancellable();
        }

        Cancel(_stopping);
        running.ForEach(Cancel);
        Task answered = AnswersSent();
        if (!answered.IsCompleted && !Channel.IsClosed)
        {
            using var bound = new CancellationTokenSource(drain, Channel.Options.TimeProvider);
            await Task.WhenAny(answered, _completion.Task, Task.Delay(Timeout.InfiniteTimeSpan, bound.Token)).ConfigureAwait(false);
        }

        if (answered.IsCompleted)
        {
            Close(ShutDown);
        }
    }

    /// <summary>Ends when no call runs any more and the peer has taken the answers.</summary>
    private async Task AnswersSent()
    {
        if (!Channel.IsDrained)
        {
            await _drained.Task.ConfigureAwait(false);
        }

        await Channel.Sender.WhenSent().ConfigureAwait(false);
    }

    /// <summary>The peer has ended the connection and says why.</summary>
    public void PeerSaidGoodbye(Message message, RoutedWork work)
    {
        IpcException reason = Handshake.ReadGoodbye(message);
        work.Then(() => End(reason, isClean: reason is IpcDisconnectedException));
    }

    /// <summary>Cancels a source on the thread pool: its callbacks are user code.</summary>
    public void Cancel(CancellationTokenSource source)
        => Channel.Cancellations.Post(
            state =>
            {
                try
                {
                    ((CancellationTokenSource)state!).Cancel();
                }
                catch (AggregateException exception)
                {
                    IpcLog.CallbackFailed(Logger, "A cancellation callback", exception);
                }
            },
            source);

    private void Sweep()
    {
        Channel.EndDeadThreads();
        lock (Channel.Threads.Gate)
        {
            if (Channel.Threads.OwnCount > 0)
            {
                bool isIdle = _requestsAtSweep == Channel.LastRequest;
                _requestsAtSweep = Channel.LastRequest;
                _sweep?.Change(isIdle ? s_idleThreadSweep : s_threadSweep, Timeout.InfiniteTimeSpan);
            }
        }
    }

    private void SayGoodbye(IpcErrorKind kind, string reason)
    {
        SendGoodbye(kind, reason);
        Channel.Sender.WaitUntilSent(GoodbyeMilliseconds);
    }

    private void SendGoodbye(IpcErrorKind kind, string reason)
    {
        try
        {
            string text = reason.Length > 1000 ? reason[..1000] : reason;
            Handshake.Send(Channel.Sender, (ref MessagePackWriter writer) => MessageFormat.WriteGoodbye(ref writer, kind, text));
        }
        catch (IpcException)
        {
            // A peer that takes nothing is not told.
        }
    }

    private void End(IpcException? reason, bool isClean = false)
    {
        List<Parker> toWake = [];
        List<Message> unread = [];
        List<PendingCall> pending;
        List<CancellationTokenSource> running;
        lock (Channel.Threads.Gate)
        {
            if (Channel.IsClosed)
            {
                return;
            }

            Channel.ClosedReason = reason;
            Channel.Threads.Close(toWake, unread);
            pending = Channel.Pending.TakeAll();
            running = _router.TakeCancellable();
            _sweep?.Dispose();
        }

        _transport.Close();
        Channel.Sender.Close(reason);
        toWake.ForEach(parker => parker.Unpark());
        foreach (Message message in unread)
        {
            if (message.Type == MessageType.Call)
            {
                Channel.CallEnded(wasAnswered: false);
            }
        }

        pending.ForEach(call => call.Fail(Channel.Disconnected()));
        List<Export> orphans = Channel.Exports.Close();
        Channel.Imports.Close();
        _transport.Dispose();
        _watch?.Dispose();
        LiveConnections.Remove(this);
        IpcLog.Disconnected(Logger, _transport.Description, reason?.Message ?? "closed by this side");
        Cancel(_stopping);
        running.ForEach(Cancel);
        Cancel(_closed);
        if (reason is null || isClean)
        {
            _completion.TrySetResult();
        }
        else
        {
            _completion.TrySetException(reason);
        }

        Action? removeHandlers = Channel.Subscriptions.Close();
        if (orphans.Count > 0 || removeHandlers is not null)
        {
            CleanUp(() =>
            {
                removeHandlers?.Invoke();
                DisposeAll([.. orphans.Select(orphan => (orphan.Target, orphan.Contract))]);
            });
        }
    }

    /// <summary>Runs user code that may take its time on a thread of its own; on the pool when the system gives none.</summary>
    private static void CleanUp(ThreadStart body)
    {
        try
        {
            BackgroundThread.Start(body, "ipc clean-up");
        }
        catch (OutOfMemoryException)
        {
            ThreadPool.UnsafeQueueUserWorkItem(static body => body(), body, preferLocal: false);
        }
    }

    /// <summary>Disposes what the peer owned and can no longer dispose.</summary>
    private void DisposeAll(IReadOnlyList<(object Target, ContractBinding Contract)> orphans)
    {
        foreach ((object target, ContractBinding contract) in orphans)
        {
            try
            {
                switch (target)
                {
                    case IDisposable disposable:
                        disposable.Dispose();
                        break;
                    case IAsyncDisposable disposable:
                        disposable.DisposeAsync().AsTask().GetAwaiter().GetResult();
                        break;
                }
            }
            catch (Exception exception)
            {
                IpcLog.CallbackFailed(Logger, $"The Dispose of {contract.Name}", exception);
            }
        }
    }
}
