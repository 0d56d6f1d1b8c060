using Multiprocess.Locks;
using Multiprocess.Native;

namespace Multiprocess.Transports.Rings;

/// <summary>The stream that this side receives: over the socket, or through a ring.</summary>
/// <remarks>
/// <para>
/// The direction moves when the receiving thread has read the peer's announcement: on the socket →
/// <see cref="MoveToRing"/> → in the ring → <see cref="MoveToSocket"/> → on the socket. While it is in the ring, the
/// socket brings only doorbells. The end of the socket is the end of the stream, after the bytes left in the ring.
/// </para>
/// <para>Receiving thread only, unless a member says otherwise.</para>
/// </remarks>
internal sealed class ReceivingDirection(RingSocket socket)
{
    private const int RingIsNotEmpty = -2;

    // A peer sends descriptors with the first byte of the message that announces them, so only few arrivals can wait.
    private const int MostArrivals = 16;

    private readonly RingWaiters _waiters = new();
    private readonly DoorbellFilter _filter = new();
    private readonly byte[] _bells = new byte[DoorbellFilter.MaxBytes];

    // Bytes in the ring that no polling thread will be told of.
    private int _unseen;

    // Guarded by the lock, because closing discards the arrivals. The expected arrivals are one descriptor for memory,
    // or all descriptors.
    private readonly Lock _arriving = new();
    private readonly Queue<PassedDescriptors> _arrived = new();
    private bool _isFree;
    private volatile bool _expectsMemory;
    private volatile bool _expectsAll;

    /// <summary>True while the stream is in the ring. Any thread.</summary>
    public bool IsInRing => _waiters.Reader is not null;

    /// <summary>Number of available bytes that no thread in <see cref="Wait"/> sees.</summary>
    public int Unseen => _unseen + _filter.Kept;

    /// <summary>
    /// Prepares for receiving descriptors. Called before the first byte with descriptors is received.
    /// </summary>
    public void ExpectDescriptors() => _expectsAll = true;

    /// <summary>Expects that the next descriptors are those of the shared memory.</summary>
    public void ExpectMemory() => _expectsMemory = true;

    /// <summary>Stops expecting the descriptor of shared memory.</summary>
    public void ForgetMemory() => _expectsMemory = false;

    /// <summary>Takes the descriptors that arrived with one byte; null when there are none. Does not wait.</summary>
    /// <exception cref="IpcProtocolException">The socket brings something other than doorbells.</exception>
    public PassedDescriptors? Take()
    {
        while (true)
        {
            using (Uninterruptible.Enter(_arriving))
            {
                if (_arrived.TryDequeue(out PassedDescriptors? passed))
                {
                    return passed;
                }
            }

            // The peer sent them before the message in the ring, with a doorbell that was not received yet.
            if (!IsInRing || socket.IsClosed || _filter.Kept > 0)
            {
                return null;
            }

            socket.NoteUse();
            int bells = FromStream(_bells, mayBlock: false);
            if (bells <= 0)
            {
                return null;
            }

            _filter.Add(_bells.AsSpan(0, bells));
        }
    }

    /// <summary>Receives the rest of the stream from a ring.</summary>
    /// <param name="reader">The ring. This direction takes over the receiving share of its memory.</param>
    /// <param name="behind">The bytes received after the announcement; only doorbells are allowed.</param>
    /// <exception cref="IpcProtocolException">There is more than doorbells.</exception>
    public void MoveToRing(RingReader reader, ReadOnlySpan<byte> behind)
    {
        _ = _waiters.Change(reader);
        if (socket.IsClosed)
        {
            reader.Memory.Dispose();
            return;
        }

        _filter.Add(behind);
        if (RingHold.TryTake(reader.Memory, out RingHold hold))
        {
            using (hold)
            {
                _unseen = _waiters.Arm(reader);
            }
        }
    }

    /// <summary>Receives the rest of the stream from the socket again.</summary>
    public void MoveToSocket()
    {
        RingReader? reader = _waiters.Change(null);
        _unseen = 0;
        _filter.Release();
        reader?.Memory.Leave();
    }

    /// <summary>Receives bytes from the socket or the ring.</summary>
    /// <returns>As <see cref="Transport.Receive"/> or <see cref="Transport.TryReceive"/>.</returns>
    public int Receive(Span<byte> buffer, bool mayBlock)
    {
        if (_waiters.Reader is not { } reader)
        {
            return FromSocket(buffer, mayBlock);
        }

        if (!RingHold.TryTake(reader.Memory, out RingHold hold))
        {
            return 0;
        }

        using (hold)
        {
            return FromRing(reader, buffer, mayBlock);
        }
    }

    /// <summary>Looks into the ring a number of times, without a system call.</summary>
    /// <returns>As <see cref="Transport.TryReceive"/>.</returns>
    public int Spin(Span<byte> buffer, int spins)
    {
        if (_waiters.Reader is not { } reader)
        {
            return Transport.WouldBlock;
        }

        if (!RingHold.TryTake(reader.Memory, out RingHold hold))
        {
            return 0;
        }

        using (hold)
        {
            for (int i = 0; i < spins && !socket.IsClosed; i++)
            {
                if (reader.HasAny)
                {
                    return Read(reader, buffer) is var count and > 0 ? count : Transport.WouldBlock;
                }

                Thread.SpinWait(1);
            }
        }

        return Transport.WouldBlock;
    }

    /// <summary>Waits until there are bytes, or the stream has ended. Any thread.</summary>
    /// <returns>False when the time ran out.</returns>
    public bool Wait(int milliseconds)
    {
        _waiters.Begin();
        try
        {
            if (socket.IsClosed || HasBytes())
            {
                return true;
            }

            socket.NoteUse();
            return socket.Stream.WaitToReceive(milliseconds);
        }
        finally
        {
            _waiters.End();
        }
    }

    /// <summary>
    /// Records in the memory that this side reads no more: a write into the ring does not notice that by itself. Any
    /// thread.
    /// </summary>
    public void SayThatItClosed()
    {
        if (_waiters.Reader is { } reader && RingHold.TryTake(reader.Memory, out RingHold hold))
        {
            using (hold)
            {
                reader.SayThatItClosed();
            }
        }
    }

    /// <summary>
    /// Releases the memory, and the descriptors that were not taken. Any thread, once the socket is closed.
    /// </summary>
    public void Free()
    {
        _waiters.Reader?.Memory.Dispose();
        using (Uninterruptible.Enter(_arriving))
        {
            _isFree = true;
            while (_arrived.TryDequeue(out PassedDescriptors? passed))
            {
                passed.Dispose();
            }
        }
    }

    private int FromSocket(Span<byte> buffer, bool mayBlock)
    {
        if (socket.IsClosed)
        {
            return 0;
        }

        if (_filter.Kept > 0)
        {
            return _filter.Take(buffer);
        }

        return FromStream(buffer, mayBlock);
    }

    private int FromStream(Span<byte> buffer, bool mayBlock)
    {
        // When no descriptors are expected, use the plain calls, which cost less; the kernel then closes any that
        // arrive.
        if (!_expectsAll && !_expectsMemory)
        {
            return mayBlock ? socket.Stream.Receive(buffer) : socket.Stream.TryReceive(buffer);
        }

        int received = socket.Stream.Receive(
            buffer,
            mayBlock ? 0 : NativeSockets.DoNotWait,
            _expectsAll ? NativeDescriptors.Most : 1,
            out PassedDescriptors? passed);
        if (passed is not null)
        {
            Keep(passed);
        }

        return received;
    }

    private void Keep(PassedDescriptors passed)
    {
        using (Uninterruptible.Enter(_arriving))
        {
            if (!_isFree && _arrived.Count < MostArrivals)
            {
                _arrived.Enqueue(passed);
                return;
            }
        }

        passed.Dispose();
        if (!socket.IsClosed)
        {
            throw new IpcProtocolException(
                $"The peer passed descriptors that no message announces. Expected at most {MostArrivals} times, got "
                    + $"{MostArrivals + 1}.");
        }
    }

    private int FromRing(RingReader reader, Span<byte> buffer, bool mayBlock)
    {
        while (!socket.IsClosed)
        {
            int read = Read(reader, buffer);
            if (read > 0)
            {
                return read;
            }

            if (_filter.Kept > 0)
            {
                throw new IpcProtocolException(
                    "The peer sent on the socket while its stream is in shared memory. Expected empty frames.");
            }

            socket.NoteUse();
            int bells = mayBlock ? BlockForBell(reader) : FromStream(_bells, mayBlock: false);
            switch (bells)
            {
                case RingIsNotEmpty:
                    break;
                case 0:
                    // First receive the bytes that the peer wrote before it left.
                    return socket.IsClosed ? 0 : Read(reader, buffer);
                case Transport.WouldBlock:
                    return Transport.WouldBlock;
                default:
                    _filter.Add(_bells.AsSpan(0, bells));
                    break;
            }
        }

        return 0;
    }

    /// <summary>
    /// Reads from the ring, and rings the doorbell if the peer waits for room. Polling threads are handled first,
    /// because of the order that <see cref="RingWaiters"/> describes.
    /// </summary>
    private int Read(RingReader reader, Span<byte> buffer)
    {
        if (_unseen == 0 && _waiters.HasAny)
        {
            _unseen = _waiters.Arm(reader);
        }

        int read = reader.Read(buffer);
        _unseen = read > 0 ? Math.Max(0, _unseen - read) : 0;
        if (read > 0 && reader.TakeWriterWaits())
        {
            _ = socket.Ring();
        }

        return read;
    }

    /// <summary>Blocks in the socket until there may be bytes in the ring.</summary>
    /// <returns>
    /// The number of bytes received; 0 at the end of the stream; <see cref="RingIsNotEmpty"/> when it did not block.
    /// </returns>
    private int BlockForBell(RingReader reader)
    {
        _waiters.Begin();
        try
        {
            return reader.HasAny ? RingIsNotEmpty : FromStream(_bells, mayBlock: true);
        }
        finally
        {
            _waiters.End();
        }
    }

    private bool HasBytes()
    {
        if (_filter.Kept > 0)
        {
            return true;
        }

        if (_waiters.Reader is not { } reader)
        {
            return false;
        }

        if (!RingHold.TryTake(reader.Memory, out RingHold hold))
        {
            return true;
        }

        using (hold)
        {
            return reader.HasAny;
        }
    }
}
