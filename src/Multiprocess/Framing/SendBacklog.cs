using Multiprocess.Buffers;

namespace Multiprocess.Framing;

/// <summary>
/// The bytes of one connection that were accepted but not sent yet, and how they count against its own limit and the
/// limit shared with other connections. Used under the lock of its <see cref="FrameSender"/>, except for members whose
/// comments say otherwise.
/// </summary>
internal sealed class SendBacklog(int maxBytes, SharedByteLimit? shared)
{
    private readonly SharedByteLimitPart _part = new(shared);
    private PooledBufferWriter _left = new(int.MaxValue);
    private PooledBufferWriter _spare = new(int.MaxValue);
    private bool _wipes;
    private bool _isClosed;

    // Bytes of control messages in _left. They have room beyond the limit: waiting senders may use up the limit, and a
    // lost control message would end the connection.
    private int _leftOfControl;

    // The bytes that the carrier took and is sending, the memory of these bytes, and the bytes of threads that wait to
    // queue them. The carrier's own frame is counted in _inHand once the transport is full. A large frame counts as
    // memory at once: otherwise many connections would begin large frames before the first of them is found to be
    // stuck.
    private long _inHand;
    private long _memoryInHand;
    private long _heldByWaiters;

    /// <summary>Most bytes that may wait. Fixed: no lock is needed.</summary>
    public int MaxBytes => maxBytes;

    /// <summary>Bytes of threads that wait to queue them. Read without the lock.</summary>
    public long HeldByWaiters => Volatile.Read(ref _heldByWaiters);

    /// <summary>
    /// True while the connections that share a limit hold too many bytes and this connection contributes to them. Read
    /// without the lock.
    /// </summary>
    public bool IsOverShared => _part.IsOver;

    /// <summary>
    /// False if no work that would produce another frame has to wait. Read without the lock: it may have changed
    /// already.
    /// </summary>
    public bool MayLackRoom => HeldByWaiters != 0 || _part.IsOver;

    /// <summary>True while such work has to wait.</summary>
    public bool LacksRoom => _heldByWaiters >= maxBytes || _part.IsOver;

    /// <summary>
    /// Wipes all bytes after use from now on. Called once, without the lock, before the bytes are queued.
    /// </summary>
    public void MarkSensitive() => Volatile.Write(ref _wipes, true);

    /// <summary>True if this number of bytes can be queued now.</summary>
    public bool Takes(long more, bool mayWait, bool isControl)
    {
        if (isControl && _leftOfControl + more <= SharedByteLimitPart.FreeBytes)
        {
            return true;
        }

        // One queued frame is always accepted. For more, the bytes in the carrier's hands count too: a peer that does
        // not receive makes this side hold that memory.
        return (_left.WrittenCount == 0 || Waiting + more <= maxBytes) && SharesAllow(more, mayWait);
    }

    /// <summary>The error for a sender that may not wait, after <see cref="Takes"/> returned false.</summary>
    public IpcException Refusal(long more)
        => new(
            IpcErrorKind.LimitExceeded,
            SharesAllow(more, mayWait: false)
                ? $"{Waiting:N0} bytes already wait for the peer to receive them; the limit is {maxBytes:N0}."
                : $"{Waiting:N0} bytes already wait for the peer to receive them, and those of all connections of its "
                    + "user or of the server are at their limit.");

    /// <summary>Queues a copy of two pieces as if they were one.</summary>
    public void Queue(ReadOnlySpan<byte> frames, ReadOnlySpan<byte> tail, bool isControl)
    {
        _leftOfControl += isControl ? frames.Length + tail.Length : 0;

        // Set before the bytes are copied: a growing buffer wipes the old one.
        _left.IsSensitive |= Volatile.Read(ref _wipes);
        Append(frames);
        Append(tail);
        Settle();
    }

    /// <summary>Records that a thread begins to wait with this number of bytes.</summary>
    public void BeginWait(long bytes)
    {
        _heldByWaiters += bytes;
        Settle();
    }

    /// <inheritdoc cref="BeginWait"/>
    public void EndWait(long bytes) => BeginWait(-bytes);

    /// <summary>Records that the carrier begins to send its own frame.</summary>
    public void NoteOwnFrame(long bytes)
    {
        if (bytes > SharedByteLimitPart.FreeBytes)
        {
            HoldInHand(_inHand, bytes);
        }
    }

    /// <summary>Sets the number of bytes that the carrier holds, and the memory that they take.</summary>
    public void HoldInHand(long bytes, long memory)
    {
        _inHand = bytes;
        _memoryInHand = memory;
        Settle();
    }

    /// <summary>
    /// Records that the transport is full and that the carrier holds this number of bytes of its own frame. False if a
    /// copy of them would make the connections that share a limit hold too much.
    /// </summary>
    public bool MayCopyInHand(long own)
    {
        HoldInHand(own, own);
        return own <= SharedByteLimitPart.FreeBytes || !_part.HasNoRoomFor(own);
    }

    /// <summary>
    /// Takes all queued bytes for the carrier, in a buffer that the carrier must clear before it calls this again. Null
    /// if there are none; the carrier then holds none either.
    /// </summary>
    public PooledBufferWriter? Take()
    {
        if (_left.WrittenCount == 0 || _isClosed)
        {
            HoldInHand(0, 0);
            return null;
        }

        PooledBufferWriter batch = _left;
        _leftOfControl = 0;
        _left = _spare;
        _spare = batch;
        HoldInHand(batch.WrittenCount, batch.Capacity);
        return batch;
    }

    /// <summary>Discards the queued bytes. Nothing is charged to the shared limit from now on.</summary>
    public void Discard()
    {
        _isClosed = true;
        _left.Clear();
        HoldInHand(0, 0);
    }

    private long Waiting => _left.WrittenCount + _inHand;

    /// <summary>
    /// True if the shared limit allows to queue a copy of this number of bytes. Small copies are always allowed. A
    /// waiting sender keeps its bytes, so a copy would take the same memory again. A sender that may not wait is
    /// refused only if this connection itself has many waiting bytes.
    /// </summary>
    private bool SharesAllow(long more, bool mayWait)
        => _left.WrittenCount + more <= SharedByteLimitPart.FreeBytes
            || (mayWait ? !_part.HasNoRoomFor(more) : !_part.IsOver);

    private void Append(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(_left.GetSpan(bytes.Length));
        _left.Advance(bytes.Length);
    }

    /// <summary>Charges the memory of the bytes to the limit shared with other connections.</summary>
    private void Settle()
    {
        long left = _left.WrittenCount == 0 ? 0 : _left.Capacity;
        _part.Settle(_isClosed ? 0 : left + _memoryInHand + _heldByWaiters);
    }
}
