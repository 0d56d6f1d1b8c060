using System.Buffers.Binary;
using System.Net.Sockets;
using Multiprocess.Buffers;
using Multiprocess.Framing;
using Multiprocess.Messages;
using Multiprocess.Objects;
using Multiprocess.Protocols;
using Multiprocess.Serialization;
using Multiprocess.Tests.Support;
using Multiprocess.Tests.Transports;

namespace Multiprocess.Tests.Framing;

/// <summary>
/// What all connections of a user hold together, at low limits, with peers that stop in the worst moment.
/// </summary>
[Platform("Linux")]
[CancelAfter(60_000)]
[NonParallelizable]
public sealed class SharedByteLimitTests
{
    private const int Limit = 1024 * 1024;
    private const int Announced = 16 * 1024 * 1024;
    private const int Turn = 1500;

    private SocketDirectory _directory = null!;

    private IpcAddress Address => IpcAddress.Unix(_directory["s.sock"]);

    [SetUp]
    public void Prepare() => _directory = new SocketDirectory();

    [TearDown]
    public void Remove() => _directory.Dispose();

    [Test]
    public void A_large_frame_that_is_announced_and_not_sent_takes_little_memory()
    {
        using IpcServer server = IpcServer.Listen<IParcels>(Address, _ => new Parcels());
        using Socket peer = Attach();

        peer.Send([.. Prefix(64 * 1024 * 1024 - 1), 0x99]);

        Patience.Until(() => Partial(server) > 0, "the frame has begun");
        Assert.That(Partial(server), Is.LessThan(2 * 1024 * 1024));
    }

    [Test]
    public void Peers_that_stop_in_the_middle_of_large_frames_hold_no_more_than_the_limit_and_others_are_served()
    {
        const int Peers = 8;
        var options = new IpcServerOptions { MaxUserWaitingBytes = Limit, FrameTurnMilliseconds = Turn };
        using IpcServer server = IpcServer.Listen<IParcels>(Address, _ => new Parcels(), options);
        using IpcConnection<IParcels> good = IpcConnection.Connect<IParcels>(Address);
        Socket[] peers = [.. Enumerable.Range(0, Peers).Select(_ => Attach())];
        byte[] most = [.. Prefix(Announced), .. new byte[Announced - 1]];
        long held = 0;
        try
        {
            // Each sends all but the last byte, as far as it can.
            Task[] sending = [.. peers.Select(
                peer => Task.Factory.StartNew(() => SendAll(peer, most), TaskCreationOptions.LongRunning))];
            Patience.Until(() => Partial(server) > Limit, "more than the limit has come");

            for (int size = Limit / 2; size <= 4 * Limit; size *= 2)
            {
                TestThread<int> call = TestThread.Start(() => good.Root.Weigh(new byte[size]));
                Patience.Until(
                    () =>
                    {
                        held = Math.Max(held, Partial(server));
                        return call.HasEnded;
                    },
                    "a client that does not stop is served");
                Assert.That(call.Join(), Is.EqualTo(size));
            }

            Patience.Until(() => sending.Count(one => one.IsCompleted) > 1, "those that stop are ended, one by one");
        }
        finally
        {
            Array.ForEach(peers, peer => peer.Dispose());
        }

        // One frame in its turn, and those of two that are just being ended; an array may be a quarter larger.
        Assert.That(held, Is.LessThan(3 * Announced * 5 / 4));
    }

    [Test]
    public void One_connection_at_a_time_goes_on_and_gives_way_when_its_frame_is_complete_or_stops()
    {
        var server = new SharedByteLimit(1_000_000, outer: null, Turn);
        var user = new SharedByteLimit(500_000, server, Turn);
        var ended = new Signal();
        var first = new SharedByteLimitPart(user) { End = ended.Set };
        var second = new SharedByteLimitPart(user);
        first.Settle(600_000);

        Assert.That((first.TryTakeTurn(), second.TryTakeTurn(), first.TryTakeTurn()), Is.EqualTo((true, false, true)));
        first.EndTurn();
        Assert.That((second.TryTakeTurn(), first.TryTakeTurn()), Is.EqualTo((true, false)));
        second.EndTurn();
        Assert.That(first.TryTakeTurn(), Is.True);

        // Now it stops.
        Patience.Until(second.TryTakeTurn, "the second does not wait for ever");
        ended.Await();

        // At the limit of the server the turns are the server's.
        second.EndTurn();
        first.Settle(1_100_000);
        var other = new SharedByteLimitPart(new SharedByteLimit(500_000, server, Turn));
        Assert.That((other.TryTakeTurn(), second.TryTakeTurn()), Is.EqualTo((true, false)));
        other.EndTurn();
        first.Settle(0);
        Assert.That(server.Bytes, Is.Zero);
    }

    [TestCase(64 * 1024 + 1, 96 * 1024)]
    [TestCase(96 * 1024 + 1, 112 * 1024)]
    [TestCase(4 * 1024 * 1024, 4 * 1024 * 1024)]
    [TestCase(4 * 1024 * 1024 + 20, 5 * 1024 * 1024)]
    [TestCase(64 * 1024 * 1024 - 1, 64 * 1024 * 1024)]
    public void A_large_array_is_at_most_a_quarter_larger_than_asked_and_used_again(int asked, int expected)
    {
        byte[] array = FramePool.Rent(asked);
        FramePool.Return(array);
        byte[] again = FramePool.Rent(asked);

        Assert.That(array.Length, Is.EqualTo(expected));
        Assert.That(again, Is.SameAs(array));
    }

    [Test]
    public void Of_the_large_arrays_that_came_back_a_fixed_amount_is_kept()
    {
        const int Bytes = 3 * 1024 * 1024;
        WeakReference[] all = ReturnMany(Bytes, count: 12);

        Assert.That(LargeArrays.Kept, Is.LessThanOrEqualTo(LargeArrays.KeptBytes));
        Patience.UntilCollected(
            () => all.Count(one => one.IsAlive) <= LargeArrays.KeptBytes / Bytes, "the collector takes the others");
    }

    // Apart, so that no array stays on the stack of the test.
    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
    private static WeakReference[] ReturnMany(int bytes, int count)
    {
        byte[][] arrays = [.. Enumerable.Range(0, count).Select(_ => FramePool.Rent(bytes))];
        Array.ForEach(arrays, FramePool.Return);
        return [.. arrays.Select(array => new WeakReference(array))];
    }

    /// <summary>A peer that has said Hello, and whose socket the test has.</summary>
    private Socket Attach()
    {
        ContractBinding contract = ContractBinding<IParcels>.Instance;
        using var output = new PooledBufferWriter();
        var writer = new MessagePackWriter(output);
        new Hello(
            HelloMessage.CurrentVersion, 1, null, 0, contract.Name, contract.Fingerprint, Announced).Write(ref writer);
        writer.Flush();
        MessageFormat.End(output.Written);
        var peer = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)
        {
            ReceiveTimeout = Patience.Milliseconds,
        };
        peer.Connect(new UnixDomainSocketEndPoint(_directory["s.sock"]));
        peer.Send(output.WrittenSpan);
        using var stream = new NetworkStream(peer);
        byte[] length = new byte[sizeof(int)];
        stream.ReadExactly(length);
        stream.ReadExactly(new byte[BinaryPrimitives.ReadInt32LittleEndian(length)]);
        return peer;
    }

    private static long Partial(IpcServer server)
        => server.Connections.Sum(connection => connection.Core.Channel.Threads.Received.PartialMemory);

    private static byte[] Prefix(int length)
    {
        byte[] prefix = new byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(prefix, length);
        return prefix;
    }

    private static void SendAll(Socket peer, byte[] bytes)
    {
        try
        {
            peer.Send(bytes);
            _ = peer.Receive(new byte[1]);
        }
        catch (SocketException)
        {
            // The server has ended the connection.
        }
        catch (ObjectDisposedException)
        {
            // The test has.
        }
    }
}

/// <summary>Takes large arguments.</summary>
[IpcInterface]
public interface IParcels
{
    int Weigh(byte[] bytes);
}

internal sealed class Parcels : IParcels
{
    public int Weigh(byte[] bytes) => bytes.Length;
}
