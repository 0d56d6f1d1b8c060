using Multiprocess.Native;

namespace Multiprocess.Transports;

/// <summary>How many descriptors this process may have, and how many of those connections leave to everything else.</summary>
/// <remarks>
/// The system gives the lowest free number, so the number of a new descriptor says how full the table is. What is kept
/// back is for what fails badly without one: files, threads and libraries that are loaded late.
/// </remarks>
internal static class OpenFiles
{
    private const int LeastReserved = 16;
    private const int MostReserved = 256;

    private static int? s_limit;

    /// <summary>Most descriptors of this process; <see cref="int.MaxValue"/> where the system has no such limit. Tests set it.</summary>
    public static int Limit
    {
        get => s_limit ??= OperatingSystem.IsLinux() ? NativeFiles.DescriptorLimit() : int.MaxValue;
        set => s_limit = value;
    }

    /// <summary>How many descriptors are kept free of connections: a sixteenth, but from 16 to 256.</summary>
    public static int Reserved => Math.Clamp(Limit / 16, LeastReserved, MostReserved);

    /// <summary>Most connections that there is room for, were there nothing else.</summary>
    public static int Room => Limit == int.MaxValue ? int.MaxValue : Math.Max(1, Limit - Reserved);

    /// <summary>True when a descriptor that was just made is one of those that are kept free.</summary>
    public static bool IsReserved(int descriptor) => descriptor >= Room;

    /// <summary>True when the next descriptor would be one of those that are kept free.</summary>
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
