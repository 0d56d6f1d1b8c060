using Multiprocess.Locks;
using Multiprocess.Protocols;
using Multiprocess.Transports;

namespace Multiprocess.Framing;

/// <summary>Sends frames from any thread, each whole and in the order of the calls of Send.</summary>
/// <remarks>
/// States: free, or busy (one thread, the carrier, sends). A thread that finds it free becomes the carrier: it sends
/// its own frame, and then the frames that other threads queued meanwhile, many in one system call. A thread that finds
/// it busy queues its bytes and continues. A carrier that may not wait, or has waited or carried long enough, passes
/// the rest to the writer, a thread created when first needed. The lock is never held during a system call.
/// </remarks>
internal sealed partial class FrameSender
{
    private readonly Transport _transport;
    private readonly Action<Exception> _fail;
    private readonly Action _stalled;
    private readonly WireProtocol _protocol;

    // Set once, before the first sensitive frame is sent. From then on the rest for the writer is wiped after use.
    private volatile bool _wipes;

    // A monitor, because senders also wait on it. It guards all following fields.
    private readonly object _lock = new();
    private readonly SendBacklog _backlog;
    private bool _busy;
    private Exception? _closed;
    private int _waiting;

    // Work that waits for room without holding a thread.
    private List<Action>? _whenRoom;
    private Thread? _writer;
    private byte[]? _forWriter;
    private TaskCompletionSource? _sent;
    private long _frames;
    private long _accepted;

    // Carrier only.
    private long _bytes;

    /// <param name="transport">The transport that sends the bytes.</param>
    /// <param name="protocol">The protocol of the frames.</param>
    /// <param name="maxWaitingBytes">Maximum number of bytes that may wait to be sent.</param>
    /// <param name="shared">The limit shared with other connections; null for none.</param>
    /// <param name="fail">Called outside the lock when sending fails: the connection is lost.</param>
    /// <param name="stalled">
    /// Called outside the lock when the peer does not receive: some thread must read meanwhile.
    /// </param>
    public FrameSender(
        Transport transport,
        WireProtocol protocol,
        int maxWaitingBytes,
        SharedByteLimit? shared,
        Action<Exception> fail,
        Action stalled)
    {
        _backlog = new SendBacklog(maxWaitingBytes, shared);
        _transport = transport;
        _protocol = protocol;
        MaxFrameBytes = protocol.MaxHandshakeBytes;
        _fail = fail;
        _stalled = stalled;
    }

    /// <summary>
    /// The peer's limit on frames, in bytes. Before the peer's Hello it is the limit of the handshake. The code that
    /// encodes messages respects it.
    /// </summary>
    public int MaxFrameBytes { get; set; }

    /// <summary>
    /// Maximum number of bytes that may wait to be sent. Above it, a sender that may wait does so, and others are
    /// refused.
    /// </summary>
    public int MaxWaitingBytes => _backlog.MaxBytes;

    /// <summary>
    /// True while bytes are being sent or wait to be sent. Read without the lock: it may have changed already.
    /// </summary>
    public bool IsBusy => Volatile.Read(ref _busy);

    /// <summary>
    /// True while the connections that share a limit hold too many bytes and this connection contributes to them. Read
    /// without the lock.
    /// </summary>
    public bool IsHeldBack => _backlog.IsOverShared;

    /// <summary>Number of frames accepted for sending.</summary>
    public long Frames => Volatile.Read(ref _frames);

    /// <summary>Number of bytes held by threads that wait to send them.</summary>
    public long HeldByWaiters => _backlog.HeldByWaiters;

    /// <summary>Number of threads that wait to send, for room, or until everything is sent.</summary>
    public int Waiting => Volatile.Read(ref _waiting);

    /// <summary>Number of bytes that the transport has taken.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

    /// <summary>Sends whole frames. The caller may reuse the bytes after the return.</summary>
    /// <inheritdoc cref="Send(ReadOnlySpan{byte}, ReadOnlySpan{byte}, bool, Action{long})"/>
    public void Send(ReadOnlySpan<byte> frames, bool mayWait) => Send(frames, tail: default, mayWait);

    /// <summary>Sends whole frames. The caller may reuse the bytes after the return.</summary>
    /// <param name="frames">The frames.</param>
    /// <param name="tail">The end of the last frame, if it is stored elsewhere.</param>
    /// <param name="mayWait">
    /// True on a thread that may wait: it waits while too many bytes wait to be sent. False where waiting is not
    /// allowed: too many waiting bytes are then an error.
    /// </param>
    /// <param name="place">
    /// Called under the lock, before the frames are accepted, with their position in the stream of all sent bytes. Not
    /// called when they are not accepted.
    /// </param>
    /// <exception cref="IpcException">More bytes wait to be sent than allowed; nothing was sent.</exception>
    public void Send(ReadOnlySpan<byte> frames, ReadOnlySpan<byte> tail, bool mayWait, Action<long>? place = null)
        => Send(frames, tail, mayWait, isControl: false, place);

    /// <summary>
    /// Sends a small message that is not part of a call, without waiting. 64 KiB of such messages may wait in addition
    /// to the limit.
    /// </summary>
    /// <inheritdoc cref="Send(ReadOnlySpan{byte}, ReadOnlySpan{byte}, bool, Action{long})"/>
    public void SendControl(ReadOnlySpan<byte> frames, Action<long>? place = null)
        => Send(frames, tail: default, mayWait: false, isControl: true, place);

    private void Send(
        ReadOnlySpan<byte> frames,
        ReadOnlySpan<byte> tail,
        bool mayWait,
        bool isControl,
        Action<long>? place)
    {
        bool isInterrupted = false;
        if (MayCarry(frames, tail, mayWait, isControl, place, ref isInterrupted))
        {
            Carry(frames, tail, mayWait);
        }

        Uninterruptible.Repeat(isInterrupted);
    }

    /// <summary>Queues frames for the carrier, or makes the calling thread the carrier.</summary>
    /// <returns>True when the calling thread carries: it must send the frames itself.</returns>
    private bool MayCarry(
        ReadOnlySpan<byte> frames,
        ReadOnlySpan<byte> tail,
        bool mayWait,
        bool isControl,
        Action<long>? place,
        ref bool isInterrupted)
    {
        using (Uninterruptible.Enter(_lock))
        {
            while (_busy)
            {
                if (_closed is not null)
                {
                    return false;
                }

                long more = (long)frames.Length + tail.Length;
                if (_backlog.Takes(more, mayWait, isControl))
                {
                    Accept(frames, tail, place);
                    _backlog.Queue(frames, tail, isControl);
                    return false;
                }

                if (!mayWait)
                {
                    throw _backlog.Refusal(more);
                }

                _backlog.BeginWait(more);
                Await(Timeout.Infinite, ref isInterrupted);
                _backlog.EndWait(more);
            }

            if (_closed is not null)
            {
                return false;
            }

            Accept(frames, tail, place);
            _busy = true;
            _backlog.NoteOwnFrame((long)frames.Length + tail.Length);

            return true;
        }
    }

    /// <summary>
    /// Waits while the threads that wait to send hold as many bytes as the limit allows, or while this connection has
    /// bytes waiting and all connections with the same shared limit hold too much. This delays work that would produce
    /// another frame, so a peer that does not receive cannot make this side hold more.
    /// </summary>
    public void AwaitRoom()
    {
        // Usually nothing waits, and there is nothing to check. Read without the lock: a moment more or less does not
        // matter.
        if (!_backlog.MayLackRoom)
        {
            return;
        }

        bool isInterrupted = false;
        using (Uninterruptible.Enter(_lock))
        {
            while (_busy && _closed is null && _backlog.LacksRoom)
            {
                Await(Timeout.Infinite, ref isInterrupted);
            }
        }

        Uninterruptible.Repeat(isInterrupted);
    }

    /// <summary>
    /// As <see cref="AwaitRoom"/>, without holding a thread, and only for the limit that is shared with other
    /// connections.
    /// </summary>
    /// <param name="begin">Called once, on any thread and outside the lock, when the work should begin.</param>
    /// <returns>True when there is room: the work can begin now, and <paramref name="begin"/> is not called.</returns>
    public bool HasRoom(Action begin)
    {
        using (Uninterruptible.Enter(_lock))
        {
            if (!_busy || _closed is not null || !_backlog.IsOverShared)
            {
                return true;
            }

            (_whenRoom ??= []).Add(begin);
            return false;
        }
    }

    /// <summary>Announces that a sensitive frame is sent next: queued bytes are wiped after use from now on.</summary>
    public void MarkSensitive()
    {
        if (!_wipes)
        {
            _transport.MarkSensitive();
            _backlog.MarkSensitive();
            _wipes = true;
        }
    }

    /// <summary>
    /// Waits until all accepted frames were sent; false when that took longer than the given time in total.
    /// </summary>
    public bool WaitUntilSent(int milliseconds)
    {
        long end = Environment.TickCount64 + milliseconds;
        bool isInterrupted = false;
        bool isSent = true;
        using (Uninterruptible.Enter(_lock))
        {
            while (isSent && _busy && _closed is null)
            {
                long left = end - Environment.TickCount64;
                isSent = left > 0;
                if (isSent)
                {
                    Await((int)left, ref isInterrupted);
                }
            }
        }

        Uninterruptible.Repeat(isInterrupted);
        return isSent;
    }

    /// <summary>Completes when all frames accepted so far were sent or will never be.</summary>
    public Task WhenSent()
    {
        using (Uninterruptible.Enter(_lock))
        {
            if (!_busy || _closed is not null)
            {
                return Task.CompletedTask;
            }

            _sent ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _sent.Task;
        }
    }

    /// <summary>Ends sending. Discards queued bytes and releases blocked senders.</summary>
    public void Close(Exception? reason)
    {
        List<Action>? begin;
        using (Uninterruptible.Enter(_lock))
        {
            _closed ??= reason ?? new IpcDisconnectedException("The connection is closed.");
            _backlog.Discard();
            Wipe(_forWriter);
            _forWriter = null;
            TellSent();
            Monitor.PulseAll(_lock);
            begin = TakeWhenRoom();
        }

        begin?.ForEach(static one => one());
    }

    /// <summary>Takes the work that waits for room. Called under the lock; the work is run outside it.</summary>
    private List<Action>? TakeWhenRoom()
    {
        List<Action>? begin = _whenRoom;
        _whenRoom = null;
        return begin;
    }

    private void Accept(ReadOnlySpan<byte> frames, ReadOnlySpan<byte> tail, Action<long>? place)
    {
        place?.Invoke(_accepted);
        _accepted += frames.Length + tail.Length;
        _frames += _protocol.Count(frames);
    }

    private void Await(int milliseconds, ref bool isInterrupted)
    {
        _waiting++;
        Uninterruptible.Wait(_lock, milliseconds, ref isInterrupted);
        _waiting--;
    }

    private void TellSent()
    {
        _sent?.TrySetResult();
        _sent = null;
    }

    private void Admit()
    {
        if (_waiting > 0)
        {
            Monitor.PulseAll(_lock);
        }
    }
}
