using System.Runtime.Versioning;
using Multiprocess.Tests.Support;
using Multiprocess.Tests.Transports;

namespace Multiprocess.Tests.Connections;

/// <summary>Who may have which interface.</summary>
[Platform("Linux")]
[UnsupportedOSPlatform("windows")]
[CancelAfter(60_000)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class AuthorizationTests : IDisposable
{
    private const UnixFileMode Everybody = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
        | UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    private readonly SocketDirectory _directory = new();
    private readonly TestLog _log = new();

    private IpcAddress Address => IpcAddress.Unix(_directory["s.sock"]);

    public void Dispose() => _directory.Dispose();

    [Test]
    public void The_hook_gets_the_peer_and_the_interface()
    {
        List<(int Process, Type Contract)> asked = [];
        using IpcServer server = Listen((peer, contract) =>
        {
            asked.Add((peer.ProcessId, contract));
            return true;
        });

        using IpcConnection<IStage> client = IpcConnection.Connect<IStage>(Address);

        Assert.That(client.Root.Call(2), Is.EqualTo(2));
        Assert.That(asked, Is.EqualTo(new[] { (Environment.ProcessId, typeof(IStage)) }));
    }

    [Test]
    public void A_peer_that_may_not_have_the_interface_is_refused_before_the_root_is_made()
    {
        bool allows = false;
        bool made = false;
        using IpcServer server = IpcServer.Listen<IStage>(
            Address,
            _ =>
            {
                made = true;
                return new Stage();
            },
            new IpcServerOptions { Authorize = (_, _) => allows, LoggerFactory = _log });

        Assert.That(
            () => IpcConnection.Connect<IStage>(Address), Refused("may not have").And.Message.Contains(nameof(IStage)));
        Assert.That(made, Is.False);
        Patience.Until(
            () => _log.Entries.Any(entry => entry.Id == 4 && entry.Text.Contains(nameof(IStage))),
            "the refusal is logged");

        allows = true;
        using IpcConnection<IStage> client = IpcConnection.Connect<IStage>(Address);
        Assert.That(client.Root.Call(2), Is.EqualTo(2));
    }

    [Test]
    public void A_hook_that_throws_refuses()
    {
        using IpcServer server = Listen((_, _) => throw new InvalidOperationException("no list today"));

        Assert.That(
            () => IpcConnection.Connect<IStage>(Address),
            Refused("may not have").And.Message.Not.Contains("no list today"));
        Patience.Until(
            () => _log.Entries.Any(entry => entry.Exception?.Message == "no list today"),
            "what the hook threw is logged");
    }

    [Test]
    public void Another_user_is_turned_away_before_the_hook_is_asked_and_the_log_names_it()
    {
        bool asked = false;
        File.SetUnixFileMode(_directory.Path, Everybody);
        using IpcServer server = Listen((_, _) => asked = true);
        File.SetUnixFileMode(_directory["s.sock"], Everybody);

        Assert.That(
            () => OtherUser.Run(
                () => IpcConnection.Connect<IStage>(Address, new IpcConnectionOptions { AuthorizePeer = _ => true })),
            Throws.InstanceOf<IpcException>());

        Patience.Until(
            () => _log.Entries.Any(entry => entry.Id == 4 && entry.Text.Contains($"user {OtherUser.Id}")),
            "the refusal is logged");
        Assert.That(asked, Is.False);
    }

    [Test]
    public void Another_user_that_was_let_in_is_asked_about()
    {
        long user = -1;
        File.SetUnixFileMode(_directory.Path, Everybody);
        using IpcServer server = IpcServer.Listen<IStage>(Address, _ => new Stage(), new IpcServerOptions
        {
            AuthorizePeer = peer => peer.UserId == OtherUser.Id,
            Authorize = (peer, _) =>
            {
                user = peer.UserId;
                return true;
            },
        });
        File.SetUnixFileMode(_directory["s.sock"], Everybody);

        int answer = OtherUser.Run(() =>
        {
            using IpcConnection<IStage> client = IpcConnection.Connect<IStage>(
                Address, new IpcConnectionOptions { AuthorizePeer = _ => true });
            return client.Root.Call(2);
        });

        Assert.That((answer, user), Is.EqualTo((2, (long)OtherUser.Id)));
    }

    private static NUnit.Framework.Constraints.Constraint Refused(string text)
        => Throws.TypeOf<IpcException>().With.Property(
            nameof(IpcException.Kind)).EqualTo(IpcErrorKind.Refused).And.Message.Contains(text);

    private IpcServer Listen(Func<IpcPeer, Type, bool> authorize)
        => IpcServer.Listen<IStage>(
            Address, _ => new Stage(), new IpcServerOptions { Authorize = authorize, LoggerFactory = _log });
}
