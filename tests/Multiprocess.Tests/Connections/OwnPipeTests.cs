using System.IO.Pipelines;
using Multiprocess.Tests.Support;
using Multiprocess.Threads;
using Multiprocess.Transports;
using Nerdbank.Streams;

namespace Multiprocess.Tests.Connections;

/// <summary>What an application brings to talk over.</summary>
public enum Own
{
    Pipe,
    Stream,
}

/// <summary>Connections over a pipe or a stream of the application's own.</summary>
[TestFixture(Own.Pipe)]
[TestFixture(Own.Stream)]
[CancelAfter(60_000)]
public sealed class OwnPipeTests(Own own)
{
    private static readonly IpcPeer s_stranger = new(4711, 4_000_000_000, 1);

    [Test]
    public void Client_and_server_call_each_other()
    {
        (End here, End there) = MakePair();
        TestThread<IpcConnection> serving = TestThread.Start(() => there.Serve(new Stage()));

        using IpcConnection<IStage> client = here.Connect();
        using IpcConnection server = serving.Join();

        Assert.That(client.Root.Call(2), Is.EqualTo(2));
        Assert.That(client.Root.CallBack(3, x => x + 1), Is.EqualTo(4));
        Assert.That((client.Peer, server.Peer), Is.EqualTo((new IpcPeer(0, -1, -1), new IpcPeer(0, -1, -1))));
    }

    [Test]
    public async Task Client_and_server_connect_without_blocking()
    {
        (End here, End there) = MakePair();
        Task<IpcConnection> serving = there.ServeAsync(new Stage());

        using IpcConnection<IStage> client = await here.ConnectAsync().WaitAsync(Patience.Bound);
        using IpcConnection server = await serving.WaitAsync(Patience.Bound);

        Assert.That(await client.Root.CallAsync(5).WaitAsync(Patience.Bound), Is.EqualTo(5));
    }

    [Test]
    public void Disposing_one_end_ends_the_other_and_gives_back_what_was_brought([Values] bool byClient)
    {
        (End here, End there) = MakePair();
        TestThread<IpcConnection> serving = TestThread.Start(() => there.Serve(new Stage()));
        using IpcConnection<IStage> client = here.Connect();
        using IpcConnection server = serving.Join();

        (byClient ? client : server).Dispose();

        Patience.Until(
            () => client.Closed.IsCancellationRequested && server.Closed.IsCancellationRequested,
            "both ends have ended");
        Patience.Until(() => here.IsGivenBack && there.IsGivenBack, "both ends are given back");
    }

    [Test]
    public void Connections_that_are_served_with_the_same_options_share_the_limit_on_waiting_bytes()
    {
        const int Limit = 64 * 1024;
        var options = new IpcServerOptions { MaxServerWaitingBytes = Limit };
        var leave = new Signal();
        using Served first = Begin(new Stage { OnPost = _ => leave.Await() }, options);
        using Served copy = Begin(new Stage(), options with { Backlog = 7 });
        using Served apart = Begin(new Stage(), options with { MaxServerWaitingBytes = 2 * Limit });
        try
        {
            for (int i = 0; i < 2000; i++)
            {
                first.Client.Root.Post(i);
            }

            Patience.Until(() => Received(first).IsPaused, "the server reads no more from the first");

            Assert.That(Received(copy).HasRoomFor(1), Is.False);
            Assert.That(Received(apart).HasRoomFor(1), Is.True);
            Assert.That(copy.Client.Root.Call(3), Is.EqualTo(3), "Little is always allowed.");
        }
        finally
        {
            leave.Set();
        }

        Patience.Until(() => Received(copy).HasRoomFor(1), "all was given back");
        Assert.That(options, Is.EqualTo(new IpcServerOptions { MaxServerWaitingBytes = Limit }));
    }

    [Test]
    public void A_peer_that_stays_silent_is_given_up([Values] bool isClient)
    {
        (End here, _) = MakePair();
        TimeSpan limit = TimeSpan.FromMilliseconds(200);

        Assert.That(
            () => isClient ? here.Connect(new IpcConnectionOptions { ConnectTimeout = limit }) : here.Serve(
                new Stage(), new IpcServerOptions { ConnectTimeout = limit }),
            Throws.TypeOf<IpcTimeoutException>());

        Patience.Until(() => here.IsGivenBack, "what was brought is given back");
    }

    [Test]
    public void A_frame_over_4096_bytes_before_the_handshake_ends_the_connection()
    {
        (End here, End there) = MakePair();
        TestThread<IpcConnection> serving = TestThread.Start(() => there.Serve(new Stage()));
        using var raw = new RawPeer(here.Transport());

        raw.SendBytes(BitConverter.GetBytes(4097));

        Assert.That(serving.Join, Throws.TypeOf<IpcProtocolException>().With.Message.Contains("4,096"));
        Assert.That(raw.ReceiveGoodbye().Kind, Is.EqualTo(IpcErrorKind.Protocol));
        Patience.Until(() => there.IsGivenBack, "what was brought is given back");
    }

    [Test]
    public void A_peer_that_is_not_known_is_asked_about_where_somebody_asks(
        [Values] bool isClient, [Values] bool throws)
    {
        (End here, _) = MakePair();
        IpcPeer? asked = null;
        bool Refuse(IpcPeer peer)
        {
            asked = peer;
            return throws ? throw new InvalidOperationException("of the test") : false;
        }

        Assert.That(
            () => isClient ? here.Connect(new IpcConnectionOptions { AuthorizePeer = Refuse }) : here.Serve(
                new Stage(), new IpcServerOptions { AuthorizePeer = Refuse }),
            Throws.TypeOf<IpcException>().With.Property(nameof(IpcException.Kind))
                .EqualTo(IpcErrorKind.Refused).And.Message.Contains("without credentials"));

        Assert.That(asked, Is.EqualTo(new IpcPeer(0, -1, -1)));
        Patience.Until(() => here.IsGivenBack, "what was brought is given back");
    }

    [Test]
    public void A_peer_who_is_said_to_be_another_user_is_refused_unless_allowed()
    {
        (End here, _) = MakePair();
        Assert.That(
            () => here.Serve(new Stage(), peer: s_stranger),
            Throws.TypeOf<IpcException>().With.Property(nameof(IpcException.Kind))
                .EqualTo(IpcErrorKind.Refused).And.Message.Contains("4711"));

        (here, End there) = MakePair();
        TestThread<IpcConnection> serving = TestThread.Start(
            () => there.Serve(
                new Stage(), new IpcServerOptions { AuthorizePeer = peer => peer == s_stranger }, s_stranger));
        using IpcConnection<IStage> client = here.Connect();
        using IpcConnection server = serving.Join();
        Assert.That(server.Peer, Is.EqualTo(s_stranger));
        Assert.That(client.Root.Call(1), Is.EqualTo(1));
    }

    [Test]
    public void Authorize_is_asked_with_the_peer_that_was_said()
    {
        (End here, End there) = MakePair();
        var named = new IpcPeer(0, -1, -1) { CertificateSubject = "CN=client" };
        (IpcPeer, Type)? asked = null;
        TestThread<IpcConnection> serving = TestThread.Start(() => there.Serve(
            new Stage(),
            new IpcServerOptions
            {
                Authorize = (peer, contract) =>
                {
                    asked = (peer, contract);
                    return false;
                },
            },
            named));

        Assert.That(
            () => here.Connect(),
            Throws.InstanceOf<IpcException>().With.Property(nameof(IpcException.Kind)).EqualTo(IpcErrorKind.Refused));
        Assert.That(serving.Join, Throws.TypeOf<IpcException>().With.Message.Contains("CN=client"));
        Assert.That(asked, Is.EqualTo((named, typeof(IStage))));
    }

    [Test]
    public void Stacks_of_exceptions_cross_only_to_a_peer_who_is_said_to_be_the_same_user([Values] bool isSaid)
    {
        (End here, End there) = MakePair();
        var stage = new Stage { OnCall = ThrowOnStage };
        TestThread<IpcConnection> serving = TestThread.Start(
            () => there.Serve(stage, peer: isSaid ? PeerCredentials.Own() : null));
        using IpcConnection<IStage> client = here.Connect();
        using IpcConnection server = serving.Join();

        var thrown = Assert.Catch(() => client.Root.Call(1))!;

        Assert.That(thrown.ToString().Contains(nameof(ThrowOnStage), StringComparison.Ordinal), Is.EqualTo(isSaid));
    }

    [Test]
    public void Cancelling_gives_back_what_was_brought([Values] bool isClient, [Values] bool before)
    {
        (End here, _) = MakePair();
        using CancellationTokenSource cancellation = new();
        if (before)
        {
            cancellation.Cancel();
        }

        Task connecting = isClient
            ? here.ConnectAsync(cancellation.Token)
            : here.ServeAsync(new Stage(), cancellation.Token);
        cancellation.Cancel();

        Assert.That(
            async () => await connecting.WaitAsync(Patience.Bound), Throws.InstanceOf<OperationCanceledException>());
        Patience.Until(() => here.IsGivenBack, "what was brought is given back");
    }

    [Test]
    public void What_the_factory_of_the_root_throws_reaches_both_sides()
    {
        (End here, End there) = MakePair();
        TestThread<IpcConnection> serving = TestThread.Start(
            () => there.Serve(_ => throw new NotSupportedException("of the test")));

        Assert.That(
            () =>
            {
                using IpcConnection<IStage> client = here.Connect();
                client.Root.Call(1);
            },
            Throws.InstanceOf<IpcException>());
        Assert.That(serving.Join, Throws.TypeOf<NotSupportedException>());
        Patience.Until(() => here.IsGivenBack && there.IsGivenBack, "both ends are given back");
    }

    [Test]
    public void Nothing_is_taken_over_without_arguments()
    {
        Assert.That(() => IpcConnection.Connect<IStage>((IDuplexPipe)null!), Throws.ArgumentNullException);
        Assert.That(() => IpcConnection.Connect<IStage>((Stream)null!), Throws.ArgumentNullException);
        (End here, End there) = MakePair();
        Assert.That(() => here.Serve(makeRoot: null!), Throws.ArgumentNullException);

        TestThread<IpcConnection> serving = TestThread.Start(() => there.Serve(new Stage()));
        using IpcConnection<IStage> client = here.Connect();
        using IpcConnection server = serving.Join();
        Assert.That(client.Root.Call(1), Is.EqualTo(1));
    }

    private static int ThrowOnStage(int x) => throw new InvalidOperationException($"of the test: {x}");

    private Served Begin(Stage stage, IpcServerOptions options)
    {
        (End here, End there) = MakePair();
        TestThread<IpcConnection> serving = TestThread.Start(() => there.Serve(stage, options));
        IpcConnection<IStage> client = here.Connect();
        return new Served(client, serving.Join());
    }

    private static ReceivedBytes Received(Served served) => served.Server.Core.Channel.Threads.Received;

    private sealed record Served(IpcConnection<IStage> Client, IpcConnection Server) : IDisposable
    {
        public void Dispose()
        {
            Client.Dispose();
            Server.Dispose();
        }
    }

    private (End Here, End There) MakePair()
    {
        (IDuplexPipe here, IDuplexPipe there) = FullDuplexStream.CreatePipePair(
            new PipeOptions(useSynchronizationContext: false));
        return (new End(here, own), new End(there, own));
    }

    /// <summary>One end, brought as a pipe or as a stream.</summary>
    private sealed class End
    {
        private readonly WatchedReader _reader;
        private readonly IDuplexPipe? _pipe;
        private readonly Stream? _stream;

        public End(IDuplexPipe pipe, Own own)
        {
            _reader = new WatchedReader(pipe.Input);
            IDuplexPipe watched = new DuplexPipe(_reader, pipe.Output);
            (_pipe, _stream) = own == Own.Pipe ? (watched, (Stream?)null) : (null, watched.AsStream());
        }

        /// <summary>
        /// Whether the pipe's end, or that beneath the stream, which completes it when it is disposed, is completed.
        /// </summary>
        public bool IsGivenBack => _reader.IsCompleted;

        public Transport Transport() => _pipe is null
            ? Multiprocess.Tests.Transports.OwnStreamTests.Over(_stream!)
            : Endpoint.Over(_pipe, null, IpcConnection.OwnPipe, new IpcConnectionOptions());

        public IpcConnection<IStage> Connect(IpcConnectionOptions? options = null)
            => _pipe is null
                ? IpcConnection.Connect<IStage>(_stream!, options)
                : IpcConnection.Connect<IStage>(_pipe, options);

        public Task<IpcConnection<IStage>> ConnectAsync(CancellationToken cancellationToken = default)
            => _pipe is null
                ? IpcConnection.ConnectAsync<IStage>(_stream!, cancellationToken: cancellationToken)
                : IpcConnection.ConnectAsync<IStage>(_pipe, cancellationToken: cancellationToken);

        public IpcConnection Serve(IStage root, IpcServerOptions? options = null, IpcPeer? peer = null)
            => Serve(_ => root, options, peer);

        public IpcConnection Serve(
            Func<IpcConnection, IStage> makeRoot, IpcServerOptions? options = null, IpcPeer? peer = null)
            => _pipe is null
                ? IpcServer.Serve(_stream!, makeRoot, options, peer)
                : IpcServer.Serve(_pipe, makeRoot, options, peer);

        public Task<IpcConnection> ServeAsync(IStage root, CancellationToken cancellationToken = default)
            => _pipe is null
                ? IpcServer.ServeAsync(_stream!, _ => root, cancellationToken: cancellationToken)
                : IpcServer.ServeAsync(_pipe, _ => root, cancellationToken: cancellationToken);
    }

    private sealed class WatchedReader(PipeReader inner) : PipeReader
    {
        private volatile bool _isCompleted;

        public bool IsCompleted => _isCompleted;

        public override bool TryRead(out ReadResult result) => inner.TryRead(out result);

        public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
            => inner.ReadAsync(cancellationToken);

        public override void AdvanceTo(SequencePosition consumed) => inner.AdvanceTo(consumed);

        public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
            => inner.AdvanceTo(consumed, examined);

        public override void CancelPendingRead() => inner.CancelPendingRead();

        public override void Complete(Exception? exception = null)
        {
            inner.Complete(exception);
            _isCompleted = true;
        }
    }
}
