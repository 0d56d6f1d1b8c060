using Multiprocess.Benchmarks.Contracts;
using Multiprocess.Benchmarks.Measuring;
using Multiprocess.Benchmarks.Peers;

namespace Multiprocess.Benchmarks.Figures;

/// <summary>What 10,000 live remote objects take on each side, by the collectors' own figures.</summary>
internal static class LiveObjects
{
    private const int Count = 10_000;
    private const double TargetBytes = 2_000_000;

    public static void Measure(Session session)
    {
        // A process of its own: what other figures left behind would move the sums.
        using Server server = new(session.Placement);
        IBenchmark root = server.Root;
        INode[] nodes = new INode[Count];
        root.MakeNode().Dispose();

        long serverBefore = root.LiveBytes();
        long clientBefore = Memory.LiveBytes();
        for (int i = 0; i < Count; i++)
        {
            nodes[i] = root.MakeNode();
        }

        double client = Memory.LiveBytes() - clientBefore;
        double served = root.LiveBytes() - serverBefore;
        session.Report("live-objects", Math.Max(client, served), "bytes", Math.Max(client, served) / TargetBytes);
        session.Report("live-objects-client", client, "bytes", client / TargetBytes);
        session.Report("live-objects-server", served, "bytes", served / TargetBytes);
        Array.ForEach(nodes, node => node.Dispose());
    }
}
