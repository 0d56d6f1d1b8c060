using System.Diagnostics;

namespace Multiprocess.Stress;

/// <summary>What one side of a connection holds at a moment, and its process.</summary>
/// <param name="Exports">Objects that the other side holds.</param>
/// <param name="Imports">Objects of the other side.</param>
/// <param name="Workers">Workers, by the connection's own count.</param>
/// <param name="Calls">Calls that wait or run.</param>
/// <param name="Handlers">Handlers in the target's event.</param>
/// <param name="NamedThreads">
/// Threads of the system that are named as workers or callers are; -1 where that is not known.
/// </param>
/// <param name="HeapBytes">The managed heap after a collection.</param>
/// <param name="ResidentBytes">What the process takes of the memory.</param>
public sealed record StressState(
    int Exports,
    int Imports,
    int Workers,
    long Calls,
    int Handlers,
    int NamedThreads,
    long HeapBytes,
    long ResidentBytes)
{
    /// <summary>How every thread that calls is named, and so its worker.</summary>
    public const string CallerName = "stress-caller";

    public static StressState Of(IpcConnection connection, int handlers)
    {
        for (int i = 0; i < 2; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        return new StressState(
            connection.LiveExports,
            connection.LiveImports,
            connection.WorkerThreads,
            connection.CallsInFlight,
            handlers,
            CountNamedThreads(),
            GC.GetTotalMemory(forceFullCollection: true),
            Process.GetCurrentProcess().WorkingSet64);
    }

    private static int CountNamedThreads()
    {
        const string Tasks = "/proc/self/task";
        if (!Directory.Exists(Tasks))
        {
            return -1;
        }

        int count = 0;
        foreach (string task in Directory.EnumerateDirectories(Tasks))
        {
            try
            {
                string name = File.ReadAllText(Path.Combine(task, "comm"));
                count += name.StartsWith(CallerName, StringComparison.Ordinal)
                    || name.StartsWith("ipc worker", StringComparison.Ordinal)
                    ? 1
                    : 0;
            }
            catch (IOException)
            {
                // It ended meanwhile.
            }
        }

        return count;
    }
}
