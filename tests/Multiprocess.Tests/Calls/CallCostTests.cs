using System.Globalization;
using Multiprocess.Connections;
using Multiprocess.Native;
using Multiprocess.Serialization.Codecs;
using Multiprocess.Transports;
using Multiprocess.Transports.Tls;
using Multiprocess.Transports.Unix;

namespace Multiprocess.Tests.Calls;

/// <summary>
/// What one warm call costs that no clock shows: thread switches and system calls, of both ends together.
/// </summary>
[Platform("Linux")]
[NonParallelizable]
public sealed class CallCostTests
{
    private const int Calls = 2_000;

    [Test]
    public void A_warm_call_is_sent_and_received_once_on_each_side()
    {
        using var ends = new Ends();
        CallMany(ends.Root);
        ends.ResetCounts();

        CallMany(ends.Root);

        TestContext.Out.WriteLine($"per call: {ends.Describe(Calls)}");
        Assert.That(ends.Client.Sends, Is.EqualTo(Calls), "sends of the client");
        Assert.That(ends.Server.Sends, Is.EqualTo(Calls), "sends of the server");
        Assert.That(
            ends.Client.FullReceives + ends.Server.FullReceives,
            Is.LessThanOrEqualTo(2 * Calls),
            "receives that brought something");
        Assert.That(ends.Client.Polls + ends.Server.Polls, Is.LessThan(Calls), "polls of the stand-bys");
    }

    [Test]
    public void A_warm_call_switches_threads_at_most_once_on_each_side()
    {
        using var ends = new Ends();
        CallMany(ends.Root);

        // Other tests' threads end now and then, so the least of several rounds counts.
        double least = Enumerable.Range(0, 5).Min(_ => SwitchesPerCall(ends.Root));

        TestContext.Out.WriteLine($"voluntary switches per call: {least:F2}");
        Assert.That(least, Is.LessThanOrEqualTo(2.5));
    }

    private static double SwitchesPerCall(ICounter root)
    {
        long before = VoluntarySwitches();
        CallMany(root);
        return (VoluntarySwitches() - before) / (double)Calls;
    }

    private static void CallMany(ICounter root)
    {
        for (int i = 0; i < Calls; i++)
        {
            root.Add(i, 1);
        }
    }

    /// <summary>How often the threads of this process have blocked.</summary>
    private static long VoluntarySwitches()
    {
        const string label = "voluntary_ctxt_switches:";
        long total = 0;
        foreach (string task in Directory.EnumerateDirectories("/proc/self/task"))
        {
            try
            {
                string line = File.ReadLines(Path.Combine(task, "status")).First(
                    line => line.StartsWith(label, StringComparison.Ordinal));
                total += long.Parse(line.AsSpan(label.Length), CultureInfo.InvariantCulture);
            }
            catch (IOException)
            {
                // The thread ended meanwhile.
            }
        }

        return total;
    }

    /// <summary>Two ends over a pair of sockets whose use is counted.</summary>
    private sealed class Ends : IDisposable
    {
        private readonly IpcConnection<ICounter> _client;
        private readonly ServedConnection _server;

        public Ends()
        {
            (UnixSocketTransport client, UnixSocketTransport server) = TransportPair.CreateSocketPair();
            Client = new CountingTransport(client);
            Server = new CountingTransport(server);
            var serving = Task.Factory.StartNew(
                () => ServedConnection.Open<ICounter>(Server, new IpcConnectionOptions(), _ => new Counter()),
                TaskCreationOptions.LongRunning);
            _client = IpcConnection<ICounter>.Open(Client, new IpcConnectionOptions());
            _server = serving.GetAwaiter().GetResult();
        }

        public CountingTransport Client { get; }

        public CountingTransport Server { get; }

        public ICounter Root => _client.Root;

        public void ResetCounts()
        {
            Client.Reset();
            Server.Reset();
        }

        public string Describe(double calls)
            => $"sends {(Client.Sends + Server.Sends) / calls:F2}, receives "
                + $"{(Client.FullReceives + Server.FullReceives) / calls:F2}, "
                + $"receives in vain {(Client.EmptyReceives + Server.EmptyReceives) / calls:F2}, polls "
                + $"{(Client.Polls + Server.Polls) / calls:F2}";

        public void Dispose()
        {
            _client.Dispose();
            _server.Dispose();
        }
    }

    private sealed class Counter : ICounter
    {
        public int Add(int a, int b) => a + b;

        public long AllocatedByWorker() => 0;
    }

    /// <summary>Counts its system calls. Each of its methods is one.</summary>
    private sealed class CountingTransport(Transport inner) : Transport
    {
        private long _sends;
        private long _full;
        private long _empty;
        private long _polls;

        public long Sends => Interlocked.Read(ref _sends);

        public long FullReceives => Interlocked.Read(ref _full);

        public long EmptyReceives => Interlocked.Read(ref _empty);

        public long Polls => Interlocked.Read(ref _polls);

        public override string Description => inner.Description;

        public override IpcPeer Peer => inner.Peer;

        public override bool CanWaitBesideReceiver => inner.CanWaitBesideReceiver;

        public void Reset() => _sends = _full = _empty = _polls = 0;

        public override int TryReceive(Span<byte> buffer) => Count(inner.TryReceive(buffer));

        public override int Receive(Span<byte> buffer) => Count(inner.Receive(buffer));

        public override bool WaitToReceive(int milliseconds)
        {
            Interlocked.Increment(ref _polls);
            return inner.WaitToReceive(milliseconds);
        }

        public override int TrySend(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
        {
            Interlocked.Increment(ref _sends);
            return inner.TrySend(first, second);
        }

        public override bool WaitToSend(int milliseconds) => inner.WaitToSend(milliseconds);

        public override void Close() => inner.Close();

        public override void Dispose() => inner.Dispose();

        private int Count(int received)
        {
            Interlocked.Increment(ref received > 0 ? ref _full : ref _empty);
            return received;
        }
    }
}
