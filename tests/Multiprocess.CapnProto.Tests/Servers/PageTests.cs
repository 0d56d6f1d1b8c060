using Multiprocess.CapnProto.Rpc;

namespace Multiprocess.CapnProto.Tests.Servers;

/// <summary>Runs what docs/capnproto.md shows of sockets.</summary>
public sealed class PageTests
{
    private string _former = "";
    private string _folder = "";

    [SetUp]
    public void Enter()
    {
        _former = Environment.CurrentDirectory;
        _folder = Directory.CreateTempSubdirectory("capnp").FullName;
        Environment.CurrentDirectory = _folder;
    }

    [TearDown]
    public void Leave()
    {
        Environment.CurrentDirectory = _former;
        Directory.Delete(_folder, recursive: true);
    }

    [Test]
    public async Task Server_of_capnp_is_called()
    {
        using var server = CapnpServer.Listen<IEcho>("unix:echo.sock", peer => new Echo());

        await using var connection = CapnpConnection.Connect("unix:echo.sock");

        Assert.That(connection.GetRoot<IEcho>().Echo("a"), Is.EqualTo("a"));
    }

    [Test]
    public void Server_of_both_is_called()
    {
        IBoth both = new Said();

        using var server = IpcServer.Listen<IBoth>("unix:both.sock", connection => both, new IpcServerOptions
        {
            OtherProtocol = CapnpProtocol.Serving<IBoth>(peer => both),
        });

        using CapnpConnection capnp = CapnpConnection.Connect("unix:both.sock");
        using var ours = IpcConnection.Connect<IBoth>("unix:both.sock");
        Assert.That(capnp.GetRoot<IBoth>().Say("a"), Is.EqualTo("a"));
        Assert.That(ours.Root.Say("b"), Is.EqualTo("b"));
    }

    [CapnpInterface(0xd36b89640dc94399)]
    public interface IEcho
    {
        [CapnpMethod(1)]
        string Echo(string text);
    }

    private sealed class Echo : IEcho
    {
        string IEcho.Echo(string text) => text;
    }

    private sealed class Said : IBoth
    {
        public string Say(string text) => text;

        public void Block(CancellationToken cancellationToken)
        {
        }
    }
}
