using System.Diagnostics;
using Multiprocess.CapnProto.Rpc.Wire;
using Multiprocess.CapnProto.Threads;
using Multiprocess.Native;
using Multiprocess.Threads;
using Multiprocess.Transports;
using Multiprocess.Transports.Unix;

namespace Multiprocess.CapnProto.Rpc.Sockets;

/// <summary>Reading a socket is a role: a thread that must wait anyway reads for itself.</summary>
/// <remarks>
/// <para>
/// The role is free, held by a waiting thread, or held by the stand-by while it reads. It moves under the gate. The
/// rules are those of the library's own protocol ("Reading" in src/README.md). A thread that wants to wait checks in
/// one hold of the gate: if there is work or its answer, it leaves; if the role is free, it takes it; otherwise it
/// lists itself and sleeps. Who wakes it has first given it work, its answer, or the role.
/// </para>
/// <para>
/// The holder handles every complete message before the role moves, because no poll sees bytes that were received. No
/// user code runs on the holder. The one illegal state is a free role with the stand-by asleep.
/// </para>
/// <para>
/// Other than there, a holder that waits in the socket can be interrupted: work for it may come from another
/// connection, and its answer from this process. An event beside the socket ends its poll.
/// </para>
/// </remarks>
internal sealed class SocketReadingRole : IDisposable
{
    private const int Interrupted = -2;

    // A holder that reads only for other threads gives the role up: the thread that the messages are for reads faster
    // itself.
    private const int MaxForOthers = 4;

    private static readonly object s_standBy = new();

    private readonly SocketPump _pump;
    private readonly UnixSocketTransport _transport;
    private readonly FrameBuffer _frames;
    private readonly NativeEvent _interrupt = new();
    private readonly StandBy _standBy;

    // Under the gate.
    private readonly Queue<CallThread> _listed = new();
    private readonly TimeAway?[] _methods = new TimeAway?[256];
    private object? _holder;
    private Action<IncomingMessage>? _handle;
    private bool _isReceiving;
    private bool _isInterrupted;

    // Holder only.
    private readonly SpinBudget _spin = new(maxTries: 50, minTries: 4);
    private readonly List<IncomingMessage> _received = [];
    private int _servedOthers;

    public SocketReadingRole(SocketPump pump, UnixSocketTransport transport, CapnpLimits limits)
    {
        _pump = pump;
        _transport = transport;
        _frames = new(transport, limits, new IncomingPool(limits));
        _standBy = new(this, transport);
    }

    /// <summary>Whether no thread reads. Under the gate.</summary>
    public bool IsFree => _holder is null;

    /// <summary>Whether nothing is read any more. Under the gate.</summary>
    public bool IsOver { get; private set; }

    /// <summary>Whether calls of this side are not answered. Under the gate.</summary>
    public bool HasQuestions => _pump.HasQuestions();

    /// <summary>Counts the moves of the role. Under the gate.</summary>
    public long Epoch { get; private set; }

    /// <summary>Begins to read. Called once. A thread that waits before that sleeps until the stand-by reads.</summary>
    public void Start(Action<IncomingMessage> handle)
    {
        lock (Gate.Lock)
        {
            _handle = handle;
        }

        _standBy.Start();
    }

    /// <summary>Ends reading. Any thread; may be called again.</summary>
    public void Close()
    {
        Parker? standBy;
        lock (Gate.Lock)
        {
            IsOver = true;
            Interrupt();
            standBy = _standBy.Poll();
        }

        standBy?.Unpark();
    }

    public void Dispose() => _interrupt.Dispose();

    /// <summary>
    /// Takes the role for a thread that has nothing to do, if the role is free and reading has begun. Under the gate.
    /// </summary>
    /// <returns>Whether the thread has the role, and must call <see cref="Read"/>.</returns>
    public bool TryTake(CallThread thread)
    {
        // Before reading begins, nobody would handle what the thread receives.
        if (IsOver || _handle is null)
        {
            return false;
        }

        if (_holder is null)
        {
            Move(thread);
        }

        if (_holder != thread)
        {
            return false;
        }

        _isReceiving = true;
        return true;
    }

    /// <summary>Lists a thread that is about to sleep, and may be given the role. Under the gate.</summary>
    public void List(CallThread thread)
    {
        if (!thread.IsListed && !IsOver)
        {
            thread.IsListed = true;
            _listed.Enqueue(thread);
        }
    }

    /// <summary>Gives the role up, because the holder has something to do. Under the gate.</summary>
    /// <param name="isLong">Whether the holder will be away for long.</param>
    /// <param name="others">Whether other threads or calls may need what comes in meanwhile.</param>
    public void Leave(bool isLong, bool others)
    {
        Move(null);
        if (isLong && NextListed() is { } next)
        {
            Move(next);
            next.GiveRole(this);
        }
        else
        {
            // The thread that returns within microseconds reads itself; waking another one would cost more.
            AfterGate.Wake(isLong && others ? _standBy.Poll() : _standBy.Watch());
        }
    }

    /// <summary>Reads once, as the holder, and handles what was received. Outside the gate.</summary>
    /// <returns>Whether the holder reads only for others: it should sleep if it has nothing to do.</returns>
    public bool Read(CallThread thread)
    {
        int received = 0;
        Exception? failure = null;
        try
        {
            received = Receive();
            Cut(ref failure);
        }
        catch (Exception exception)
        {
            failure = exception;
        }

        AfterGate.Enter();
        bool servesOthers;
        try
        {
            lock (Gate.Lock)
            {
                _isReceiving = false;
                if (_isInterrupted)
                {
                    _isInterrupted = false;
                    _interrupt.Reset();
                }

                int count = _received.Count;
                failure = HandOut() ?? failure;
                _servedOthers = count == 0 ? _servedOthers : thread.HasNothing ? _servedOthers + count : 0;
                servesOthers = _servedOthers >= MaxForOthers;
                IsOver |= failure is not null || received == 0;
            }
        }
        finally
        {
            AfterGate.Leave(mayWait: false);
        }

        EndIfOver(received, failure);
        return servesOthers;
    }

    /// <summary>Ends the holder's wait in the socket. Under the gate.</summary>
    public void Interrupt()
    {
        if (_isReceiving && !_isInterrupted)
        {
            _isInterrupted = true;
            _interrupt.Set();
        }
    }

    /// <summary>Called when an answer is expected for which no thread waits. Under the gate.</summary>
    public void ReadSoon()
    {
        if (IsFree)
        {
            AfterGate.Wake(_standBy.Poll());
        }
    }

    /// <summary>
    /// Called when a thread cannot send because the peer does not receive: some thread reads meanwhile.
    /// </summary>
    public void SenderStalled()
    {
        Parker? standBy;
        lock (Gate.Lock)
        {
            standBy = IsFree ? _standBy.Poll() : null;
        }

        standBy?.Unpark();
    }

    /// <summary>Called by the stand-by when it saw data: reads once if the role is free.</summary>
    /// <returns>False if another thread reads, or has read meanwhile.</returns>
    public bool ReadAsStandBy()
    {
        lock (Gate.Lock)
        {
            if (!IsFree || IsOver)
            {
                return false;
            }

            Move(s_standBy);
        }

        int received = 0;
        Exception? failure = null;
        try
        {
            received = _frames.TryFill();
            Cut(ref failure);
        }
        catch (Exception exception)
        {
            failure = exception;
        }

        AfterGate.Enter();
        try
        {
            lock (Gate.Lock)
            {
                failure = HandOut() ?? failure;
                IsOver |= failure is not null || received == 0;
                Move(null);
            }
        }
        finally
        {
            AfterGate.Leave(mayWait: false);
        }

        EndIfOver(received, failure);
        return received != Transport.WouldBlock;
    }

    /// <summary>How long a method keeps its thread. Under the gate.</summary>
    public TimeAway TimeOf(ulong interfaceId, ushort methodId)
        => _methods[(byte)(interfaceId ^ (interfaceId >> 24) ^ methodId)] ??= new();

    private int Receive()
    {
        int tries = _spin.Begin();
        int received;
        for (int i = 0; i < tries; i++)
        {
            if ((received = _frames.TryFill()) != Transport.WouldBlock)
            {
                _spin.Hit();
                return received;
            }

            if (Volatile.Read(ref _isInterrupted))
            {
                return Interrupted;
            }

            _spin.Pause();
        }

        long start = Stopwatch.GetTimestamp();
        if (!_transport.WaitToReceive(_interrupt))
        {
            return Interrupted;
        }

        received = _frames.TryFill();
        if (tries > 0)
        {
            _spin.Miss(Stopwatch.GetTimestamp() - start);
        }

        return received;
    }

    // Cuts the received bytes into messages. Not under the gate, because a message may be large.
    private void Cut(ref Exception? failure)
    {
        try
        {
            while (_frames.TryTake() is { } message)
            {
                _received.Add(message);
            }
        }
        catch (IpcException exception)
        {
            failure = exception;
        }
    }

    // Under the gate. Returns why the connection must end.
    private Exception? HandOut()
    {
        Exception? failure = null;
        foreach (IncomingMessage message in _received)
        {
            if (failure is not null)
            {
                message.Release();
                continue;
            }

            try
            {
                _handle!(message);
            }
            catch (Exception exception)
            {
                failure = exception;
            }
        }

        _received.Clear();
        return failure;
    }

    private void EndIfOver(int received, Exception? failure)
    {
        if (failure is not null || received == 0)
        {
            _pump.ReadingEnded(failure, _frames.PartialBytes);
        }
    }

    private CallThread? NextListed()
    {
        while (_listed.TryDequeue(out CallThread? thread))
        {
            thread.IsListed = false;
            if (thread.IsAsleep)
            {
                return thread;
            }
        }

        return null;
    }

    private void Move(object? holder)
    {
        _holder = holder;
        _servedOthers = 0;
        Epoch++;
    }
}
