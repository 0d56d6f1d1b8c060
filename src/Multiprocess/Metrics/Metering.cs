namespace Multiprocess.Metrics;

/// <summary>When there is a meter: from the first call's end on, not before.</summary>
/// <remarks>
/// Making it takes some 15 ms when nothing of the framework's diagnostics was used before, which would be a good part of a
/// child's start. So it is made on the thread pool, behind the first call or when a server listens. Nothing here, and
/// nothing that a call runs through until then, names a type of the framework's diagnostics.
/// </remarks>
internal static class Metering
{
    private static volatile bool s_isUp;
    private static int s_begun;
    private static Action? s_more;

    /// <summary>True while somebody listens to what calls cost.</summary>
    public static bool MeasuresCalls => s_isUp && IpcMeter.MeasuresCalls;

    /// <summary>Says what else makes instruments, with the meter. The same each time.</summary>
    public static void Extend(Action more) => s_more = more;

    /// <summary>Has the meter made, unless it was. To be called when a call has ended.</summary>
    public static void BeginLater()
    {
        if (!s_isUp && s_begun == 0 && Interlocked.Exchange(ref s_begun, 1) == 0)
        {
            ThreadPool.UnsafeQueueUserWorkItem(static _ => Begin(), null);
        }
    }

    /// <summary>Makes the meter, unless it was made.</summary>
    public static void Begin()
    {
        IpcMeter.Make();
        Volatile.Read(ref s_more)?.Invoke();
        s_isUp = true;
    }
}
