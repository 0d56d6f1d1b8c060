using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Multiprocess.Faults;
using Multiprocess.Framing;
using Multiprocess.Generated;
using Multiprocess.Incoming;
using Multiprocess.Messages;
using Multiprocess.Metrics;
using Multiprocess.Objects;
using Multiprocess.Outgoing;
using Multiprocess.Serialization;
using Multiprocess.Threads;
using Multiprocess.Versions;

namespace Multiprocess.Calls;

/// <summary>What calls in both directions need of their connection: where to send, where to wait, the tables, the limits.</summary>
/// <remarks>Thread-safe. The connection owns it and ends it.</remarks>
internal sealed class CallChannel
{
    private const long Answering = 1L << 32;

    private readonly Action<Exception> _fail;

    // What is to be given back; made with the first.
    private ConcurrentQueue<(long Handle, long Count)>? _released;
    private int _releasing;
    private long _lastRequest;

    // Calls that wait or run in the lower half, those whose answer is being sent in the upper one.
    private long _callsInFlight;

    public CallChannel(IpcConnection owner, IpcConnectionOptions options, ILogger logger, FrameSender sender, MessagePool pool, SharedBytes? shared, Action<Exception> fail)
    {
        Threads = new ThreadMap(new ReceivedBytes(options.Limits.MaxWaitingBytes, options.Limits.MaxCallsInFlight / 2, shared)) { IsSending = () => sender.IsBusy };
        Owner = owner;
        Options = options;
        Logger = logger;
        ChecksBlocking = options.BlockingCalls != IpcBlockingPolicy.Allow;
        WatchesCalls = options.SlowCallWarning != System.Threading.Timeout.InfiniteTimeSpan;
        Detached = WatchesCalls ? new DetachedCalls() : null;
        Sender = sender;
        Pool = pool;
        _fail = fail;
        Exports = new ExportTable(options.TimeProvider, options.Limits.MaxObjects, options.CaptureCreationStacks);
        Imports = new ImportTable(options.TimeProvider, options.Limits.MaxObjects, options.CaptureCreationStacks);
        Pending = new PendingCalls(Threads);
        Subscriptions = new Subscriptions(this);
        Asynchronous = new PoolShare(PoolTurns.Shared, PoolTurns.MostOfOneConnection, AllowsThread);
        Cancellations = new PoolShare(PoolTurns.Shared, PoolTurns.MostOfOneConnection, AllowsThread);
        ContextFactory = running => new IpcCallContext(Owner, running.Cancellation?.Token ?? Stopping);
    }

    public IpcConnection Owner { get; }

    public IpcConnectionOptions Options { get; }

    public IpcLimits Limits => Options.Limits;

    public ILogger Logger { get; }

    public FrameSender Sender { get; }

    public MessagePool Pool { get; }

    public ThreadMap Threads { get; }

    /// <summary>Set once, before the first call.</summary>
    public Reading Reading { get; set; } = null!;

    public ExportTable Exports { get; }

    public ImportTable Imports { get; }

    public PendingCalls Pending { get; }

    public SentShapes SentShapes { get; } = new();

    public KnownMethods KnownMethods { get; } = new();

    public PeerShapes PeerShapes { get; } = new();

    /// <summary>The handlers of the peer in events of this side's objects.</summary>
    public Subscriptions Subscriptions { get; }

    public Func<RunningCall, IpcCallContext> ContextFactory { get; }

    /// <summary>Cancelled when the connection ends or is shutting down: the token of calls that have none of their own.</summary>
    public CancellationToken Stopping { get; init; }

    /// <summary>True when synchronous calls are held against the policy for threads that have a synchronization context.</summary>
    public bool ChecksBlocking { get; }

    /// <summary>True when somebody is told of calls that take long.</summary>
    public bool WatchesCalls { get; }

    /// <summary>The asynchronous calls of the peer that run; null where nobody is told of calls that take long.</summary>
    public DetachedCalls? Detached { get; }

    /// <summary>Runs the asynchronous calls of the peer, and what they do after they have waited.</summary>
    public PoolShare Asynchronous { get; }

    /// <summary>Cancels tokens, whose callbacks are user code. Apart from the calls: one of those may wait for just that.</summary>
    public PoolShare Cancellations { get; }

    /// <summary>How much of exceptions crosses to the peer.</summary>
    public FaultDetail FaultDetail { get; init; }

    /// <summary>The peer's limit on frames, from its Hello.</summary>
    public int MaxSentFrameBytes { get; set; } = 4 * 1024;

    public bool IsClosed => Threads.IsClosed;

    /// <summary>Why the connection ended; null while it is open.</summary>
    public Exception? ClosedReason { get; set; }

    /// <summary>How many calls of the peer wait or run; not those that are being answered, since their caller may already make its next one.</summary>
    public long CallsInFlight => (int)Interlocked.Read(ref _callsInFlight);

    /// <summary>True when every call of the peer was answered, and the answer handed over.</summary>
    public bool IsDrained => Interlocked.Read(ref _callsInFlight) == 0;

    /// <summary>Told when a call that could be cancelled has been answered. Set once, before the first call.</summary>
    public Action<long>? Forget { get; set; }

    /// <summary>Told that a call which could be cancelled can be so for as long as the peer holds any of so many objects. Set once, before the first call.</summary>
    public Action<long, int>? Keep { get; set; }

    /// <summary>Disposes, on a thread of its own, what the peer owned and can no longer dispose. Set once, before the first call.</summary>
    public Action<IReadOnlyList<(object Target, ContractBinding Contract)>>? DisposeOrphans { get; set; }

    /// <summary>Told when the last call of the peer has been answered.</summary>
    public Action? Drained { get; set; }

    public int DisposeTimeoutMilliseconds => Milliseconds(Options.DisposeTimeout);

    /// <summary>The number of the last call that this side began.</summary>
    public long LastRequest => Volatile.Read(ref _lastRequest);

    public long NextRequest() => Interlocked.Increment(ref _lastRequest);

    /// <summary>The time limit of a call, in milliseconds, or -1: a method's own wins over the connection's.</summary>
    public int Timeout(int ofMethod) => ofMethod != 0 ? ofMethod : Milliseconds(Options.CallTimeout);

    /// <summary>True while somebody wants to know how long calls take; no clock is read while nobody does.</summary>
    public bool TimesCalls => WatchesCalls || IpcMeter.MeasuresCalls;

    /// <summary>What calls are timed by.</summary>
    public long Timestamp() => Options.TimeProvider.GetTimestamp();

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

    /// <summary>Takes a buffer for one call from the calling thread's own.</summary>
    public CallBuffer RentBuffer(ThreadBinding binding)
    {
        if (binding.Scratch is CallBuffer buffer)
        {
            binding.Scratch = buffer.Next;
            buffer.Next = null;
            return buffer;
        }

        return new CallBuffer(this);
    }

    /// <summary>Gives a buffer back to the thread it came from.</summary>
    public static void ReturnBuffer(ThreadBinding binding, CallBuffer buffer)
    {
        buffer.Output.Clear();
        buffer.Next = (CallBuffer?)binding.Scratch;
        binding.Scratch = buffer;
    }

    /// <summary>A message that has waited is run, or dropped, from now on: it no longer counts as waiting.</summary>
    public void Begun(Message message)
    {
        lock (Threads.Gate)
        {
            Threads.Received.Remove(message);
        }

        if (Threads.Received.IsPaused)
        {
            Threads.Resume();
        }
    }

    public void CallBegun() => Interlocked.Increment(ref _callsInFlight);

    /// <summary>The answer of a call is sent next: the caller may have it, and call again, before the send returns.</summary>
    public void AnswerBegins() => Interlocked.Add(ref _callsInFlight, Answering - 1);

    public void CallEnded(bool wasAnswered)
    {
        if (Interlocked.Add(ref _callsInFlight, wasAnswered ? -Answering : -1) == 0)
        {
            Drained?.Invoke();
        }
    }

    /// <summary>Gives a message back once its body was read: what came home in it may be released now.</summary>
    public void Finish(Message message)
    {
        if (message.Pinned is { } pinned)
        {
            foreach (object export in pinned)
            {
                Exports.Unpin((Export)export);
            }
        }

        Pool.Return(message);
    }

    /// <summary>Gives back the references in a body, or the rest of one, that nobody will read.</summary>
    public void ReleaseUnread(ReadOnlyMemory<byte> body)
    {
        try
        {
            ReferenceFormat.ForEach(body, handle =>
            {
                if (handle > 0)
                {
                    GiveBack(handle, 1);
                }
            });
        }
        catch (IpcProtocolException)
        {
            // What is malformed past this point holds no references that could be given back.
        }

        FlushReleased();
    }

    /// <summary>Ends one use of a proxy's reference; with the last one it is given back now.</summary>
    public void Release(IpcReference reference)
    {
        if (reference.EndUse())
        {
            Collect(reference);
            SendReleased();
        }
    }

    /// <summary>Ends the last use of a proxy's reference, from a finalizer: it is given back soon.</summary>
    public void ReleaseInBackground(IpcReference reference)
    {
        if (reference.EndUse())
        {
            Collect(reference);
            FlushReleased();
        }
    }

    /// <summary>Gives back what was borrowed for a call that has ended, now.</summary>
    public void EndBorrowing(List<IpcProxy> borrowed)
    {
        foreach (IpcProxy proxy in borrowed)
        {
            if (Imports.EndBorrowing(proxy.Reference))
            {
                if (proxy.Reference.IsReleased)
                {
                    proxy.Reference.GivenBack();
                }

                GiveBack(proxy.Reference.Handle, 1);
            }
        }

        SendReleased();
    }

    /// <summary>Sends a small message that is no part of a call. Never waits; a peer that takes nothing ends the connection.</summary>
    public void SendControl(WriteControl write)
    {
        var output = new PooledBufferWriter(64 * 1024);
        var writer = new MessagePackWriter(output);
        write(ref writer);
        writer.Flush();
        MessageFormat.End(output.Written);
        SendOrFail(output.WrittenSpan);
        output.Dispose();
    }

    /// <summary>Tells the peer what a method carries by value here. The calling thread's call comes behind it.</summary>
    public void SendShape(ContractBinding contract, uint methodId)
    {
        // Noted once it is on its way: another thread's call must not overtake it. That both send it does no harm.
        if (!IsClosed && contract.GetShape(methodId) is { } shape && contract.Name.Length + shape.Length <= MaxSentFrameBytes / 4)
        {
            SendControl((ref MessagePackWriter writer) => MessageFormat.WriteShape(ref writer, contract.Name, methodId, shape));
        }

        SentShapes.Add(contract, methodId);
    }

    /// <summary>Sends what must not be lost from a thread that must not wait.</summary>
    public void SendOrFail(ReadOnlySpan<byte> frames, ReadOnlySpan<byte> tail = default)
    {
        try
        {
            Sender.Send(frames, tail, mayWait: false);
        }
        catch (IpcException exception)
        {
            Fail(new IpcException(IpcErrorKind.LimitExceeded, $"The peer does not receive. {exception.Message}", exception));
        }
    }

    /// <summary>Tells the peer that a logical thread of this side is over, and forgets it unless an answer is still to come.</summary>
    public void EndThread(LogicalThread thread)
    {
        lock (Threads.Gate)
        {
            thread.IsEnded = true;
            if (!thread.HasAbandoned)
            {
                Threads.Remove(thread);
            }
        }

        SendThreadEnded(thread.Id);
    }

    /// <summary>Tells the peer about client threads that have ended, so that it gives their workers back.</summary>
    public void EndDeadThreads()
    {
        LogicalThread[] dead;
        lock (Threads.Gate)
        {
            dead = [.. Threads.TakeDead()];
        }

        foreach (LogicalThread thread in dead)
        {
            SendThreadEnded(thread.Id);
        }
    }

    // Read without the gate: one thread more or less is no matter.
    private bool AllowsThread(int ownThreads) => Threads.WorkerCount + ownThreads < Limits.MaxThreads;

    private static int Milliseconds(TimeSpan time) => time == System.Threading.Timeout.InfiniteTimeSpan ? -1 : (int)Math.Ceiling(time.TotalMilliseconds);

    private void SendThreadEnded(long id) => SendControl((ref MessagePackWriter writer) => MessageFormat.WriteThreadEnded(ref writer, id));

    private void Collect(IpcReference reference)
    {
        reference.GivenBack();
        long count = Imports.Release(reference);
        if (count > 0)
        {
            GiveBack(reference.Handle, count);
        }
    }

    private void GiveBack(long handle, long count) => LazyInitializer.EnsureInitialized(ref _released, static () => new()).Enqueue((handle, count));

    private void FlushReleased()
    {
        if (_released is { IsEmpty: false } && Interlocked.Exchange(ref _releasing, 1) == 0)
        {
            ThreadPool.UnsafeQueueUserWorkItem(static channel => channel.SendReleased(), this, preferLocal: false);
        }
    }

    private void SendReleased()
    {
        Volatile.Write(ref _releasing, 0);
        Interlocked.MemoryBarrier();
        if (IsClosed)
        {
            _released?.Clear();
            return;
        }

        PooledBufferWriter? output = null;
        while (_released is { } released && released.TryDequeue(out (long Handle, long Count) release))
        {
            output ??= new PooledBufferWriter();
            int start = output.WrittenCount;
            var writer = new MessagePackWriter(output);
            MessageFormat.WriteRelease(ref writer, release.Handle, release.Count);
            writer.Flush();
            MessageFormat.End(output.Written[start..]);
            if (output.WrittenCount > 32 * 1024)
            {
                SendOrFail(output.WrittenSpan);
                output.Clear();
            }
        }

        if (output is not null)
        {
            SendOrFail(output.WrittenSpan);
            output.Dispose();
        }
    }
}

/// <summary>Writes one message.</summary>
internal delegate void WriteControl(ref MessagePackWriter writer);
