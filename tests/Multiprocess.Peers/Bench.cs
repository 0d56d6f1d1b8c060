using System.Diagnostics;
using Multiprocess.Benchmarks.Measuring;
using Multiprocess.Peers.Peers;

namespace Multiprocess.Peers;

/// <summary>Measures all libraries in turns, so that whatever disturbs the machine disturbs each of them.</summary>
internal sealed class Bench(Effort effort, bool sweeps, Action<Reading> report)
{
    public const string Call = "call";
    public const string Callback = "callback";
    public const string InFlight = "async-64";
    public const string Echo = "echo-1MiB";
    public const string Spawn = "spawn";
    public const string Allocated = "allocated";

    private static readonly Func<Peer>[] s_make =
    [
        () => new MultiprocessPeer(),
        () => new StreamJsonRpcPeer(),
        () => new GrpcPeer(),
        () => new Http2Peer(),
    ];

    public static string Threads(int count) => $"threads-{count}";

    public void Run()
    {
        Peer[] peers = [.. s_make.Select(make => make())];
        try
        {
            Latencies(Call, peers, peer => peer.Call(effort.Scale * effort.Rounds * 50));
            Latencies(Callback, peers, peer => peer.Callback(effort.Scale * effort.Rounds * 50));
            byte[] bytes = new byte[1024 * 1024];
            Latencies(Echo, peers, peer => peer.Echo(effort.Scale * effort.Rounds * 3, bytes));
            foreach (int threads in sweeps ? [1, 2, 4, 8, 16, 32] : new[] { 16 })
            {
                Rates(Threads(threads), peers, peer => Throughput.OfThreads(threads, effort.Turn, peer.Add));
            }

            Rates(InFlight, peers, peer => Throughput.OfTasks(64, effort.Turn, peer.AddAsync));
            Allocations(peers);
        }
        finally
        {
            Array.ForEach(peers, peer => peer.Dispose());
        }

        Starts();
    }

    private void Latencies(string figure, Peer[] peers, Func<Peer, Subject?> subject)
    {
        var able = peers.Select(peer => (peer.Name, Subject: subject(peer)))
            .Where(pair => pair.Subject is not null)
            .ToArray();
        Timing[] timings = Comparison.Run(effort, processorSeconds: null, [.. able.Select(pair => pair.Subject!)]);
        foreach (((string name, _), Timing timing) in able.Zip(timings))
        {
            report(new Reading(figure, name, timing.P50, "µs"));
        }
    }

    private void Rates(string figure, Peer[] peers, Func<Peer, Throughput> measure)
    {
        Throughput[] rates = Throughput.Compare(
            effort.Rounds,
            [.. peers.Select(peer => (Func<Throughput>)(() => measure(peer)))]);
        foreach ((Peer peer, Throughput rate) in peers.Zip(rates))
        {
            report(new Reading(figure, peer.Name, rate.CallsPerSecond, "calls/s"));
            report(new Reading(figure + "-p50", peer.Name, rate.P50, "µs"));
        }
    }

    /// <summary>By the process, because libraries allocate on other threads too.</summary>
    private void Allocations(Peer[] peers)
    {
        int calls = effort.Scale * effort.Rounds * 200;
        foreach (Peer peer in peers)
        {
            Count(peer, calls);

            // What asking allocates itself is taken off.
            double bytes = Count(peer, calls) - Count(peer, 0);
            report(new Reading(Allocated, peer.Name, Math.Max(0, Math.Round(bytes / calls)), "bytes"));
        }

        static double Count(Peer peer, int calls)
        {
            Subject subject = peer.Call(calls);
            long[] ticks = new long[calls];
            long before = peer.ServerAllocatedBytes() + GC.GetTotalAllocatedBytes(precise: true);
            subject.Run(ticks);
            return peer.ServerAllocatedBytes() + GC.GetTotalAllocatedBytes(precise: true) - before;
        }
    }

    /// <summary>From nothing to the first answer: the process, the connection, the call.</summary>
    private void Starts()
    {
        // A start is measured as its users have it.
        Environment.SetEnvironmentVariable(WarmUp.Variable, null);
        var starts = s_make.Select(_ => new List<double>()).ToArray();
        string[] names = new string[s_make.Length];

        // The first of each is not counted: it compiles this side and brings the files into memory.
        for (int round = 0; round <= effort.Starts; round++)
        {
            for (int i = 0; i < s_make.Length; i++)
            {
                long start = Stopwatch.GetTimestamp();
                using Peer peer = s_make[i]();
                peer.Add();
                if (round > 0)
                {
                    starts[i].Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
                }

                names[i] = peer.Name;
            }
        }

        for (int i = 0; i < s_make.Length; i++)
        {
            report(new Reading(Spawn, names[i], Statistics.Median([.. starts[i]]), "ms"));
        }
    }
}
