using System.Runtime.Versioning;
using Multiprocess.Messages;
using Multiprocess.Transports.Unix;

namespace Multiprocess.Tests.Transports;

/// <summary>What peers of another user meet.</summary>
[TestFixture]
[UnsupportedOSPlatform("windows")]
internal sealed class OtherUserTests
{
    private const UnixFileMode Everybody = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
        | UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    private SocketDirectory _directory = null!;
    private string _path = null!;

    [SetUp]
    public void MakeOpenDirectory()
    {
        _directory = new SocketDirectory();
        File.SetUnixFileMode(_directory.Path, Everybody);
        _path = _directory["a.sock"];
    }

    [TearDown]
    public void RemoveDirectory() => _directory.Dispose();

    [Test]
    public void The_socket_s_mode_keeps_another_user_out()
    {
        using UnixListener listener = new(_path);

        Assert.That(
            () => OtherUser.Run(() => UnixConnector.Connect(_path)),
            Throws.TypeOf<IpcDisconnectedException>().With.Message.Contains("Permission denied"));
    }

    [Test]
    public void Another_user_is_turned_away_even_when_the_mode_lets_it_connect()
    {
        List<IpcPeer> refused = [];
        using UnixListener listener = new(_path) { Refused = refused.Add };
        File.SetUnixFileMode(_path, Everybody);
        using UnixSocketTransport stranger = OtherUser.Run(() => UnixConnector.Connect(_path, allows: _ => true));
        using UnixSocketTransport own = UnixConnector.Connect(_path);

        using UnixSocketTransport? served = listener.Accept();

        Assert.That(served!.Peer.UserId, Is.Zero);
        Assert.That(stranger.Receive(new byte[1]), Is.Zero);
        Assert.That(refused.Select(peer => peer.UserId), Is.EqualTo(new long[] { OtherUser.Id }));
    }

    [Test]
    public void Another_user_is_served_when_it_is_allowed()
    {
        using UnixListener listener = new(_path, allows: peer => peer.UserId == OtherUser.Id);
        File.SetUnixFileMode(_path, Everybody);
        using UnixSocketTransport client = OtherUser.Run(() => UnixConnector.Connect(_path, allows: _ => true));

        using UnixSocketTransport? served = listener.Accept();

        Assert.That(served!.Peer.UserId, Is.EqualTo(OtherUser.Id));
    }

    [Test]
    public void A_server_of_another_user_is_not_connected_to_not_even_by_root()
    {
        using UnixListener listener = OtherUser.Run(() => new UnixListener(_path));

        Assert.That(
            () => UnixConnector.Connect(_path),
            Throws.TypeOf<IpcException>()
                .With.Property(nameof(IpcException.Kind)).EqualTo(IpcErrorKind.Refused)
                .And.Message.Contains($"user {OtherUser.Id}"));
        using UnixSocketTransport allowed = UnixConnector.Connect(_path, allows: peer => peer.UserId == OtherUser.Id);
        Assert.That(allowed.Peer.UserId, Is.EqualTo(OtherUser.Id));
    }

    [Test]
    public void A_directory_of_another_user_is_an_error_that_names_it()
    {
        File.SetUnixFileMode(
            _directory.Path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);

        Assert.That(
            () => OtherUser.Run(() => new UnixListener(_path)),
            Throws.TypeOf<IpcException>()
                .With.Property(nameof(IpcException.Kind)).EqualTo(IpcErrorKind.AddressUnavailable)
                .And.Message.Contains(_path));
    }
}
