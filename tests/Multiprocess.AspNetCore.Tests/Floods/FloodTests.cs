using Multiprocess.Threads;

namespace Multiprocess.AspNetCore.Tests.Floods;

/// <summary>
/// Peers that make a server hold as much as they can, over every kind of connection: the server's waiting bytes stay
/// below the limit, and others are served meanwhile.
/// </summary>
[TestFixture(Over.Unix)]
[TestFixture(Over.Tls)]
[TestFixture(Over.TlsOfKestrel)]
[TestFixture(Over.WebSocket)]
[CancelAfter(120_000)]
[Platform("Linux")]
public sealed class FloodTests(Over over)
{
    public static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);

    private const int Mebibyte = 1024 * 1024;
    private const int OfConnection = 2 * Mebibyte;
    private const int OfServer = 4 * Mebibyte;
    private const int Peers = 3;

    private static readonly IpcServerOptions s_options = new()
    {
        MaxServerWaitingBytes = OfServer,
        MaxUserWaitingBytes = OfServer,
        Limits = new IpcLimits { MaxWaitingBytes = OfConnection },
    };

    // The limit of a peer itself: a flood that the server does not take must fail there soon.
    private static readonly IpcConnectionOptions s_ofPeers = new()
    {
        Limits = new IpcLimits { MaxWaitingBytes = 256 * 1024 },
    };

    [Test]
    public async Task Peers_that_never_read_make_the_server_hold_little_and_others_are_served()
    {
        const int Answer = Mebibyte;
        const int Threads = 8;
        await using FloodedServer server = await FloodedServer.StartAsync(over, s_options);
        using IpcConnection<IFlood> good = await IpcConnection.ConnectAsync<IFlood>(await server.OpenAsync());
        Assert.That(good.Root.Add(1, 2), Is.EqualTo(3));
        List<IpcConnection<IFlood>> peers = [];
        List<Thread> threads = [];
        long most = 0;
        try
        {
            for (int i = 0; i < Peers; i++)
            {
                var stream = new StoppingStream(await server.OpenAsync());
                IpcConnection<IFlood> peer = await IpcConnection.ConnectAsync<IFlood>(stream, s_ofPeers);
                peers.Add(peer);
                Assert.That(peer.Root.Add(1, 2), Is.EqualTo(3));
                stream.Stop();
                threads.AddRange(Enumerable.Range(0, Threads).Select(_ => Begin(() => peer.Root.Give(Answer))));
            }

            Until(
                () =>
                {
                    most = Math.Max(most, server.Waiting);
                    return server.Connections.Skip(1).All(one => one.Core.Channel.Sender.Waiting > 0);
                },
                "answers wait for each of the peers");

            for (int i = 0; i < 20; i++)
            {
                Assert.That(await Served(() => good.Root.Give(Answer).Length), Is.EqualTo(Answer));
                most = Math.Max(most, server.Waiting);
            }
        }
        finally
        {
            peers.ForEach(peer => peer.Dispose());
        }

        // Each connection may have one answer in hand beyond the limit, whose array is at most a quarter larger.
        Assert.That(most, Is.GreaterThan(OfConnection).And.LessThan(OfServer + ((Peers + 1) * (Answer * 5 / 4))));
        Assert.That(threads.All(thread => thread.Join(Bound)), Is.True);
        Until(() => server.Waiting == 0, "nothing waits when the peers have left");
        Assert.That(good.Root.Add(3, 4), Is.EqualTo(7));
    }

    [Test]
    public async Task One_way_calls_beyond_the_limit_stay_with_their_senders_and_others_are_served()
    {
        const int Message = 64 * 1024;

        // What a connection may have received when it notices that it has too much.
        const int Buffered = 2 * Mebibyte;
        await using FloodedServer server = await FloodedServer.StartAsync(over, s_options);
        using IpcConnection<IFlood> good = await IpcConnection.ConnectAsync<IFlood>(await server.OpenAsync());
        Assert.That(good.Root.Add(1, 2), Is.EqualTo(3));
        server.Hold();
        List<IpcConnection<IFlood>> peers = [];
        List<Thread> threads = [];
        long sent = 0;
        byte[] message = new byte[Message];
        try
        {
            for (int i = 0; i < Peers; i++)
            {
                IpcConnection<IFlood> peer = await IpcConnection.ConnectAsync<IFlood>(
                    await server.OpenAsync(), s_ofPeers);
                peers.Add(peer);
                threads.Add(Begin(() =>
                {
                    peer.Root.Take(message);
                    Interlocked.Add(ref sent, Message);
                }));
            }

            Until(
                () => server.Connections.Count() > Peers && Received(server).All(one => one.IsPaused),
                "the server reads no peer any more");
            Assert.That(Received(server).Select(one => one.Bytes), Is.All.LessThan(OfConnection + Buffered));
            Assert.That(server.Waiting, Is.LessThan(OfServer + (Peers * Buffered)));
            for (int i = 0; i < 20; i++)
            {
                Assert.That(await Served(() => good.Root.Give(Mebibyte).Length), Is.EqualTo(Mebibyte));
            }

            Assert.That(Received(server).All(one => one.IsPaused), Is.True, "the server still does not read them");
            long held = Interlocked.Read(ref sent);
            server.Release();

            Until(() => Interlocked.Read(ref sent) > held + (10 * OfServer), "they go on");
        }
        finally
        {
            server.Release();
            peers.ForEach(peer => peer.Dispose());
        }

        Assert.That(threads.All(thread => thread.Join(Bound)), Is.True);
        Until(() => server.Waiting == 0, "nothing waits when the peers have left");
        Assert.That(good.Root.Add(3, 4), Is.EqualTo(7));
    }

    /// <summary>What the connections but the first, which is the good one's, have received.</summary>
    private static IEnumerable<ReceivedBytes> Received(FloodedServer server)
        => server.Connections.Skip(1).Select(one => one.Core.Channel.Threads.Received);

    /// <summary>Does the same again and again until the connection ends.</summary>
    private static Thread Begin(Action act)
    {
        var thread = new Thread(() =>
        {
            var wait = default(SpinWait);
            while (TryAct(act))
            {
                wait.SpinOnce();
            }
        }) { IsBackground = true };
        thread.Start();
        return thread;
    }

    /// <summary>Acts until the limit of the peer itself refuses it; false when the connection has ended.</summary>
    private static bool TryAct(Action act)
    {
        try
        {
            while (true)
            {
                act();
            }
        }
        catch (IpcException exception)
        {
            return exception.Kind == IpcErrorKind.LimitExceeded;
        }
    }

    private static Task<T> Served<T>(Func<T> call)
        => Task.Factory.StartNew(call, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)
            .WaitAsync(Bound);

    private static void Until(Func<bool> condition, string expected)
        => Assert.That(SpinWait.SpinUntil(condition, Bound), Is.True, $"Expected in time: {expected}.");
}
