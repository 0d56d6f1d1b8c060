using System.Diagnostics;
using Multiprocess.Objects;

namespace Multiprocess.Testing;

/// <summary>Checks what a test has left behind between two ends in its own process.</summary>
/// <remarks>
/// For the ends of an <see cref="IpcTestPair{T}"/>, which has the same check as a method, and for an
/// <see cref="IpcServer"/> and a client in one process. May be called on any thread.
/// </remarks>
public static class IpcLeakCheck
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Collects garbage, and waits until nothing is left at either end: no object but the root, no call, no worker
    /// thread without its client thread.
    /// </summary>
    /// <param name="client">The end that calls the root.</param>
    /// <param name="server">The end that serves the root.</param>
    /// <param name="patience">How long to wait for releases that are on their way. Default 5 seconds.</param>
    /// <exception cref="IpcTestLeakException">Something is left after <paramref name="patience"/>.</exception>
    public static void AssertNothingLeft(IpcConnection client, IpcConnection server, TimeSpan? patience = null)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(server);
        TimeSpan bound = patience ?? s_patience;
        long start = Stopwatch.GetTimestamp();
        while (true)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            client.Core.Channel.ClientThreads.EndDead();
            server.Core.Channel.ClientThreads.EndDead();
            List<string> left =
            [
                .. Describe("server", server, hasRoot: true, client),
                .. Describe("client", client, hasRoot: false, server),
            ];
            if (left.Count == 0)
            {
                return;
            }

            if (Stopwatch.GetElapsedTime(start) > bound)
            {
                throw new IpcTestLeakException(
                    left, [.. Exports(server, hasRoot: true), .. Exports(client, hasRoot: false)]);
            }

            // The thread pool sends the releases that finalizers request.
            Thread.Yield();
        }
    }

    private static IEnumerable<string> Describe(string name, IpcConnection end, bool hasRoot, IpcConnection other)
    {
        foreach (IpcLiveObject live in Exports(end, hasRoot))
        {
            string stack = live.CreationStack is null ? "" : $", first sent {live.CreationStack}";
            yield return $"the {name}'s {live.Type} {live.Handle}, held {live.Count} times for {live.Age}{stack}";
        }

        if (end.CallsInFlight > 0)
        {
            yield return $"{end.CallsInFlight} calls that run at the {name}";
        }

        // One worker for each live thread of the other side is expected.
        int workers = end.WorkerThreads - other.ClientThreads;
        if (workers > 0)
        {
            yield return $"{workers} worker threads of the {name} without a thread at the other side";
        }
    }

    private static IEnumerable<IpcLiveObject> Exports(IpcConnection end, bool hasRoot)
        => end.ListLiveObjects().Where(live => live.IsExport && !(hasRoot && live.Handle == ExportTable.RootHandle));
}
