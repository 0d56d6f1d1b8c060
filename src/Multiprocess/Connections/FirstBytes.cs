using System.Buffers.Binary;
using System.Diagnostics;
using Multiprocess.Transports;

namespace Multiprocess.Connections;

/// <summary>Tells from the first bytes of a client which protocol it speaks, without taking the bytes.</summary>
/// <remarks>
/// A client of this library begins with the length of its Hello. Cap'n Proto begins with the number of the message's
/// segments minus one. Both are four bytes, the least significant first.
/// </remarks>
internal static class FirstBytes
{
    /// <summary>The shortest Hello: an array of nine elements, of a byte each.</summary>
    public const uint ShortestHello = 10;

    private const int Length = 4;

    // A client that sends one byte and then nothing is looked at this often.
    private const int PauseMilliseconds = 10;

    /// <summary>Whether the client speaks the other protocol. Waits for its first bytes.</summary>
    /// <exception cref="IpcTimeoutException">The client did not send them in time.</exception>
    /// <exception cref="IpcDisconnectedException">The client has left.</exception>
    public static bool AreOther(Transport transport, TimeSpan limit)
    {
        long start = Stopwatch.GetTimestamp();
        while (true)
        {
            int rest = limit == Timeout.InfiniteTimeSpan
                ? -1
                : (int)Math.Max(0, (limit - Stopwatch.GetElapsedTime(start)).TotalMilliseconds);
            if (!transport.WaitToReceive(rest))
            {
                throw TooLate(limit);
            }

            if (Look(transport) is { } isOther)
            {
                return isOther;
            }

            if (rest == 0)
            {
                throw TooLate(limit);
            }

            Thread.Sleep(PauseMilliseconds);
        }
    }

    /// <summary>Whether the client is known to speak this library's protocol. Does not wait.</summary>
    public static bool AreOurs(Transport transport)
    {
        try
        {
            return Look(transport) == false;
        }
        catch (IpcDisconnectedException)
        {
            return false;
        }
    }

    // Null while there are too few bytes.
    private static bool? Look(Transport transport)
    {
        Span<byte> first = stackalloc byte[Length];
        int received = transport.TryPeek(first);
        return received switch
        {
            0 => throw new IpcDisconnectedException("The peer closed the connection before it sent anything."),
            Length => BinaryPrimitives.ReadUInt32LittleEndian(first) < ShortestHello,
            _ => null,
        };
    }

    private static IpcTimeoutException TooLate(TimeSpan limit)
        => new($"The peer did not send its first bytes within {limit.TotalMilliseconds:N0} ms.");
}
