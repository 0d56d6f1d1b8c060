using Multiprocess.Connections;
using Multiprocess.Messages;
using Multiprocess.Native;
using Multiprocess.Objects;
using Multiprocess.Protocols;
using Multiprocess.Serialization.Codecs;
using Multiprocess.Tests.Support;
using Multiprocess.Transports;
using Multiprocess.Transports.Unix;

namespace Multiprocess.Tests.Connections;

/// <summary>What is called while its connection moves.</summary>
[IpcInterface]
public interface IMoved
{
    int Add(int a, int b);

    byte[] Echo(byte[] bytes);
}

/// <summary>A connection moves into shared memory while it is busy, and back, and its calls go on.</summary>
[Platform("Linux")]
[NonParallelizable]
internal sealed class MemoryMoveTests
{
    private const int Busy = 128;

    private static readonly IpcConnectionOptions s_auto = new() { LocalTransport = IpcLocalTransport.Auto };
    private static readonly IpcConnectionOptions s_always = new() { LocalTransport = IpcLocalTransport.Memory };

    [SetUp]
    public void NeedsTwoProcessors()
    {
        if (NativeProcessors.CountOfBoth(Environment.ProcessId) == 1)
        {
            Assert.Ignore("On one processor a connection stays on its socket.");
        }
    }

    [Test]
    public void A_busy_connection_moves_and_its_calls_go_on()
    {
        using var log = new TestLog();
        using var ends = new Ends(s_auto with { TimeProvider = new ManualTime(), LoggerFactory = log });

        ends.Call(Busy - 1);
        Assert.That(ends.AreInMemory, Is.False, "too few calls so far");
        ends.CallUntil(inMemory: true);
        ends.Call(1000);

        Patience.Until(() => log.Entries.Count(entry => entry.Id == 8) == 1, "it is logged once");
        Assert.That(log.Entries.Single(entry => entry.Id == 1).Text, Does.Contain("and shared memory while busy"));
    }

    [Test]
    public void Slow_calls_stay_on_the_socket()
    {
        var time = new ManualTime();
        using var ends = new Ends(s_auto with { TimeProvider = time });

        for (int i = 0; i < 4 * Busy; i++)
        {
            ends.Call(1);
            time.Advance(TimeSpan.FromMilliseconds(1));
        }

        Assert.That(ends.AreInMemory, Is.False);
        Assert.That(SharedMappings(), Is.Zero);
    }

    [Test]
    public void A_quiet_connection_gives_its_memory_back_and_moves_again_later_than_before()
    {
        var time = new ManualTime();
        using var log = new TestLog();
        using var ends = new Ends(s_auto with { TimeProvider = time, LoggerFactory = log });
        ends.CallUntil(inMemory: true);
        Assert.That(SharedMappings(), Is.EqualTo(2), "one on each side");

        for (int i = 0; i < 3; i++)
        {
            time.Advance(TimeSpan.FromSeconds(1));
        }

        Patience.Until(() => !ends.AreInMemory && SharedMappings() == 0, "both sides have given it back");
        Patience.Until(() => log.Entries.Count(entry => entry.Id == 9) == 1, "it is logged once");
        ends.Call((2 * Busy) - 1);
        Assert.That(ends.AreInMemory, Is.False, "the stay was short, so the next one takes more");
        ends.CallUntil(inMemory: true);
        ends.Call(100);
    }

    [Test]
    public void A_busy_connection_stays_in_memory()
    {
        var time = new ManualTime();
        using var ends = new Ends(s_auto with { TimeProvider = time });
        ends.CallUntil(inMemory: true);

        for (int i = 0; i < 5; i++)
        {
            ends.Call(100);
            time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.That(ends.AreInMemory, Is.True);
    }

    /// <summary>
    /// Both ends are in this process, and other programs want the processors too: so it is tried until for a few calls
    /// neither side had to wait.
    /// </summary>
    [Test]
    public void Warm_calls_make_no_system_call_while_both_sides_spin()
    {
        const int calls = 20;
        using var ends = new Ends(s_always, s_always);
        ends.CallUntil(inMemory: true);
        ends.Call(2000);

        long fewest = long.MaxValue;
        bool wereFree = SpinWait.SpinUntil(
            () =>
            {
                long before = ends.SocketUses;
                ends.Call(calls);
                fewest = Math.Min(fewest, ends.SocketUses - before);
                return fewest == 0;
            },
            TimeSpan.FromSeconds(5));

        Assert.That(ends.AreInMemory, Is.True);
        if (!wereFree)
        {
            // With many programs per processor the two sides never run at the same time.
            Assert.Inconclusive($"The fewest uses of the socket in {calls} calls were {fewest}.");
        }
    }

    [Test]
    public void Many_moves_back_and_forth_lose_nothing_under_load()
    {
        var time = new ManualTime();
        using var ends = new Ends(s_auto with { TimeProvider = time, MemoryRingBytes = 4 * 1024 });
        using var stop = new CancellationTokenSource();
        TestThread<int>[] callers = [.. Enumerable.Range(0, 4).Select(_ => TestThread.Start(() =>
        {
            int calls = 0;
            for (; !stop.IsCancellationRequested; calls++)
            {
                ends.Check(calls, calls % 50 == 0 ? 20_000 : 10);
            }

            return calls;
        }))];

        int moves = 0;
        for (long end = Environment.TickCount64 + 3000; Environment.TickCount64 < end;)
        {
            if (ends.AreInMemory)
            {
                // Two looks with nothing in between find it quiet, in the middle of its calls.
                time.Advance(TimeSpan.FromSeconds(1));
                time.Advance(TimeSpan.FromSeconds(1));
                moves++;
            }

            _ = Thread.Yield();
        }

        stop.Cancel();
        Assert.That(callers.Select(caller => caller.Join()), Is.All.Positive);
        Assert.That(moves, Is.Positive, "it was in memory now and then");
    }

    [Test]
    public void Large_messages_of_many_threads_cross_small_rings_in_both_directions()
    {
        using var ends = new Ends(s_always with { MemoryRingBytes = 4 * 1024 });
        ends.CallUntil(inMemory: true);

        TestThread<bool>[] callers = [.. Enumerable.Range(0, 4).Select(seed => TestThread.Start(() =>
        {
            for (int i = 0; i < 10; i++)
            {
                ends.Check(seed + i, 300_000 + seed);
            }

            return true;
        }))];

        Assert.That(callers.Select(caller => caller.Join()), Is.All.True);
    }

    [Test]
    public void A_peer_that_does_not_take_part_is_talked_to_over_the_socket([Values] bool isServer)
    {
        var never = new IpcConnectionOptions { LocalTransport = IpcLocalTransport.Socket };
        using var ends = isServer ? new Ends(s_always, never) : new Ends(never, s_always);

        ends.Call(3 * Busy);

        Assert.That(ends.AreInMemory, Is.False);
        Assert.That(SharedMappings(), Is.Zero);
    }

    [Test]
    public void The_smaller_ring_of_both_sides_is_used()
    {
        using var log = new TestLog();
        using var ends = new Ends(
            s_always with { MemoryRingBytes = 1024 * 1024, LoggerFactory = log },
            s_auto with { MemoryRingBytes = 8 * 1024 });

        ends.CallUntil(inMemory: true);

        Patience.Until(() => log.Entries.Any(entry => entry.Id == 8), "it is logged");
        Assert.That(log.Entries.Single(entry => entry.Id == 8).Values["RingBytes"], Is.EqualTo(8 * 1024));
    }

    [Test]
    public void Connections_in_memory_are_counted_and_leave_nothing_behind()
    {
        int before = Transports.Descriptors.Count();
        using (var ends = new Ends(s_always))
        {
            ends.CallUntil(inMemory: true);
            int now = Transports.Descriptors.Count();
            Assert.That(now, Is.LessThanOrEqualTo(before + 6), "the memory has no descriptor left");
            using var meter = new TestMeter();
            Assert.That(meter.Look("multiprocess.connections.memory").Sum(measured => measured.Value), Is.EqualTo(2));
        }

        Patience.Until(() => SharedMappings() == 0, "both sides have given the memory back");
    }

    [Test]
    public void Ending_the_connection_at_any_moment_of_a_move_leaves_nothing([Range(0, 30)] int calls)
    {
        using (var ends = new Ends(s_always))
        {
            ends.Call(calls % 8);
            if (calls % 2 == 0)
            {
                ends.CloseServer();
            }
        }

        Patience.Until(() => SharedMappings() == 0, "both sides have given the memory back");
    }

    [TestCase(MemoryStep.Ask, 4096)]
    [TestCase(MemoryStep.Offer, 4096)]
    [TestCase(MemoryStep.Refuse, 0)]
    [TestCase(MemoryStep.Begin, 0)]
    [TestCase(MemoryStep.End, 0)]
    public void A_step_that_was_not_agreed_on_ends_the_connection(MemoryStep step, int ringBytes)
    {
        using RawPeer peer = RawPeer.Attach<IMoved>(
            new Moved(), IpcTestTransport.SocketPair, s_auto, out IpcConnection server);

        peer.Send((ref MessagePackWriter writer) => MemoryMessage.Write(ref writer, step, ringBytes));

        Assert.That(peer.ReceiveGoodbye().Kind, Is.EqualTo(IpcErrorKind.Protocol));
        Assert.That(server.Closed.WaitHandle.WaitOne(Patience.Bound), Is.True);
    }

    [Test]
    public void A_step_out_of_range_ends_the_connection()
    {
        using RawPeer peer = RawPeer.Attach<IMoved>(new Moved(), IpcTestTransport.SocketPair, s_auto, out _);

        peer.SendFrame(0x93, (byte)MessageType.Memory, 5, 0);

        Assert.That(peer.ReceiveGoodbye().Reason, Does.Contain("Expected a step from 0 to 4"));
    }

    [Test]
    public void Abilities_of_a_later_version_are_ignored()
    {
        (Transport raw, Transport real) = RawPeer.MakeTransports(IpcTestTransport.SocketPair);
        using var peer = new RawPeer(raw);
        TestThread<ServedConnection> serving = TestThread.Start(
            () => ServedConnection.Open<IMoved>(real, s_auto, _ => new Moved()));

        var hello = new Hello(
            HelloMessage.CurrentVersion,
            1,
            null,
            0,
            ContractBinding<IMoved>.Instance.Name,
            0,
            64 * 1024,
            (HelloAbilities)0xfff2);
        peer.Send((ref MessagePackWriter writer) => hello.Write(ref writer));

        using ServedConnection server = serving.Join();
        Assert.That(server.Completion.IsCompleted, Is.False);
        Assert.That(peer.Receive()!.ElementsBehindBody, Is.EqualTo(1), "this side names its own");
    }

    private static int SharedMappings()
        => File.ReadLines("/proc/self/maps")
            .Count(line => line.Contains("memfd:multiprocess", StringComparison.Ordinal));

    private sealed class Moved : IMoved
    {
        public int Add(int a, int b) => a + b;

        public byte[] Echo(byte[] bytes) => bytes;
    }

    /// <summary>Two ends over a pair of sockets, in one process.</summary>
    private sealed class Ends : IDisposable
    {
        private readonly IpcConnection<IMoved> _client;
        private readonly ServedConnection _server;

        public Ends(IpcConnectionOptions ofClient, IpcConnectionOptions? ofServer = null)
        {
            (UnixSocketTransport client, UnixSocketTransport server) = TransportPair.CreateSocketPair();
            TestThread<ServedConnection> serving = TestThread.Start(
                () => ServedConnection.Open<IMoved>(server, ofServer ?? s_auto, _ => new Moved()));
            _client = IpcConnection<IMoved>.Open(client, ofClient);
            _server = serving.Join();
        }

        public bool AreInMemory => _client.Core.IsInMemory || _server.Core.IsInMemory;

        public long SocketUses => _client.Core.SocketUses + _server.Core.SocketUses;

        public void Call(int times)
        {
            for (int i = 0; i < times; i++)
            {
                Assert.That(_client.Root.Add(i, 1), Is.EqualTo(i + 1));
            }
        }

        public void Check(int seed, int length)
        {
            byte[] sent = new byte[length];
            new Random(seed).NextBytes(sent);
            Assert.That(_client.Root.Echo(sent).AsSpan().SequenceEqual(sent), Is.True);
        }

        public void CallUntil(bool inMemory)
            => Patience.Until(
                () =>
                {
                    Call(1);
                    return _client.Core.IsInMemory == inMemory && _server.Core.IsInMemory == inMemory;
                },
                "the connection moves");

        public void CloseServer() => _server.Dispose();

        public void Dispose()
        {
            _client.Dispose();
            _server.Dispose();
        }
    }
}
