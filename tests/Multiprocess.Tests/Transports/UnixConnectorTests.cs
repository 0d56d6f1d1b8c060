using System.Net.Sockets;
using Multiprocess.Messages;
using Multiprocess.Transports;
using Multiprocess.Transports.Unix;

namespace Multiprocess.Tests.Transports;

[TestFixture]
internal sealed class UnixConnectorTests
{
    private SocketDirectory _directory = null!;
    private string _path = null!;

    [SetUp]
    public void MakeDirectory()
    {
        _directory = new SocketDirectory();
        _path = _directory["a.sock"];
    }

    [TearDown]
    public void RemoveDirectory() => _directory.Dispose();

    [Test]
    public void A_missing_socket_is_named()
    {
        Assert.That(() => UnixConnector.Connect(_path), Unreachable(_path, "No such file"));
        Assert.That(UnixConnector.ConnectIfServed(_path), Is.Null);
    }

    [Test]
    public void A_socket_nobody_listens_on_is_said_so()
    {
        using Socket bound = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        bound.Bind(new UnixDomainSocketEndPoint(_path));

        Assert.That(() => UnixConnector.Connect(_path), Unreachable(_path, "nobody listens"));
        Assert.That(UnixConnector.ConnectIfServed(_path), Is.Null);
    }

    [Test]
    public void A_regular_file_is_not_a_socket()
    {
        File.WriteAllText(_path, "x");

        Assert.That(() => UnixConnector.Connect(_path), Unreachable(_path, "not a socket"));
    }

    [Test]
    public void A_file_in_place_of_a_directory_is_said_so()
    {
        File.WriteAllText(_path, "x");
        string path = Path.Combine(_path, "b.sock");

        Assert.That(() => UnixConnector.Connect(path), Unreachable(path, "Not a directory"));
        Assert.That(UnixConnector.ConnectIfServed(path), Is.Null);
    }

    [Test]
    public void A_path_that_is_too_long_is_said_so()
    {
        string path = _directory[new string('x', 108)];

        Assert.That(() => UnixConnector.Connect(path), Unreachable(path, "exceeded maximum socket path length"));
        Assert.That(UnixConnector.ConnectIfServed(path), Is.Null);
    }

    [Test]
    public void A_datagram_socket_is_an_error_even_for_auto()
    {
        using Socket bound = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        bound.Bind(new UnixDomainSocketEndPoint(_path));

        Assert.That(() => UnixConnector.Connect(_path), Unreachable(_path, "wrong type"));
        Assert.That(() => UnixConnector.ConnectIfServed(_path), Unreachable(_path, "wrong type"));
    }

    [Test]
    public void A_full_backlog_ends_in_a_timeout()
    {
        using UnixListener listener = new(_path, backlog: 0);
        using UnixSocketTransport waiting = UnixConnector.Connect(_path);

        Assert.That(
            () => UnixConnector.Connect(_path, timeout: TimeSpan.FromMilliseconds(20)),
            Throws.TypeOf<IpcTimeoutException>().With.Message.Contains(_path));
    }

    [Test]
    public void A_server_that_is_not_allowed_is_refused()
    {
        using UnixListener listener = new(_path);

        Assert.That(
            () => UnixConnector.Connect(_path, allows: _ => false),
            Throws.TypeOf<IpcException>()
                .With.Property(nameof(IpcException.Kind)).EqualTo(IpcErrorKind.Refused)
                .And.Message.Contains(_path).And.Message.Contains($"process {Environment.ProcessId}"));

        using UnixSocketTransport server = listener.Accept()!;
        Assert.That(server.Receive(new byte[1]), Is.Zero);
    }

    [TestCase(1000, 1000, true)]
    [TestCase(1000, 1001, false)]
    [TestCase(0, 0, true)]
    [TestCase(0, 1000, false)]
    [TestCase(1000, 0, false)]
    [TestCase(65534, 65534, false)]
    [TestCase(-1, 1000, false)]
    [TestCase(-1, -1, false)]
    public void Only_the_same_user_is_allowed(long peer, long own, bool expected)
    {
        Assert.That(PeerCredentials.IsSameUser(new IpcPeer(1, peer, 1), own), Is.EqualTo(expected));
    }

    private static NUnit.Framework.Constraints.Constraint Unreachable(string path, string reason) =>
        Throws.TypeOf<IpcDisconnectedException>().With.Message.Contains(path).And.Message.Contains(reason);
}
