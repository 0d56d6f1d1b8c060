using Multiprocess.Locks;
using Multiprocess.Native;

namespace Multiprocess.Transports.Rings;

/// <summary>The stream that this side sends: over the socket, or through a ring.</summary>
/// <remarks>
/// The direction moves when exactly as many bytes were sent as a <see cref="SendingMark"/> says, whichever thread
/// sends them. Sending thread only, unless a member says otherwise.
/// </remarks>
internal sealed class SendingDirection(RingSocket socket, bool isClient)
{
    private readonly RoomWait _room = new(socket);

    // Changed by the sending thread. Other threads look at the writer's memory.
    private volatile RingWriter? _writer;

    // Set by any thread, before it sends.
    private volatile bool _isSensitive;

    // The changes at positions of the stream. Guarded by the lock.
    private readonly Lock _marking = new();
    private readonly Queue<SendingMark> _marks = new();
    private long _nextMark = long.MaxValue;
    private NativeHandle[]? _descriptors;
    private bool _isFree;

    /// <summary>Number of bytes sent, without doorbells.</summary>
    public long Bytes { get; private set; }

    /// <summary>
    /// Adds a change. Must be called in the order of the positions, and before the bytes at that position are sent. Any
    /// thread.
    /// </summary>
    public void Mark(SendingMark mark)
    {
        using (Uninterruptible.Enter(_marking))
        {
            if (_isFree)
            {
                mark.Discard();
                return;
            }

            _marks.Enqueue(mark);
            if (_marks.Count == 1)
            {
                Volatile.Write(ref _nextMark, mark.Position);
            }
        }
    }

    /// <summary>
    /// Marks the bytes sent from now on as possibly secret. Any thread, before they are sent.
    /// </summary>
    public void MarkSensitive() => _isSensitive = true;

    /// <summary>Sends as <see cref="Transport.TrySend"/> does.</summary>
    public int TrySend(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        long left = Volatile.Read(ref _nextMark) - Bytes;
        if (left <= first.Length + (long)second.Length)
        {
            if (left <= 0)
            {
                PassMarks();
                return TrySend(first, second);
            }

            // No send crosses a mark.
            int until = (int)left;
            second = second[..Math.Max(0, until - first.Length)];
            first = first[..Math.Min(until, first.Length)];
        }

        if (_descriptors is { } descriptors && TrySendWith(descriptors, first.IsEmpty ? second : first) is { } result)
        {
            return result;
        }

        int sent = _writer is { } writer ? ToRing(writer, first, second) : socket.Stream.TrySend(first, second);
        Note(sent);
        return sent;
    }

    /// <summary>Waits as <see cref="Transport.WaitToSend"/> does.</summary>
    public bool Wait(int milliseconds)
        => _writer is { } writer && _descriptors is null
            ? _room.Wait(writer, milliseconds)
            : socket.Stream.WaitToSend(milliseconds);

    private void Note(int sent)
    {
        if (sent > 0)
        {
            Bytes += sent;
            if (Bytes == Volatile.Read(ref _nextMark))
            {
                PassMarks();
            }
        }
    }

    /// <summary>
    /// Releases the memory, and everything that the marks hold. Any thread, once the socket is closed.
    /// </summary>
    public void Free()
    {
        using (Uninterruptible.Enter(_marking))
        {
            _isFree = true;
            _writer?.Memory.Dispose();
            foreach (SendingMark mark in _marks)
            {
                mark.Discard();
            }

            _marks.Clear();
            PassedDescriptors.CloseAll(Interlocked.Exchange(ref _descriptors, null) ?? []);
        }
    }

    private int ToRing(RingWriter writer, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        if (socket.IsClosed || !RingHold.TryTake(writer.Memory, out RingHold hold))
        {
            throw socket.ClosedHere();
        }

        using (hold)
        {
            if (writer.PeerHasClosed)
            {
                throw socket.ClosedByPeer();
            }

            if (_isSensitive)
            {
                writer.SayThatItIsSensitive();
            }

            int written = writer.Write(first, second);
            if (written > 0)
            {
                _room.NoteWritten();
                if (writer.TakeReaderWaits() && !socket.Ring() && !socket.IsClosed)
                {
                    throw socket.ClosedByPeer();
                }
            }

            return written > 0 || (first.IsEmpty && second.IsEmpty) ? written : Transport.WouldBlock;
        }
    }

    /// <summary>
    /// Sends descriptors over the socket. They go with the next bytes of the stream. If those bytes go into the ring,
    /// the descriptors are sent before them, with a doorbell.
    /// </summary>
    /// <returns>The result for <see cref="TrySend"/>; null when the bytes are still to be sent.</returns>
    private int? TrySendWith(NativeHandle[] descriptors, ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
        {
            return null;
        }

        bool isInRing = _writer is not null;
        if (isInRing)
        {
            socket.NoteUse();
        }

        // The kernel accepts so few bytes (a doorbell) completely or not at all.
        ReadOnlySpan<byte> bell = [0, 0, 0, 0];
        int sent = socket.Stream.TrySendWith(descriptors, isInRing ? bell : bytes);
        if (sent > 0)
        {
            PassedDescriptors.CloseAll(Interlocked.Exchange(ref _descriptors, null) ?? []);
        }

        if (isInRing && sent > 0)
        {
            return null;
        }

        Note(sent);
        return sent;
    }

    /// <summary>Makes the changes whose position has been reached.</summary>
    private void PassMarks()
    {
        using (Uninterruptible.Enter(_marking))
        {
            while (_marks.TryPeek(out SendingMark mark) && mark.Position <= Bytes)
            {
                _ = _marks.Dequeue();
                Volatile.Write(ref _nextMark, _marks.TryPeek(out SendingMark next) ? next.Position : long.MaxValue);
                if (socket.IsClosed)
                {
                    mark.Discard();
                    continue;
                }

                switch (mark.Change)
                {
                    case SendingChange.PassDescriptors:
                        _descriptors = mark.Descriptors;
                        break;
                    case SendingChange.ToRing:
                        _writer = new RingWriter(mark.Memory!, isFirst: isClient);
                        _room.NoteWritten();

                        // The peer may already wait for room in the other ring; it could not be told until now.
                        socket.Bell.Allow();
                        _ = socket.Bell.Ring();
                        break;
                    default:
                        socket.Bell.Forbid();
                        RingWriter? writer = _writer;
                        _writer = null;
                        writer?.Memory.Leave();
                        break;
                }
            }
        }
    }
}
