using System.Globalization;
using System.Net.Sockets;
using Multiprocess.Messages;
using Multiprocess.Native;
using Multiprocess.Tests.Support;
using Multiprocess.Transports.Unix;

namespace Multiprocess.Tests.Transports;

/// <summary>Sockets that a service manager hands over; the tests play the manager.</summary>
[TestFixture]
[Platform("Linux")]
[NonParallelizable]
[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
internal sealed class ActivatedListenerTests
{
    private const int First = 3;

    private SocketDirectory _directory = null!;
    private Socket _socket = null!;

    [SetUp]
    public void HandOver()
    {
        _directory = new SocketDirectory();
        _socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        _socket.Bind(new UnixDomainSocketEndPoint(_directory["a.sock"]));
        _socket.Listen(8);
        Say(Environment.ProcessId, Descriptor(_socket), "mine");
    }

    [TearDown]
    public void TakeBack()
    {
        foreach (string variable in new[] { "LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES" })
        {
            Environment.SetEnvironmentVariable(variable, null);
        }

        _socket.Dispose();
        _directory.Dispose();
    }

    [Test]
    public void Clients_are_served_at_the_socket_that_was_handed_over()
    {
        using IpcServer server = IpcServer.Listen<IStage>("systemd:mine", _ => new Stage());
        using IpcConnection<IStage> client = IpcConnection.Connect<IStage>(server.Address);

        Assert.That(server.Address, Is.EqualTo(IpcAddress.Unix(_directory["a.sock"])));
        Assert.That(client.Root.Call(6), Is.EqualTo(6));
    }

    [Test]
    public void The_socket_outlives_its_server_for_the_next_one()
    {
        IpcServer.Listen<IStage>("systemd:mine", _ => new Stage()).Dispose();
        Assert.That(File.Exists(_directory["a.sock"]), Is.True, "it is the manager's");

        using IpcServer next = IpcServer.Listen<IStage>("systemd:mine", _ => new Stage());
        using IpcConnection<IStage> client = IpcConnection.Connect<IStage>(next.Address);

        Assert.That(client.Root.Call(6), Is.EqualTo(6));
    }

    [Test]
    public void Closing_ends_a_wait_for_clients()
    {
        using var listener = new ActivatedListener("mine");
        using BlockedThread<UnixSocketTransport?> accepting = new(listener.Accept);
        accepting.WaitUntilBlocked();

        listener.Close();

        Assert.That(accepting.Result(), Is.Null);
    }

    [Test]
    public void Two_servers_cannot_take_one_socket()
    {
        using var listener = new ActivatedListener("mine");

        Assert.That(() => new ActivatedListener("mine"), Unavailable("already listens on it"));
    }

    [Test]
    public void A_socket_of_another_user_is_not_served_by_default()
    {
        Assert.That(
            () => OtherUser.Run(() =>
            {
                using var listener = new ActivatedListener("mine");
                return listener.Address;
            }),
            Is.EqualTo(IpcAddress.Unix(_directory["a.sock"])), "listening is the manager's decision");
        File.SetUnixFileMode(_directory.Path, (UnixFileMode)0b111_111_111);
        File.SetUnixFileMode(_directory["a.sock"], (UnixFileMode)0b111_111_111);
        List<long> refused = [];
        using var mine = new ActivatedListener("mine") { Refused = peer => refused.Add(peer.UserId) };
        using UnixSocketTransport stranger = OtherUser.Run(
            () => UnixConnector.Connect(_directory["a.sock"], allows: _ => true));
        using UnixSocketTransport own = UnixConnector.Connect(_directory["a.sock"], allows: _ => true);

        using UnixSocketTransport? served = mine.Accept();

        Assert.That(served!.Peer.UserId, Is.Zero);
        Assert.That(refused, Is.EqualTo(new[] { (long)OtherUser.Id }));
    }

    [Test]
    public void What_was_handed_to_another_process_is_not_taken()
    {
        Say(Environment.ProcessId + 1, Descriptor(_socket), "mine");

        Assert.That(() => new ActivatedListener("mine"), Unavailable($"got '{Environment.ProcessId + 1}'"));
    }

    [Test]
    public void An_unknown_name_is_an_error_that_lists_the_others()
        => Assert.That(() => new ActivatedListener("other"), Unavailable("mine"));

    [TestCase("")]
    [TestCase("0")]
    [TestCase("-1")]
    [TestCase("many")]
    [TestCase("4097")]
    public void A_count_that_is_none_is_an_error(string count)
    {
        Environment.SetEnvironmentVariable("LISTEN_FDS", count);

        Assert.That(() => new ActivatedListener(null), Unavailable("LISTEN_FDS"));
    }

    [Test]
    public void An_abstract_socket_is_refused_with_the_reason()
    {
        using var hidden = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        hidden.Bind(new UnixDomainSocketEndPoint($"\0{Guid.NewGuid():N}"));
        hidden.Listen(1);
        Say(Environment.ProcessId, Descriptor(hidden), "hidden");

        Assert.That(() => new ActivatedListener("hidden"), Unavailable("Abstract sockets have no owner"));
    }

    [Test]
    public void What_is_no_listening_Unix_socket_is_refused()
    {
        using var network = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        Say(Environment.ProcessId, Descriptor(network), "network");
        Assert.That(() => new ActivatedListener("network"), Unavailable("Expected a Unix stream socket"));

        using FileStream file = File.Create(_directory["file"]);
        Say(Environment.ProcessId, (int)file.SafeFileHandle.DangerousGetHandle(), "file");
        Assert.That(() => new ActivatedListener("file"), Unavailable("Expected a socket"));
    }

    [Test]
    public void The_first_one_is_descriptor_3()
        => Assert.That(SocketActivation.Find(null, name => name == "LISTEN_PID" ? "7" : "2", 7), Is.EqualTo(First));

    private static NUnit.Framework.Constraints.Constraint Unavailable(string part)
        => Throws.TypeOf<IpcException>().With.Property(nameof(IpcException.Kind)).EqualTo(
            IpcErrorKind.AddressUnavailable).And.Message.Contains(part);

    private static int Descriptor(Socket socket) => (int)socket.SafeHandle.DangerousGetHandle();

    private static void Say(int process, int descriptor, string name)
    {
        Environment.SetEnvironmentVariable("LISTEN_PID", process.ToString(CultureInfo.InvariantCulture));
        Environment.SetEnvironmentVariable(
            "LISTEN_FDS", (descriptor - First + 1).ToString(CultureInfo.InvariantCulture));
        Environment.SetEnvironmentVariable("LISTEN_FDNAMES", new string(':', descriptor - First) + name);
    }
}
