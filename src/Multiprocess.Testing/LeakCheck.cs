using System.Diagnostics;
using Multiprocess.Objects;

namespace Multiprocess;

/// <summary>Finds out what a test has left behind on a pair.</summary>
internal static class LeakCheck
{
    /// <exception cref="IpcTestLeakException">Something is left when the patience is used up.</exception>
    public static void Run(IpcConnection client, IpcConnection server, TimeSpan patience)
    {
        long start = Stopwatch.GetTimestamp();
        while (true)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            client.Core.Channel.EndDeadThreads();
            server.Core.Channel.EndDeadThreads();
            List<string> left = [.. Describe("server", server, hasRoot: true, client), .. Describe("client", client, hasRoot: false, server)];
            if (left.Count == 0)
            {
                return;
            }

            if (Stopwatch.GetElapsedTime(start) > patience)
            {
                throw new IpcTestLeakException(left, [.. Exports(server, hasRoot: true), .. Exports(client, hasRoot: false)]);
            }

            // The release that a finalizer has asked for is sent by the thread pool.
            Thread.Yield();
        }
    }

    private static IEnumerable<string> Describe(string name, IpcConnection end, bool hasRoot, IpcConnection other)
    {
        foreach (IpcLiveObject live in Exports(end, hasRoot))
        {
            yield return $"the {name}'s {live.Type} {live.Handle}, held {live.Count} times for {live.Age}{(live.CreationStack is null ? "" : $", first sent {live.CreationStack}")}";
        }

        if (end.CallsInFlight > 0)
        {
            yield return $"{end.CallsInFlight} calls that run at the {name}";
        }

        // One worker for each thread of the other side that lives is as it should be.
        int workers = end.WorkerThreads - other.ClientThreads;
        if (workers > 0)
        {
            yield return $"{workers} worker threads of the {name} without a thread at the other side";
        }
    }

    private static IEnumerable<IpcLiveObject> Exports(IpcConnection end, bool hasRoot)
        => end.ListLiveObjects().Where(live => live.IsExport && !(hasRoot && live.Handle == ExportTable.RootHandle));
}
