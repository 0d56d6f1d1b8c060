using Multiprocess.Locks;

namespace Multiprocess.Transports.Rings;

/// <summary>
/// The ring that this side reads, and the threads that wait for it in the socket, where only a doorbell wakes them.
/// </summary>
/// <remarks>
/// No wake-up is lost, because of this order. A thread that is about to block in the socket counts itself, sets the
/// sign in the ring, and then looks into the ring. The peer writes into the ring, and then takes the sign and rings. A
/// doorbell wakes one thread that receives, or one that only polls: whoever takes a doorbell while others are counted
/// sets the sign again (<see cref="Arm"/>), and only then notes how much is in the ring.
/// </remarks>
internal sealed class RingWaiters
{
    // Guards the number of waiting threads and the sign in the ring, which must agree. Threads that poll look into the
    // reader while the receiving thread, which alone sets it, takes it away.
    private readonly Lock _lock = new();
    private volatile RingReader? _reader;
    private int _count;

    /// <summary>The end of the ring; null while the stream is on the socket.</summary>
    public RingReader? Reader => _reader;

    /// <summary>True while threads are counted.</summary>
    public bool HasAny => Volatile.Read(ref _count) > 0;

    /// <summary>Changes the ring. Receiving thread only.</summary>
    /// <returns>The ring before.</returns>
    public RingReader? Change(RingReader? reader)
    {
        using (Uninterruptible.Enter(_lock))
        {
            RingReader? before = _reader;
            _reader = reader;
            return before;
        }
    }

    /// <summary>Counts the calling thread, and says so in the ring. Look into the ring after it.</summary>
    public void Begin()
    {
        using (Uninterruptible.Enter(_lock))
        {
            _count++;
            if (_reader is { } reader && RingHold.TryTake(reader.Memory, out RingHold hold))
            {
                using (hold)
                {
                    reader.SayThatReaderWaits();
                }
            }
        }
    }

    /// <summary>The calling thread no longer waits.</summary>
    public void End()
    {
        using (Uninterruptible.Enter(_lock))
        {
            if (--_count == 0 && _reader is { } reader && RingHold.TryTake(reader.Memory, out RingHold hold))
            {
                using (hold)
                {
                    reader.SayThatNobodyWaits();
                }
            }
        }
    }

    /// <summary>Says again in the ring that threads wait. The caller holds the memory.</summary>
    /// <returns>The number of bytes in the ring that none of them will see; 0 when none waits.</returns>
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
