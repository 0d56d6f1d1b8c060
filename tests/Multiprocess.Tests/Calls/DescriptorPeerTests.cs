using System.IO.Pipelines;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Multiprocess.Connections;
using Multiprocess.Generated;
using Multiprocess.Messages;
using Multiprocess.Native;
using Multiprocess.Objects;
using Multiprocess.Protocols;
using Multiprocess.Tests.Support;
using Multiprocess.Tests.Transports;
using Multiprocess.Transports;
using Multiprocess.Transports.Rings;
using Multiprocess.Transports.Unix;
using Nerdbank.Streams;

namespace Multiprocess.Tests.Calls;

/// <summary>What a peer that breaks the rules about descriptors gets, and what other transports say.</summary>
[Platform("Linux")]
[NonParallelizable]
internal sealed class DescriptorPeerTests
{
    private static readonly uint s_read = WireId("Read(Microsoft.Win32.SafeHandles.SafeFileHandle):System.String");

    [Test]
    public void A_message_that_announces_some_without_bringing_them_ends_the_connection()
    {
        using var peer = new Peer();

        peer.Raw.Send((ref MessagePackWriter writer) => DescriptorsMessage.Write(ref writer, 1));

        Assert.That(peer.Raw.ReceiveGoodbye().Reason, Does.Contain("Expected 1 descriptors").And.Contain("got none"));
    }

    [TestCase(1, 2)]
    [TestCase(2, 1)]
    [TestCase(65, 65)]
    public void Another_number_than_announced_or_allowed_ends_the_connection(int brought, int announced)
    {
        using var peer = new Peer();

        peer.Bring(brought);
        peer.Raw.Send((ref MessagePackWriter writer) => DescriptorsMessage.Write(ref writer, announced));

        Assert.That(peer.Raw.ReceiveGoodbye().Kind, Is.EqualTo(IpcErrorKind.Protocol));
        Patience.Until(() => Descriptors.CountWithoutPrograms() <= peer.Before, "all closed");
    }

    [Test]
    public void Descriptors_that_nothing_announces_end_the_connection_after_some_and_are_closed()
    {
        using var peer = new Peer();

        try
        {
            for (int i = 1; i <= 30; i++)
            {
                peer.Bring(3);
                peer.Raw.Send((ref MessagePackWriter writer) => ReleaseMessageOfNothing(ref writer));
            }
        }
        catch (IOException)
        {
            // The other side has closed already.
        }

        Assert.That(peer.Server.Closed.WaitHandle.WaitOne(Patience.Bound), Is.True);

        // What this side has not sent, its own end has.
        peer.Raw.Dispose();
        Patience.Until(() => Descriptors.CountWithoutPrograms() < peer.Before, "all closed");

        static void ReleaseMessageOfNothing(ref MessagePackWriter writer) => CancelMessage.Write(ref writer, 0, 1);
    }

    [Test]
    public void A_message_other_than_a_call_behind_the_announcement_ends_the_connection()
    {
        using var peer = new Peer();

        peer.Bring(1);
        peer.Raw.Send((ref MessagePackWriter writer) => DescriptorsMessage.Write(ref writer, 1));
        peer.Raw.Send((ref MessagePackWriter writer) => CancelMessage.Write(ref writer, 0, 1));

        Assert.That(peer.Raw.ReceiveGoodbye().Reason, Does.Contain("Expected a Call, Return or Error"));
        Patience.Until(() => Descriptors.CountWithoutPrograms() <= peer.Before, "closed");
    }

    [TestCase(1)]
    [TestCase(1000)]
    public void A_place_that_the_message_does_not_have_ends_the_connection(int place)
    {
        using var peer = new Peer();

        peer.Bring(1);
        peer.Raw.Send((ref MessagePackWriter writer) => DescriptorsMessage.Write(ref writer, 1));
        peer.Raw.SendCall(1, 1, 0, 1, s_read, (ref MessagePackWriter writer) =>
        {
            writer.WriteArrayHeader(1);
            writer.WriteExtensionFormatHeader(
                new ExtensionHeader(DescriptorFormat.ExtensionType, place > 127 ? 3u : 1u));
            writer.Write(place);
        });

        Assert.That(peer.Raw.ReceiveGoodbye().Reason, Does.Contain("not read before"));
        Patience.Until(() => Descriptors.CountWithoutPrograms() <= peer.Before, "closed");
    }

    [Test]
    public void One_that_is_named_twice_ends_the_connection()
    {
        using var peer = new Peer();

        peer.Bring(1);
        peer.Raw.Send((ref MessagePackWriter writer) => DescriptorsMessage.Write(ref writer, 1));
        peer.Raw.SendCall(
            1,
            1,
            0,
            1,
            WireId("Count(Microsoft.Win32.SafeHandles.SafeFileHandle[]):System.Int32"),
            (ref MessagePackWriter writer) =>
            {
                writer.WriteArrayHeader(1);
                writer.WriteArrayHeader(2);
                DescriptorFormat.Write(ref writer, 0);
                DescriptorFormat.Write(ref writer, 0);
            });

        Assert.That(peer.Raw.ReceiveGoodbye().Reason, Does.Contain("not read before"));
    }

    [Test]
    public void Those_of_a_call_that_does_not_read_them_are_closed()
    {
        using var peer = new Peer();
        int there = Descriptors.CountWithoutPrograms();

        for (int request = 1; request <= 20; request++)
        {
            peer.Bring(3);
            peer.Raw.Send((ref MessagePackWriter writer) => DescriptorsMessage.Write(ref writer, 3));
            peer.Raw.SendCall(
                1, request, 0, 1, 0xdeadbeef, (ref MessagePackWriter writer) => writer.WriteArrayHeader(0));
            Message? answer = peer.Raw.Receive();
            Assert.That(answer?.Type, Is.EqualTo(MessageType.Error), "there is no such method");
        }

        Patience.Until(() => Descriptors.CountWithoutPrograms() <= there, "all closed");
    }

    [Test]
    public void A_peer_whose_contract_has_none_is_not_listened_to()
    {
        (UnixSocketTransport raw, UnixSocketTransport real) = TransportPair.CreateSocketPair();
        using var ring = new RingTransport(raw, isClient: true);
        using var peer = new RawPeer(ring);
        TestThread<ServedConnection> serving = TestThread.Start(
            () => ServedConnection.Open<INoFiles>(real, new IpcConnectionOptions(), _ => new NoFiles()));
        peer.SayHello(serves: null, wants: ContractBinding<INoFiles>.Instance);
        using ServedConnection server = serving.Join();
        Assert.That(peer.Receive()!.ElementsBehindBody, Is.LessThan(2), "it accepts none");
        int before = Descriptors.CountWithoutPrograms();

        ring.PassDescriptors(ring.SentBytes, [Duplicate(), Duplicate()]);
        peer.Send((ref MessagePackWriter writer) => DescriptorsMessage.Write(ref writer, 2));

        Assert.That(peer.ReceiveGoodbye().Kind, Is.EqualTo(IpcErrorKind.Protocol));
        Patience.Until(() => Descriptors.CountWithoutPrograms() <= before, "the kernel has closed them");
    }

    [Test]
    public void Over_a_pipe_the_sender_gets_a_typed_error_and_nothing_is_sent()
    {
        (IDuplexPipe ofClient, IDuplexPipe ofServer) = FullDuplexStream.CreatePipePair();
        var files = new Root();
        TestThread<IpcConnection> serving = TestThread.Start(
            () => IpcServer.Serve<IFiles>(ofServer, _ => files));
        using IpcConnection<IFiles> client = IpcConnection.Connect<IFiles>(ofClient);
        using IpcConnection server = serving.Join();
        using SafeFileHandle mine = new(Duplicate().Detach(), ownsHandle: true);

        IpcException? caught = Assert.Throws<IpcException>(() => client.Root.Read(mine));

        Assert.That(caught!.Kind, Is.EqualTo(IpcErrorKind.ArgumentNotEncoded));
        Assert.That(caught.InnerException, Is.TypeOf<NotSupportedException>());
        Assert.That(caught.Message, Does.Contain("Expected a Unix domain socket"));
        Assert.That(
            () => client.Root.Open(1),
            Throws.TypeOf<IpcException>().With.Property(nameof(IpcException.Kind)).EqualTo(
                IpcErrorKind.ResultNotEncoded));
        Assert.That(client.Root.Count([]), Is.Zero, "the connection goes on");
        Assert.That(files.Reads, Is.Zero);
    }

    [Test]
    public void They_cross_beside_shared_memory_in_the_order_of_their_calls()
    {
        if (NativeProcessors.CountOfBoth(Environment.ProcessId) == 1)
        {
            Assert.Ignore("On one processor a connection stays on its socket.");
        }

        var options = new IpcConnectionOptions { LocalTransport = IpcLocalTransport.Memory };
        (UnixSocketTransport ofClient, UnixSocketTransport ofServer) = TransportPair.CreateSocketPair();
        TestThread<ServedConnection> serving = TestThread.Start(
            () => ServedConnection.Open<IFiles>(ofServer, options, _ => new Root()));
        using IpcConnection<IFiles> client = IpcConnection<IFiles>.Open(ofClient, options);
        using ServedConnection server = serving.Join();
        Patience.Until(
            () =>
            {
                client.Root.Count([]);
                return client.Core.IsInMemory && server.Core.IsInMemory;
            },
            "moved");
        int before = Descriptors.CountWithoutPrograms();

        TestThread<bool>[] threads =
        [
            .. Enumerable.Range(0, 3).Select(number => TestThread.Start(() =>
            {
                for (int i = 0; i < 200; i++)
                {
                    using SafeFileHandle mine = Of($"{number} {i}");
                    Assert.That(client.Root.Read(mine), Is.EqualTo($"{number} {i}"));
                    Assert.That(client.Root.Count([mine, mine]), Is.EqualTo(2));
                    Assert.That(client.Root.Count([]), Is.Zero);
                }
            })),
        ];
        Array.ForEach(threads, thread => thread.Join());

        Assert.That(client.Core.IsInMemory && server.Core.IsInMemory, Is.True);
        Patience.Until(() => Descriptors.CountWithoutPrograms() <= before, "all closed");
    }

    private static uint WireId(string signature)
    {
        uint hash = 2166136261;
        foreach (byte each in Encoding.UTF8.GetBytes(signature))
        {
            hash = (hash ^ each) * 16777619;
        }

        return hash;
    }

    private static NativeHandle Duplicate()
        => new(NativeFiles.Open("/dev/null", NativeFiles.ReadWrite | NativeFiles.CloseOnExec, 0));

    private static SafeFileHandle Of(string content)
    {
        string path = Path.GetTempFileName();
        File.WriteAllText(path, content);
        SafeFileHandle file = File.OpenHandle(path);
        File.Delete(path);
        return file;
    }

    /// <summary>A peer on a socket, that has said Hello to a server of files.</summary>
    private sealed class Peer : IDisposable
    {
        private readonly RingTransport _transport;

        public Peer()
        {
            (UnixSocketTransport raw, UnixSocketTransport real) = TransportPair.CreateSocketPair();
            _transport = new RingTransport(raw, isClient: true);
            Raw = new RawPeer(_transport);
            TestThread<ServedConnection> serving = TestThread.Start(
                () => ServedConnection.Open<IFiles>(real, new IpcConnectionOptions(), _ => new Root()));
            Raw.SayHello(serves: null, wants: ContractBinding<IFiles>.Instance);
            Server = serving.Join();
            Assert.That(Raw.Receive()?.Type, Is.EqualTo(MessageType.Hello));
            Before = Descriptors.CountWithoutPrograms();
        }

        public RawPeer Raw { get; }

        public ServedConnection Server { get; }

        public int Before { get; }

        /// <summary>Descriptors that go with the next byte.</summary>
        public void Bring(int count)
            => _transport.PassDescriptors(
                _transport.SentBytes, [.. Enumerable.Range(0, count).Select(_ => Duplicate())]);

        public void Dispose()
        {
            Raw.Dispose();
            Server.Dispose();
        }
    }

    private sealed class NoFiles : INoFiles
    {
        public int Add(int a, int b) => a + b;
    }

    private sealed class Root : IFiles
    {
        private int _reads;

        public int Reads => _reads;

        public string Read(SafeFileHandle file)
        {
            Interlocked.Increment(ref _reads);
            using (file)
            {
                byte[] bytes = new byte[100];
                return Encoding.UTF8.GetString(bytes, 0, RandomAccess.Read(file, bytes, 0));
            }
        }

        public int Count(SafeFileHandle[] files)
        {
            Array.ForEach(files, file => file.Dispose());
            return files.Length;
        }

        public SafeFileHandle[] Open(int count)
        {
            SafeFileHandle[] opened =
                [.. Enumerable.Range(0, count).Select(_ => new SafeFileHandle(Duplicate().Detach(), true))];
            IpcCall.Current!.DisposeAfterAnswer(opened);
            return opened;
        }

        public BrokenParcel OpenBroken() => new();

        public int Weigh(BrokenParcel parcel) => 0;

        public int Choose(SafeFileHandle file, DayOfWeek day) => 0;

        public void Hold(Action entered) => entered();

        public Task<string> ReadAsync(SafeFileHandle file, CancellationToken cancellationToken)
            => Task.FromResult(Read(file));

        public void Note(SafeFileHandle file) => file.Dispose();

        public int Later(SafeFileHandle file) => 0;
    }
}
