using Multiprocess.Native;

namespace Multiprocess.Transports;

/// <summary>
/// The number of descriptors that this process may have, and how many of them connections leave free.
/// </summary>
/// <remarks>
/// The system assigns the lowest free number, so the number of a new descriptor shows how full the table is. The
/// reserve is for operations that fail badly without a descriptor: files, threads and libraries loaded late.
/// </remarks>
internal static class OpenFiles
{
    private const int LeastReserved = 16;
    private const int MostReserved = 256;

    private static int? s_limit;

    /// <summary>
    /// The maximum number of descriptors of this process; <see cref="int.MaxValue"/> on systems without such a limit.
    /// Tests set it.
    /// </summary>
    public static int Limit
    {
        get => s_limit ??= OperatingSystem.IsLinux() ? NativeFiles.DescriptorLimit() : int.MaxValue;
        set => s_limit = value;
    }

    /// <summary>
    /// How many descriptors are kept free of connections: a sixteenth of the limit, but from 16 to 256.
    /// </summary>
    public static int Reserved => Math.Clamp(Limit / 16, LeastReserved, MostReserved);

    /// <summary>The most connections that fit if nothing else uses descriptors.</summary>
    public static int Room => Limit == int.MaxValue ? int.MaxValue : Math.Max(1, Limit - Reserved);

    /// <summary>True when a new descriptor belongs to the reserve.</summary>
    public static bool IsReserved(int descriptor) => descriptor >= Room;

    /// <summary>True when the next descriptor would belong to the reserve.</summary>
    public static bool AreScarce()
    {
        if (!OperatingSystem.IsLinux())
        {
            return false;
        }

        using NativeHandle? probe = DescriptorReserve.Open();
        return probe is null || IsReserved(probe.Descriptor);
    }
}
