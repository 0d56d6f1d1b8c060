using Multiprocess.Benchmarks.Contracts;

namespace Multiprocess.Benchmarks.Figures;

/// <summary>
/// Bytes that a warm call of primitives allocates on the thread that makes it and on the one that runs it.
/// </summary>
internal static class Allocation
{
    private const int Calls = 20_000;

    public static void Measure(Session session)
    {
        IBenchmark root = session.Server.Root;
        Count(root);
        (double client, double server) = Count(root);
        session.Report("allocated", Math.Max(client, server), "bytes/call", Math.Max(client, server));
        session.Report("allocated-client", client, "bytes/call");
        session.Report("allocated-server", server, "bytes/call");
    }

    private static (double Client, double Server) Count(IBenchmark root)
    {
        // Asking is itself a call; what it allocates, if anything, is counted too.
        long server = root.AllocatedBytes();
        long client = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < Calls; i++)
        {
            root.Add(2, 3);
        }

        return (
            (double)(GC.GetAllocatedBytesForCurrentThread() - client) / Calls,
            (double)(root.AllocatedBytes() - server) / Calls);
    }
}
