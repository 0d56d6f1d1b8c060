using System.Net.Sockets;
using Multiprocess.CapnProto.Messages;
using Multiprocess.CapnProto.Rpc;
using Multiprocess.CapnProto.Tests.Rpc;

namespace Multiprocess.CapnProto.Tests.Servers;

/// <summary>One contract, over both protocols.</summary>
[IpcInterface]
[CapnpInterface(0xb1d2c3e4f5061728)]
public interface IBoth
{
    string Say(string text);

    void Block(CancellationToken cancellationToken);
}

/// <summary>One socket for both protocols: the client's first bytes tell.</summary>
public sealed class SharedSocketTests
{
    private string _folder = "";
    private string _path = "";
    private Both _both = null!;

    [SetUp]
    public void Create()
    {
        _folder = Directory.CreateTempSubdirectory("capnp").FullName;
        _path = Path.Combine(_folder, "both.sock");
        _both = new Both();
    }

    [TearDown]
    public void Delete()
    {
        _both.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Test]
    public void Both_protocols_are_served()
    {
        using IpcServer server = Listen();

        using var ours = IpcConnection.Connect<IBoth>("unix:" + _path);
        using CapnpConnection capnp = CapnpConnection.Connect("unix:" + _path);

        Assert.That(ours.Root.Say("a"), Is.EqualTo("said a"));
        Assert.That(capnp.GetRoot<IBoth>().Say("b"), Is.EqualTo("said b"));
        Assert.That(server.Connections, Has.Count.EqualTo(1));
        Assert.That(() => server.OtherConnections, Is.EqualTo(1).After(10_000, 10));
    }

    [Test]
    public async Task Server_sends_nothing_before_it_knows_the_protocol()
    {
        using IpcServer server = Listen(new IpcServerOptions { ConnectTimeout = TimeSpan.FromMilliseconds(300) });
        using Socket silent = await ConnectAsync();
        using Socket hesitating = await ConnectAsync();
        await hesitating.SendAsync(new byte[3]);

        int fromSilent = await silent.ReceiveAsync(new byte[100]).WaitAsync(PeerCalls.Bound);
        int fromHesitating = await ReceiveOrResetAsync(hesitating).WaitAsync(PeerCalls.Bound);

        Assert.That(new[] { fromSilent, fromHesitating }, Is.All.Zero);
    }

    [Test]
    public async Task First_bytes_may_come_one_by_one()
    {
        using IpcServer server = Listen();
        using Socket socket = await ConnectAsync();
        using var message = new CapnpMessageBuilder();
        message.Root.InitStruct(new CapnpStructSize(1, 1)).WriteUInt16(0, 8); // A Bootstrap.
        foreach (byte one in message.ToArray())
        {
            await socket.SendAsync(new[] { one });
        }

        byte[] answer = new byte[8];
        await socket.ReceiveAsync(answer).WaitAsync(PeerCalls.Bound);

        Assert.That(answer[..4], Is.EqualTo(new byte[4]), "one segment");
    }

    [TestCase(9u, true)]
    [TestCase(10u, false)]
    public async Task First_word_decides(uint word, bool isCapnp)
    {
        using IpcServer server = Listen();
        using Socket socket = await ConnectAsync();
        await socket.SendAsync(BitConverter.GetBytes(word));
        if (isCapnp)
        {
            Assert.That(() => server.OtherConnections, Is.EqualTo(1).After(10_000, 10));
        }
        else
        {
            byte[] hello = new byte[5];
            await socket.ReceiveAsync(hello).WaitAsync(PeerCalls.Bound);
            Assert.That(hello[4] & 0xf0, Is.EqualTo(0x90), "an array: the server's Hello");
        }
    }

    [Test]
    public async Task Client_that_may_not_have_the_root_is_refused()
    {
        var asked = new List<Type>();
        using IpcServer server = Listen(new IpcServerOptions
        {
            Authorize = (_, type) =>
            {
                asked.Add(type);
                return false;
            },
        });

        await using CapnpConnection connection = CapnpConnection.Connect("unix:" + _path);

        Assert.That(
            () => connection.GetRoot<IBoth>().Say("a"), Throws.InstanceOf<IpcDisconnectedException>());
        Assert.That(asked, Is.EqualTo(new[] { typeof(IBoth) }));
    }

    [Test]
    public async Task Connections_of_both_protocols_count_together()
    {
        using IpcServer server = Listen(new IpcServerOptions { MaxUserConnections = 1 });
        CapnpConnection first = CapnpConnection.Connect("unix:" + _path);
        Assert.That(first.GetRoot<IBoth>().Say("a"), Is.EqualTo("said a"));

        Assert.That(
            () => IpcConnection.Connect<IBoth>("unix:" + _path),
            Throws.InstanceOf<IpcException>().With.Property("Kind").EqualTo(IpcErrorKind.LimitExceeded));

        await first.DisposeAsync();
        Assert.That(() => server.OtherConnections, Is.Zero.After(10_000, 10));
        using var second = IpcConnection.Connect<IBoth>("unix:" + _path);
        Assert.That(second.Root.Say("b"), Is.EqualTo("said b"));
    }

    [Test]
    public async Task Stopping_cancels_the_calls_of_both_and_answers_them()
    {
        IpcServer server = Listen();
        await using CapnpConnection capnp = CapnpConnection.Connect("unix:" + _path);
        IBoth root = capnp.GetRoot<IBoth>();
        Task call = Task.Factory.StartNew(() => root.Block(CancellationToken.None), TaskCreationOptions.LongRunning);
        Assert.That(await _both.Blocked.WaitAsync(PeerCalls.Bound), Is.True);

        await server.ShutdownAsync(TimeSpan.FromSeconds(20)).WaitAsync(PeerCalls.Bound);

        await call.WaitAsync(PeerCalls.Bound);

        // Bytes that the server has not read any more may reset the connection.
        await Task.WhenAny(capnp.Completion).WaitAsync(PeerCalls.Bound);
        Assert.That(() => root.Say("a"), Throws.InstanceOf<IpcDisconnectedException>());
    }

    [Test]
    public async Task Server_of_capnp_alone_refuses_the_other_protocol()
    {
        await using CapnpServer server = CapnpServer.Listen<IBoth>("unix:" + _path, _ => _both);
        await using CapnpConnection connection = CapnpConnection.Connect(server.Address);

        Assert.That(connection.GetRoot<IBoth>().Say("a"), Is.EqualTo("said a"));
        Assert.That(() => server.Connections, Is.EqualTo(1).After(10_000, 10));
        Assert.That(
            () => IpcConnection.Connect<IBoth>("unix:" + _path),
            Throws.InstanceOf<IpcException>().With.Message.Contains("speaks Cap'n Proto alone"));
    }

    [Test]
    public void Root_is_disposed_with_its_connection()
    {
        using IpcServer server = Listen();
        CapnpConnection connection = CapnpConnection.Connect("unix:" + _path);
        Assert.That(connection.GetRoot<IBoth>().Say("a"), Is.EqualTo("said a"));

        connection.Dispose();

        Assert.That(_both.Disposed.WaitOne(PeerCalls.Bound), Is.True);
    }

    private IpcServer Listen(IpcServerOptions? options = null) => IpcServer.Listen<IBoth>(
        "unix:" + _path,
        _ => _both,
        (options ?? new()) with { OtherProtocol = CapnpProtocol.Serving<IBoth>(_ => _both) });

    private async Task<Socket> ConnectAsync()
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(_path));
        return socket;
    }

    // A peer that closes with unread bytes resets the connection.
    private static async Task<int> ReceiveOrResetAsync(Socket socket)
    {
        try
        {
            return await socket.ReceiveAsync(new byte[100]);
        }
        catch (SocketException)
        {
            return 0;
        }
    }

    private sealed class Both : IBoth, IDisposable
    {
        public SemaphoreSlim Blocked { get; } = new(0);

        public ManualResetEvent Disposed { get; } = new(false);

        public string Say(string text) => "said " + text;

        public void Block(CancellationToken cancellationToken)
        {
            Blocked.Release();
            cancellationToken.WaitHandle.WaitOne();
        }

        public void Dispose() => Disposed.Set();
    }
}
