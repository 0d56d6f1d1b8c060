using System.Diagnostics.CodeAnalysis;
using Multiprocess.Buffers;
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
internal sealed class FrameSender
{
    // Time that a sending thread itself waits for a full transport before it leaves the rest to the writer. During the
    // first part the peer is most likely receiving. After it some thread of this side must read, or two peers that send
    // large messages to each other stop for ever.
    private const int FirstPatienceMilliseconds = 1;
    private const int PatienceMilliseconds = 20;

    // Number of batches of other threads' frames that a carrier sends before it stops carrying.
    private const int MaxCarriedBatches = 16;

    private const int WriterStackBytes = 256 * 1024;

    private readonly Transport _transport;
    private readonly Action<Exception> _fail;
    private readonly Action _stalled;
    private readonly WireProtocol _protocol;

    // Set once, before the first sensitive frame is sent. From then on all queued bytes are wiped after use.
    private volatile bool _wipes;

    // A monitor, because senders also wait on it. It guards all following fields.
    private readonly object _lock = new();
    private bool _busy;
    private Exception? _closed;
    private PooledBufferWriter _left = new(int.MaxValue);
    private PooledBufferWriter _spare = new(int.MaxValue);

    // Bytes of control messages in _left. They have room beside the limit: senders that wait use the limit up, and a
    // lost control message ends the connection.
    private int _leftOfControl;
    private int _waiting;

    // Bytes that the carrier took and is sending, the memory that they take, and bytes of threads that wait to queue
    // them. The carrier's own frame is in _inHand once the transport is full. A large one counts as memory at once:
    // otherwise many connections would begin large frames before the first of them is found to be stuck.
    private long _inHand;
    private long _memoryInHand;
    private long _heldByWaiters;

    // What begins once there is room, of those who hold no thread meanwhile.
    private List<Action>? _whenRoom;
    private readonly SharedByteLimitPart _part;
    private Thread? _writer;
    private byte[]? _forWriter;
    private TaskCompletionSource? _sent;
    private long _frames;
    private long _accepted;

    // Carrier only.
    private long _bytes;

    /// <param name="transport">The transport that sends the bytes.</param>
    /// <param name="protocol">The protocol of the frames.</param>
    /// <param name="maxWaitingBytes">Most bytes that may wait to be sent.</param>
    /// <param name="shared">The bound shared with other connections; null for none.</param>
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
        _part = new SharedByteLimitPart(shared);
        _transport = transport;
        _protocol = protocol;
        MaxFrameBytes = protocol.MaxHandshakeBytes;
        _fail = fail;
        _stalled = stalled;
        MaxWaitingBytes = maxWaitingBytes;
    }

    /// <summary>
    /// The peer's limit on frames, in bytes. Until its Hello it is the limit of the handshake. The encoding side
    /// respects it.
    /// </summary>
    public int MaxFrameBytes { get; set; }

    /// <summary>
    /// Most bytes that may wait to be sent. Above it, senders that may wait do so, and others are refused.
    /// </summary>
    public int MaxWaitingBytes { get; }

    /// <summary>
    /// True while bytes are being sent or wait to be sent. Read without the lock: it may have changed already.
    /// </summary>
    public bool IsBusy => Volatile.Read(ref _busy);

    /// <summary>
    /// True while the connections that share a bound hold too much and this one takes part in it. Read without the
    /// lock.
    /// </summary>
    public bool IsHeldBack => _part.IsOver;

    /// <summary>Number of frames accepted for sending.</summary>
    public long Frames => Volatile.Read(ref _frames);

    /// <summary>Number of bytes held by threads that wait to send them.</summary>
    public long HeldByWaiters => Volatile.Read(ref _heldByWaiters);

    /// <summary>Number of threads that wait: to send, until all is sent, or for room.</summary>
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
    /// Sends a small message that is not part of a call, without waiting. 64 KiB of them may wait beside the limit.
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

                // One queued frame is always accepted. Beyond it the bytes in the carrier's hands count too: a peer
                // that does not receive makes this side hold that memory.
                long waiting = _left.WrittenCount + _inHand;
                long more = (long)frames.Length + tail.Length;
                bool hasOwnRoom = isControl && _leftOfControl + more <= SharedByteLimitPart.FreeBytes;
                if (hasOwnRoom
                    || ((_left.WrittenCount == 0 || waiting + more <= MaxWaitingBytes) && SharesAllow(more, mayWait)))
                {
                    _leftOfControl += isControl ? (int)more : 0;
                    Accept(frames, tail, place);
                    Leave(frames);
                    Leave(tail);
                    Settle();
                    return false;
                }

                if (!mayWait)
                {
                    throw new IpcException(IpcErrorKind.LimitExceeded, !SharesAllow(more, mayWait)
                        ? $"{waiting:N0} bytes already wait for the peer to receive them, and those of all connections "
                            + "of its user or of the server are at their limit."
                        : $"{waiting:N0} bytes already wait for the peer to receive them; the limit is "
                            + $"{MaxWaitingBytes:N0}.");
                }

                _heldByWaiters += more;
                Settle();
                Await(Timeout.Infinite, ref isInterrupted);
                _heldByWaiters -= more;
                Settle();
            }

            if (_closed is not null)
            {
                return false;
            }

            Accept(frames, tail, place);
            _busy = true;
            if (frames.Length + (long)tail.Length > SharedByteLimitPart.FreeBytes)
            {
                TakeInHand(_inHand, (long)frames.Length + tail.Length);
            }

            return true;
        }
    }

    /// <summary>
    /// True when the bound shared with other connections allows to queue a copy of so many bytes. Small copies are
    /// always allowed. A sender that waits keeps its bytes, so a copy would take the same memory again. A sender that
    /// may not wait is refused only when this connection has much waiting itself. Under the lock.
    /// </summary>
    private bool SharesAllow(long more, bool mayWait)
        => _left.WrittenCount + more <= SharedByteLimitPart.FreeBytes
            || (mayWait ? !_part.HasNoRoomFor(more) : !_part.IsOver);

    /// <summary>
    /// Waits while the threads that wait to send hold as many bytes as the limit allows, or while this connection has
    /// bytes waiting and all connections with the same shared limit hold too much. This delays work that would produce
    /// another frame, so a peer that does not receive cannot make this side hold more.
    /// </summary>
    public void AwaitRoom()
    {
        // Usually nothing waits, and there is nothing to check. Read without the lock: a moment more or less does not
        // matter.
        if (HeldByWaiters == 0 && !_part.IsOver)
        {
            return;
        }

        bool isInterrupted = false;
        using (Uninterruptible.Enter(_lock))
        {
            while (_busy && _closed is null && (_heldByWaiters >= MaxWaitingBytes || _part.IsOver))
            {
                Await(Timeout.Infinite, ref isInterrupted);
            }
        }

        Uninterruptible.Repeat(isInterrupted);
    }

    /// <summary>
    /// As <see cref="AwaitRoom"/>, without a thread, and only for the bound that is shared with other connections.
    /// </summary>
    /// <param name="begin">Called once, on any thread and outside the lock, when the work should begin.</param>
    /// <returns>True when there is room: the work can begin now, and <paramref name="begin"/> is not kept.</returns>
    public bool HasRoom(Action begin)
    {
        using (Uninterruptible.Enter(_lock))
        {
            if (!_busy || _closed is not null || !_part.IsOver)
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
            _left.Clear();
            Wipe(_forWriter);
            _forWriter = null;
            TakeInHand(0, 0);
            TellSent();
            Monitor.PulseAll(_lock);
            begin = TakeWhenRoom();
        }

        begin?.ForEach(static one => one());
    }

    /// <summary>Sends as the carrier until nothing is left, or passes the role to the writer.</summary>
    private void Carry(ReadOnlySpan<byte> own, ReadOnlySpan<byte> tail, bool mayWait)
    {
        try
        {
            while (!TrySendWhole(ref own, ref tail, mayWait))
            {
                if (mayWait && !MayCopy(own.Length + tail.Length))
                {
                    // A copy would take the same amount of memory again. Another thread reads in the meantime.
                    continue;
                }

                PassToWriter(Copy(own, tail));
                return;
            }

            for (int batches = 0; TakeLeft(out PooledBufferWriter? batch); batches++)
            {
                byte[]? rest;
                try
                {
                    ReadOnlySpan<byte> others = batch.WrittenSpan;
                    bool whole = TrySendWhole(ref others, ref tail, mayWait);
                    rest = whole && batches < MaxCarriedBatches ? null : Copy(others, default);
                }
                finally
                {
                    GiveBack(batch);
                }

                if (rest is not null)
                {
                    PassToWriter(rest);
                    return;
                }
            }
        }
        catch (Exception exception)
        {
            // Usually an IOException of the transport. Whatever it is, the role must not stay with a thread that has
            // left.
            _fail(exception);
        }
    }

    /// <summary>
    /// Takes all bytes that others queued. If there are none, gives up the role in the same hold of the lock.
    /// </summary>
    private bool TakeLeft([NotNullWhen(true)] out PooledBufferWriter? batch)
    {
        List<Action>? begin;
        using (Uninterruptible.Enter(_lock))
        {
            if (_left.WrittenCount == 0 || _closed is not null)
            {
                _busy = false;
                batch = null;
                TakeInHand(0, 0);
                TellSent();
            }
            else
            {
                batch = _left;
                _leftOfControl = 0;
                _left = _spare;
                _spare = batch;
                TakeInHand(batch.WrittenCount, batch.Capacity);
            }

            Admit();
            begin = !_busy || !_part.IsOver ? TakeWhenRoom() : null;
        }

        begin?.ForEach(static one => one());
        return batch is not null;
    }

    /// <summary>Takes what waits for room without a thread. Under the lock; called outside it.</summary>
    private List<Action>? TakeWhenRoom()
    {
        List<Action>? begin = _whenRoom;
        _whenRoom = null;
        return begin;
    }

    // Before the role is passed on: the next carrier queues into this buffer.
    private static void GiveBack(PooledBufferWriter batch) => batch.Clear();

    private void Accept(ReadOnlySpan<byte> frames, ReadOnlySpan<byte> tail, Action<long>? place)
    {
        place?.Invoke(_accepted);
        _accepted += frames.Length + tail.Length;
        _frames += _protocol.Count(frames);
    }

    private void Leave(ReadOnlySpan<byte> bytes)
    {
        // Set before the bytes are copied: a growing buffer wipes the old one.
        _left.IsSensitive |= _wipes;
        bytes.CopyTo(_left.GetSpan(bytes.Length));
        _left.Advance(bytes.Length);
    }

    /// <summary>Records the number of bytes that the carrier holds. Under the lock.</summary>
    private void TakeInHand(long bytes, long memory)
    {
        _inHand = bytes;
        _memoryInHand = memory;
        Settle();
    }

    /// <summary>
    /// Notes that the transport is full while the carrier's own frame is being sent. False when a copy of the rest
    /// would make the connections that share a bound hold too much.
    /// </summary>
    private bool MayCopy(long own)
    {
        using (Uninterruptible.Enter(_lock))
        {
            if (_closed is not null)
            {
                return true;
            }

            TakeInHand(own, own);
            return own <= SharedByteLimitPart.FreeBytes || !_part.HasNoRoomFor(own);
        }
    }

    /// <summary>
    /// Charges the memory of waiting bytes to the bound shared with other connections. Under the lock.
    /// </summary>
    private void Settle()
    {
        long left = _left.WrittenCount == 0 ? 0 : _left.Capacity;
        _part.Settle(_closed is null ? left + _memoryInHand + _heldByWaiters : 0);
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

    /// <summary>Sends two pieces as if they were one; unsent bytes stay in them.</summary>
    private bool TrySendWhole(ref ReadOnlySpan<byte> first, ref ReadOnlySpan<byte> second, bool mayWait)
    {
        while (!first.IsEmpty || !second.IsEmpty)
        {
            int taken = _transport.TrySend(first, second);
            if (taken > 0)
            {
                _bytes += taken;
                int ofFirst = Math.Min(taken, first.Length);
                first = first[ofFirst..];
                second = second[(taken - ofFirst)..];
            }
            else if (!mayWait)
            {
                return false;
            }
            else if (!_transport.WaitToSend(FirstPatienceMilliseconds))
            {
                _stalled();
                if (!_transport.WaitToSend(PatienceMilliseconds))
                {
                    return false;
                }
            }
        }

        return true;
    }

    /// <summary>
    /// Copies the bytes that are left to the writer. Pinned if they may be secret, so that the garbage collector leaves
    /// no copies behind.
    /// </summary>
    private byte[] Copy(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        byte[] copy = GC.AllocateUninitializedArray<byte>(first.Length + second.Length, pinned: _wipes);
        first.CopyTo(copy);
        second.CopyTo(copy.AsSpan(first.Length));
        return copy;
    }

    private void SendWhole(ReadOnlySpan<byte> bytes)
    {
        ReadOnlySpan<byte> nothing = default;
        while (!TrySendWhole(ref bytes, ref nothing, mayWait: true))
        {
        }
    }

    /// <summary>
    /// Passes the carrier's role to the writer, which sends the rest of a started batch and everything queued after it.
    /// </summary>
    private void PassToWriter(byte[] rest)
    {
        OutOfMemoryException? noThread = null;
        using (Uninterruptible.Enter(_lock))
        {
            if (_closed is not null)
            {
                Wipe(rest);
                return;
            }

            _forWriter = rest;
            TakeInHand(rest.Length, rest.Length);
            if (_writer is null)
            {
                try
                {
                    _writer = BackgroundThread.Start(Write, "ipc writer", WriterStackBytes);
                }
                catch (OutOfMemoryException exception)
                {
                    noThread = exception;
                }
            }
            else
            {
                Monitor.PulseAll(_lock);
            }
        }

        if (noThread is not null)
        {
            // Half a frame may be on the wire, and no thread can send the rest.
            _fail(new IOException("The system provides no thread for sending.", noThread));
        }
    }

    private void Write()
    {
        try
        {
            while (WaitForRest() is { } rest)
            {
                try
                {
                    SendWhole(rest);
                }
                finally
                {
                    Wipe(rest);
                }

                while (TakeLeft(out PooledBufferWriter? batch))
                {
                    try
                    {
                        SendWhole(batch.WrittenSpan);
                    }
                    finally
                    {
                        GiveBack(batch);
                    }
                }
            }
        }
        catch (Exception exception)
        {
            // Usually an IOException of the transport. Whatever it is, the role must not stay with a thread that has
            // left.
            _fail(exception);
        }
    }

    private void Wipe(byte[]? rest)
    {
        if (rest is not null && _wipes)
        {
            System.Security.Cryptography.CryptographicOperations.ZeroMemory(rest);
        }
    }

    private byte[]? WaitForRest()
    {
        using (Uninterruptible.Enter(_lock))
        {
            while (_forWriter is null && _closed is null)
            {
                Monitor.Wait(_lock);
            }

            byte[]? rest = _closed is null ? _forWriter : null;
            _forWriter = null;
            return rest;
        }
    }
}
