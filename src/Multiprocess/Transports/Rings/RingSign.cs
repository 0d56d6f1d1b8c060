namespace Multiprocess.Transports.Rings;

/// <summary>A sign in shared memory by which one side says that it is about to wait.</summary>
/// <remarks>
/// One side sets the sign and then reads the other's position. The other side changes its position and then reads the
/// sign. Both have a full barrier in between, so at least one of them sees the change of the other.
/// </remarks>
internal static class RingSign
{
    private const uint IsSet = 1;

    public static void Set(ref uint sign) => Interlocked.Exchange(ref sign, IsSet);

    /// <summary>Clears the sign and returns whether it was set. A peer may have written any value into it.</summary>
    public static bool Take(ref uint sign)
    {
        Interlocked.MemoryBarrier();
        return Volatile.Read(ref sign) != 0 && Interlocked.Exchange(ref sign, 0) != 0;
    }
}
