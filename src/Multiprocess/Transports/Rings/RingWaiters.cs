using Multiprocess.Locks;

namespace Multiprocess.Transports.Rings;

/// <summary>
/// The ring that this side reads, and the threads that wait for it in the socket, where only a doorbell wakes them.
/// </summary>
/// <remarks>
/// The following order prevents a lost wake-up. A thread that is about to block in the socket counts itself, sets the
/// sign in the ring, and then looks into the ring. The peer writes into the ring, then clears the sign, and rings if it
/// was set. A doorbell wakes only one thread: one that receives, or one that only polls. If other threads are still
/// counted, the thread that takes the doorbell sets the sign again (<see cref="Arm"/>), and only then reads how much is
/// in the ring.
/// </remarks>
internal sealed class RingWaiters
{
    // Guards the sign in the ring, which must agree with the number of waiting threads. Polling threads use the reader,
    // while the receiving thread, which alone sets it, may take it away.
    private readonly Lock _lock = new();
    private volatile RingReader? _reader;

    // Changed without the lock, so that a thread that waits for the socket alone pays little. Each change comes before
    // the look at the reader, and Arm reads the number after the reader was set: one of the two sees the other.
    private int _count;

    /// <summary>The reading end of the ring; null while the stream is on the socket.</summary>
    public RingReader? Reader => _reader;

    /// <summary>True while threads wait.</summary>
    public bool HasAny => Volatile.Read(ref _count) > 0;

    /// <summary>Changes the ring. Receiving thread only.</summary>
    /// <returns>The previous ring.</returns>
    public RingReader? Change(RingReader? reader)
    {
        using (Uninterruptible.Enter(_lock))
        {
            RingReader? before = _reader;
            _reader = reader;
            return before;
        }
    }

    /// <summary>
    /// Counts the calling thread, and sets the sign in the ring. The caller must look into the ring afterwards.
    /// </summary>
    public void Begin()
    {
        _ = Interlocked.Increment(ref _count);
        if (_reader is null)
        {
            return;
        }

        using (Uninterruptible.Enter(_lock))
        {
            if (_reader is { } reader && RingHold.TryTake(reader.Memory, out RingHold hold))
            {
                using (hold)
                {
                    reader.SayThatReaderWaits();
                }
            }
        }
    }

    /// <summary>Called when the calling thread no longer waits.</summary>
    public void End()
    {
        if (Interlocked.Decrement(ref _count) != 0 || _reader is null)
        {
            return;
        }

        using (Uninterruptible.Enter(_lock))
        {
            // Another thread may have begun to wait in the meantime.
            if (!HasAny && _reader is { } reader && RingHold.TryTake(reader.Memory, out RingHold hold))
            {
                using (hold)
                {
                    reader.SayThatNobodyWaits();
                }
            }
        }
    }

    /// <summary>Sets the sign in the ring again if threads wait. The caller holds the memory.</summary>
    /// <returns>
    /// The number of bytes in the ring that none of these threads will be told of; 0 when no thread waits.
    /// </returns>
    public int Arm(RingReader reader)
    {
        bool isPolled;
        using (Uninterruptible.Enter(_lock))
        {
            isPolled = _count > 0;
            if (isPolled)
            {
                reader.SayThatReaderWaits();
            }
        }

        return isPolled ? reader.Available : 0;
    }
}
