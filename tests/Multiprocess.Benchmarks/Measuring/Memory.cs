namespace Multiprocess.Benchmarks.Measuring;

/// <summary>What the garbage collector says is alive.</summary>
internal static class Memory
{
    /// <summary>Bytes that live after full collections and finalizers.</summary>
    public static long LiveBytes()
    {
        for (int i = 0; i < 3; i++)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers();
        }

        return GC.GetTotalMemory(forceFullCollection: true);
    }
}
