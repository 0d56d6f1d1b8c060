using System.Net.Sockets;
using System.Runtime.Versioning;
using System.Text;
using System.Text.RegularExpressions;
using Multiprocess.Messages;
using Multiprocess.Native;
using Multiprocess.Processes;
using Multiprocess.Protocols;
using Multiprocess.Tests.Support;
using Multiprocess.Transports;

namespace Multiprocess.Tests.Transports;

/// <summary>A child that connects back, and others that try to take its place.</summary>
[TestFixture]
[Platform("Linux")]
[UnsupportedOSPlatform("windows")]
internal sealed class RendezvousTests
{
    private static readonly string s_token = new('A', 64);

    [Test]
    public void Somebody_else_who_connects_is_refused_and_the_socket_is_gone()
    {
        using SocketDirectory directory = new();
        ChildProcess? child = null;
        TestThread<IpcException?> launching = TestThread.Start(
            () => Assert.Throws<IpcException>(() => Rendezvous.Launch(
                new ChildLaunch("/bin/sh")
                {
                    Arguments =
                        [
                            "-c",
                            $"echo $1 > {directory["path.new"]}; mv {directory["path.new"]} {directory["path"]}; exec "
                                + $"sleep 1000",
                        ],
                },
                Bounds.Time,
                started => child = started)));
        Patience.Until(() => File.Exists(directory["path"]), "the child says where the socket is");
        string path = File.ReadAllText(directory["path"]).Trim();

        using var stranger = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        stranger.Connect(new UnixDomainSocketEndPoint(path));
        stranger.Send(new byte[32]);

        Assert.That(launching.Join()!.Kind, Is.EqualTo(IpcErrorKind.Refused));
        Assert.That(launching.Join()!.Message, Does.Contain("Expected the token"));
        Assert.That(Directory.Exists(Path.GetDirectoryName(path)), Is.False);
        child!.Kill();
        Assert.That(child.Wait(Bounds.Time), Is.True);
    }

    [Test]
    public void The_token_of_the_protocol_document_is_sent_as_it_says()
    {
        string line = Documents.Rows("src/PROTOCOL.md", new Regex(@"^  ([0-9A-F]{64})$")).Single()[1];
        using SocketDirectory directory = new();
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(directory["s"]));
        listener.Listen(1);

        using Transport child = Rendezvous.Connect(
            directory["s"], new MemoryStream(Encoding.ASCII.GetBytes(line + "\n")), _ => true);
        using Socket parent = listener.Accept();
        child.Close();

        byte[] sent = new byte[100];
        int count = 0;
        while (parent.Receive(sent, count, sent.Length - count, SocketFlags.None) is > 0 and var received)
        {
            count += received;
        }

        Assert.That(sent[..count], Is.EqualTo(Enumerable.Range(0, 32).Select(i => (byte)i)));
    }

    [TestCase("")]
    [TestCase("abc\n")]
    [TestCase("zz\n")]
    public void A_token_that_is_none_is_an_error(string input)
        => Assert.That(
            () => Rendezvous.Connect("/nowhere", new MemoryStream(Encoding.ASCII.GetBytes(input)), _ => true),
            Throws.TypeOf<IpcException>().With.Message.Contains("64 hexadecimal digits"));

    [Test]
    public void A_longer_line_is_an_error()
        => Assert.That(
            () => Rendezvous.Connect("/nowhere", new MemoryStream(Encoding.ASCII.GetBytes(s_token + "A\n")), _ => true),
            Throws.TypeOf<IpcException>().With.Message.Contains("64 hexadecimal digits"));

    [Test]
    public void A_parent_that_is_gone_is_an_error_that_names_the_path()
        => Assert.That(
            () => Rendezvous.Connect(
                "/nowhere/s", new MemoryStream(Encoding.ASCII.GetBytes(s_token + "\n")), _ => true),
            Throws.TypeOf<IpcException>().With.Message.Contains("/nowhere/s"));

    [Test]
    public void A_path_that_is_missing_is_an_error()
    {
        Assert.That(Rendezvous.FindArgument(["a", "-ipcpath", "p"]), Is.EqualTo("p"));
        Assert.That(Rendezvous.FindArgument(["a"]), Is.Null);
        Assert.That(() => Rendezvous.FindArgument(["-ipcpath"]), Throws.TypeOf<IpcException>());
    }
}
