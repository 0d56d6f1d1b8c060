using System.Diagnostics;

namespace Multiprocess.Transports.Rings;

/// <summary>Waits until the peer has made room in a full ring. Sending thread only.</summary>
internal sealed class RoomWait(RingSocket socket)
{
    /// <summary>How long a sender looks for room before it blocks, in milliseconds.</summary>
    private const int SpinMilliseconds = 1;

    // A sender that waits for room also checks without being woken: another thread may take its doorbell.
    private const int FirstWait = 1;
    private const int LongestWait = 16;

    // The sender spins once for each time that the ring is full: a peer that does not read must not cost processor
    // time.
    private bool _maySpin = true;

    /// <summary>Called when something was written: the next wait may spin again.</summary>
    public void NoteWritten() => _maySpin = true;

    /// <summary>
    /// Waits for room. The doorbell for this arrives on the socket, where another thread may receive it and find
    /// nothing for itself. So each wait is short.
    /// </summary>
    /// <returns>As <see cref="Transport.WaitToSend"/>.</returns>
    public bool Wait(RingWriter writer, int milliseconds)
    {
        if (!RingHold.TryTake(writer.Memory, out RingHold hold))
        {
            return true;
        }

        using (hold)
        {
            long start = Stopwatch.GetTimestamp();
            if (milliseconds != 0 && _maySpin && Spin(writer, start))
            {
                return true;
            }

            for (int wait = FirstWait; ; wait = Math.Min(2 * wait, LongestWait))
            {
                writer.SayThatWriterWaits();
                if (IsOver(writer))
                {
                    return true;
                }

                int left = milliseconds < 0
                    ? wait
                    : (int)Math.Min(wait, milliseconds - (long)Stopwatch.GetElapsedTime(start).TotalMilliseconds);
                if (left <= 0)
                {
                    return false;
                }

                if (socket.Stream.WaitToReceive(left) && !IsOver(writer))
                {
                    // The socket has other data to receive. Only the end of the stream matters here.
                    _ = socket.Stream.WaitToHangUp(1);
                }
            }
        }
    }

    private bool IsOver(RingWriter writer) => HasRoom(writer) || socket.Stream.PeerHasClosed != false;

    private bool HasRoom(RingWriter writer) => socket.IsClosed || writer.Room > 0 || writer.PeerHasClosed;

    private bool Spin(RingWriter writer, long start)
    {
        long end = start + (Stopwatch.Frequency / 1000 * SpinMilliseconds);
        for (int i = 0; Stopwatch.GetTimestamp() < end; i++)
        {
            if (HasRoom(writer))
            {
                return true;
            }

            if (i % 16 == 15)
            {
                _ = Thread.Yield();
            }
            else
            {
                Thread.SpinWait(1);
            }
        }

        _maySpin = false;
        return false;
    }
}
