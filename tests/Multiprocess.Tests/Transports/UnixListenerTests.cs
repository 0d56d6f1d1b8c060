using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Multiprocess.Messages;
using Multiprocess.Native;
using Multiprocess.Transports;
using Multiprocess.Transports.Unix;

namespace Multiprocess.Tests.Transports;

[TestFixture]
[UnsupportedOSPlatform("windows")]
internal sealed partial class UnixListenerTests
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

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
    public void An_accepted_connection_carries_bytes_and_names_both_peers()
    {
        using UnixListener listener = new(_path);
        using UnixSocketTransport client = UnixConnector.Connect(_path);
        using UnixSocketTransport server = listener.Accept()!;

        Assert.That(client.TrySend([1, 2], default), Is.EqualTo(2));
        byte[] buffer = new byte[2];
        Assert.That(server.Receive(buffer), Is.EqualTo(2));

        Assert.That(buffer, Is.EqualTo(new byte[] { 1, 2 }));
        Assert.That(server.Peer, Is.EqualTo(PeerCredentials.Own()));
        Assert.That(client.Peer, Is.EqualTo(PeerCredentials.Own()));
        Assert.That(server.Description, Is.EqualTo($"unix:{_path}"));
    }

    [Test]
    public void Missing_directories_are_made_for_the_owner_only_and_existing_ones_stay_as_they_are()
    {
        string open = _directory["open"];
        _ = Directory.CreateDirectory(open);
        UnixFileMode wide = UnixFileMode.UserRead
            | UnixFileMode.UserWrite
            | UnixFileMode.UserExecute
            | UnixFileMode.OtherRead
            | UnixFileMode.OtherExecute;
        File.SetUnixFileMode(open, wide);

        using UnixListener listener = new(Path.Combine(open, "b", "c", "d.sock"));

        UnixFileMode owner = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        Assert.That(File.GetUnixFileMode(open), Is.EqualTo(wide));
        Assert.That(File.GetUnixFileMode(Path.Combine(open, "b")), Is.EqualTo(owner));
        Assert.That(File.GetUnixFileMode(Path.Combine(open, "b", "c")), Is.EqualTo(owner));
    }

    [Test]
    public void A_directory_that_cannot_be_made_is_named()
    {
        File.WriteAllText(_directory["file"], "x");

        Assert.That(() => new UnixListener(_directory["file/a.sock"]), Unavailable("directory"));
    }

    [Test]
    public void Socket_and_lock_are_the_owner_s_alone()
    {
        using UnixListener listener = new(_path);

        Assert.That(File.GetUnixFileMode(_path), Is.EqualTo(OwnerOnly));
        Assert.That(File.GetUnixFileMode(OwnerLock.PathFor(_path)), Is.EqualTo(OwnerOnly));
        Assert.That(
            Directory.GetFileSystemEntries(_directory.Path), Has.Length.EqualTo(2), "The temporary name is gone.");
    }

    [Test]
    public void No_wider_mode_is_ever_seen_even_with_an_open_umask()
    {
        uint umask = SetUmask(0);
        try
        {
            using ManualResetEventSlim stop = new();
            List<string> wide = [];
            Task watcher = Task.Factory.StartNew(() => Watch(stop, wide), TaskCreationOptions.LongRunning);

            for (int round = 0; round < 200; round++)
            {
                using UnixListener listener = new(_path);
                Assert.That(File.GetUnixFileMode(_path), Is.EqualTo(OwnerOnly));
            }

            stop.Set();
            Assert.That(watcher.Wait(Bounds.Milliseconds), Is.True);
            Assert.That(wide, Is.Empty);
        }
        finally
        {
            _ = SetUmask(umask);
        }
    }

    [Test]
    public void A_live_server_s_socket_is_not_stolen()
    {
        using UnixListener first = new(_path);

        Assert.That(() => new UnixListener(_path), Unavailable($"process {Environment.ProcessId}"));

        using UnixSocketTransport client = UnixConnector.Connect(_path);
        using UnixSocketTransport? server = first.Accept();
        Assert.That(server, Is.Not.Null);
    }

    [Test]
    public void A_live_server_that_knows_nothing_of_the_lock_is_left_alone()
    {
        using Socket foreign = Listen(_path);

        Assert.That(() => new UnixListener(_path), Unavailable($"process {Environment.ProcessId} listens"));

        Assert.That(File.Exists(_path), Is.True);
    }

    [Test]
    public void A_live_server_with_a_full_backlog_is_left_alone()
    {
        using UnixListener full = new(_path, backlog: 0);
        using UnixSocketTransport waiting = UnixConnector.Connect(_path);
        File.Move(OwnerLock.PathFor(_path), _path + ".away");

        Assert.That(() => new UnixListener(_path), Unavailable("listens"));

        File.Move(_path + ".away", OwnerLock.PathFor(_path), overwrite: true);
    }

    [Test]
    public void A_stale_socket_is_replaced()
    {
        LeaveStaleSocket(_path);

        using UnixListener listener = new(_path);
        using UnixSocketTransport client = UnixConnector.Connect(_path);

        Assert.That(listener.Accept(), Is.Not.Null);
    }

    [Test]
    public void What_is_not_a_socket_is_left_alone([Values] bool directory)
    {
        if (directory)
        {
            _ = Directory.CreateDirectory(_path);
        }
        else
        {
            File.WriteAllText(_path, "precious");
        }

        Assert.That(() => new UnixListener(_path), Unavailable("not a socket"));

        Assert.That(directory ? Directory.Exists(_path) : File.ReadAllText(_path) == "precious", Is.True);
    }

    [Test]
    public void A_link_is_not_followed([Values] bool atTheLock)
    {
        string target = _directory["target"];
        _ = File.CreateSymbolicLink(atTheLock ? OwnerLock.PathFor(_path) : _path, target);

        Assert.That(() => new UnixListener(_path), Unavailable(atTheLock ? "lock file" : "not a socket"));
        Assert.That(File.Exists(target), Is.False);
    }

    [TestCase("precious\n")]
    [TestCase("4711\n")]
    [TestCase("multiprocess lock 1\n      4711\nand more\n")]
    [TestCase("multiprocess lock 1\n      47x1\n")]
    public void A_lock_file_with_other_contents_is_left_alone(string contents)
    {
        File.WriteAllText(OwnerLock.PathFor(_path), contents);

        Assert.That(() => new UnixListener(_path), Unavailable("left alone"));

        Assert.That(File.ReadAllText(OwnerLock.PathFor(_path)), Is.EqualTo(contents));
        Assert.That(File.Exists(_path), Is.False);
    }

    [Test]
    public void Files_beside_the_socket_are_never_taken_for_its_lock()
    {
        string[] others = [_path + ".lock", _path + ".pid", _path + "~", _directory["a.lock"]];
        Array.ForEach(others, other => File.WriteAllText(other, "precious"));

        new UnixListener(_path).Dispose();

        Assert.That(others.Select(File.ReadAllText), Has.All.EqualTo("precious"));
    }

    [Test]
    public void A_lock_file_with_a_second_name_is_left_alone([Values] bool isOurs)
    {
        new UnixListener(_path).Dispose();
        string contents = File.ReadAllText(OwnerLock.PathFor(_path));
        if (!isOurs)
        {
            contents = "precious";
            File.WriteAllText(OwnerLock.PathFor(_path), contents);
        }

        Assert.That(Link(OwnerLock.PathFor(_path), _directory["other"]), Is.Zero);

        Assert.That(() => new UnixListener(_path), Unavailable("2 names"));

        Assert.That(File.ReadAllText(_directory["other"]), Is.EqualTo(contents));
    }

    [TestCase("pipe")]
    [TestCase("directory")]
    [TestCase("link")]
    [TestCase("socket")]
    public void What_is_no_file_is_no_lock_file(string what)
    {
        string lockPath = OwnerLock.PathFor(_path);
        File.WriteAllText(_directory["target"], "precious");
        Socket? socket = null;
        switch (what)
        {
            case "pipe":
                Assert.That(MakePipe(lockPath, 0b110_000_000), Is.Zero);
                break;
            case "directory":
                _ = Directory.CreateDirectory(lockPath);
                break;
            case "link":
                _ = File.CreateSymbolicLink(lockPath, _directory["target"]);
                break;
            default:
                socket = Listen(lockPath);
                break;
        }

        Assert.That(() => new UnixListener(_path), Unavailable("left alone"));

        Assert.That(File.ReadAllText(_directory["target"]), Is.EqualTo("precious"));
        socket?.Dispose();
    }

    [Test]
    public void A_lock_file_of_another_user_is_left_alone()
    {
        string lockPath = OwnerLock.PathFor(_path);
        new UnixListener(_path).Dispose();
        File.SetUnixFileMode(_directory.Path, (UnixFileMode)0b111_111_111);
        OtherUser.Run(() => 0);
        Assert.That(ChangeOwner(lockPath, OtherUser.Id, OtherUser.Id), Is.Zero);

        Assert.That(() => new UnixListener(_path), Unavailable($"belongs to user {OtherUser.Id}"));
    }

    [Test]
    public void An_empty_lock_file_is_locked_and_not_written()
    {
        File.WriteAllText(OwnerLock.PathFor(_path), string.Empty);

        using UnixListener listener = new(_path);

        Assert.That(new FileInfo(OwnerLock.PathFor(_path)).Length, Is.Zero);
        Assert.That(() => new UnixListener(_path), Unavailable("another process listens"));
    }

    [Test]
    public void What_comes_to_the_path_meanwhile_is_not_replaced([Values] bool staleSocket)
    {
        if (staleSocket)
        {
            LeaveStaleSocket(_path);
        }

        UnixListener.BeforeMove = () =>
        {
            File.Delete(_path);
            File.WriteAllText(_path, "precious");
        };
        try
        {
            Assert.That(() => new UnixListener(_path), Unavailable(string.Empty));
        }
        finally
        {
            UnixListener.BeforeMove = null;
        }

        Assert.That(File.ReadAllText(_path), Is.EqualTo("precious"));
        Assert.That(
            Directory.GetFileSystemEntries(_directory.Path), Has.Length.EqualTo(2), "The temporary name is gone.");
    }

    [Test]
    public void Of_many_that_listen_at_once_exactly_one_wins([Values] bool staleSocket)
    {
        for (int round = 0; round < 20; round++)
        {
            string path = _directory[$"{round}.sock"];
            if (staleSocket)
            {
                LeaveStaleSocket(path);
            }

            using Barrier start = new(4);
            Task<UnixListener?>[] tries =
                [
                    .. Enumerable.Range(0, 4)
                        .Select(
                            _ => Task.Factory.StartNew(() => TryListen(path, start), TaskCreationOptions.LongRunning)),
                ];
            Assert.That(Task.WaitAll(tries, Bounds.Milliseconds), Is.True);
            UnixListener[] winners = [.. tries.Select(one => one.Result).OfType<UnixListener>()];

            Assert.That(winners, Has.Length.EqualTo(1));
            using UnixListener winner = winners[0];
            using UnixSocketTransport client = UnixConnector.Connect(path);
            using UnixSocketTransport? server = winner.Accept();
            Assert.That(server, Is.Not.Null);
        }
    }

    [Test]
    public void The_path_is_free_again_after_disposal_and_the_lock_file_stays()
    {
        new UnixListener(_path).Dispose();

        Assert.That(File.Exists(_path), Is.False);
        Assert.That(File.Exists(OwnerLock.PathFor(_path)), Is.True);
        using UnixListener again = new(_path);
        Assert.That(File.Exists(_path), Is.True);
    }

    [Test]
    public void A_successor_s_socket_is_not_removed()
    {
        UnixListener listener = new(_path);
        File.Delete(_path);
        using Socket successor = Listen(_path);

        listener.Dispose();

        Assert.That(File.Exists(_path), Is.True);
    }

    [Test]
    public void Closing_wakes_the_accepting_thread_and_removes_the_file()
    {
        using UnixListener listener = new(_path);
        using BlockedThread<UnixSocketTransport?> accepting = new(listener.Accept);
        accepting.WaitUntilBlocked();

        listener.Close();

        Assert.That(accepting.Result(), Is.Null);
        Assert.That(listener.Accept(), Is.Null);
        Assert.That(File.Exists(_path), Is.False);
        Assert.That(
            () => new UnixListener(_path), Unavailable("listens"), "Until it is disposed the path is still its own.");
    }

    [Test]
    public void Disposing_wakes_the_accepting_thread()
    {
        UnixListener listener = new(_path);
        using BlockedThread<UnixSocketTransport?> accepting = new(listener.Accept);
        accepting.WaitUntilBlocked();

        listener.Dispose();
        listener.Dispose();

        Assert.That(accepting.Result(), Is.Null);
        Assert.That(listener.Accept(), Is.Null);
    }

    [Test]
    public void A_client_that_left_before_it_was_accepted_is_just_the_end_of_its_stream()
    {
        using UnixListener listener = new(_path);
        UnixConnector.Connect(_path).Dispose();

        using UnixSocketTransport server = listener.Accept()!;

        Assert.That(server.Receive(new byte[1]), Is.Zero);
    }

    [Test]
    public void Connections_wait_in_the_backlog_until_they_are_accepted()
    {
        using UnixListener listener = new(_path);
        using UnixSocketTransport first = UnixConnector.Connect(_path);
        using UnixSocketTransport second = UnixConnector.Connect(_path);
        _ = first.TrySend([1], default);
        _ = second.TrySend([2], default);
        byte[] buffer = new byte[1];

        foreach (byte expected in (byte[])[1, 2])
        {
            using UnixSocketTransport server = listener.Accept()!;
            Assert.That(server.Receive(buffer), Is.EqualTo(1));
            Assert.That(buffer[0], Is.EqualTo(expected));
        }
    }

    [Test]
    public void A_peer_that_is_not_allowed_is_turned_away_and_the_next_one_served()
    {
        int asked = 0;
        List<IpcPeer> refused = [];
        using UnixListener listener = new(_path, allows: _ => ++asked > 1) { Refused = refused.Add };
        using UnixSocketTransport first = UnixConnector.Connect(_path);
        using UnixSocketTransport second = UnixConnector.Connect(_path);

        using UnixSocketTransport? served = listener.Accept();

        Assert.That(served, Is.Not.Null);
        Assert.That(first.Receive(new byte[1]), Is.Zero);
        Assert.That(second.TryReceive(new byte[1]), Is.EqualTo(Transport.WouldBlock));
        Assert.That(refused, Is.EqualTo(new[] { PeerCredentials.Own() }));
    }

    [Test]
    public void Descriptors_are_closed_on_exec_and_given_back()
    {
        HashSet<int> before = [.. Descriptors.All()];
        using (UnixListener listener = new(_path))
        using (UnixSocketTransport client = UnixConnector.Connect(_path))
        using (UnixSocketTransport? server = listener.Accept())
        {
            int[] opened = [.. Descriptors.All().Except(before)];

            Assert.That(opened, Has.Length.GreaterThanOrEqualTo(4), "Lock, listener and both ends.");
            Assert.That(opened.Where(descriptor => !Descriptors.IsClosedOnExec(descriptor)), Is.Empty);
        }

        int settled = Descriptors.Count();
        for (int round = 0; round < 50; round++)
        {
            using UnixListener listener = new(_path);
            Assert.That(() => new UnixListener(_path), Throws.InstanceOf<IpcException>());
            using UnixSocketTransport client = UnixConnector.Connect(_path);
            using UnixSocketTransport? server = listener.Accept();
        }

        Assert.That(Descriptors.Count(), Is.LessThan(settled + 20));
    }

    [Test]
    public void A_path_of_the_greatest_length_works_and_a_longer_one_is_refused()
    {
        string path = _directory[new string('x', IpcAddress.MaxPathBytes - _directory.Path.Length - 1)];
        Assert.That(path, Has.Length.EqualTo(IpcAddress.MaxPathBytes));

        using (UnixListener listener = new(path))
        {
            using UnixSocketTransport client = UnixConnector.Connect(path);
            using UnixSocketTransport? server = listener.Accept();
            Assert.That(server, Is.Not.Null);
        }

        Assert.That(() => new UnixListener(path + "x"), Unavailable("exceeded maximum socket path length"));
        Assert.That(File.Exists(OwnerLock.PathFor(path + "x")), Is.False);
    }

    [TestCase(Errno.Interrupted, AcceptFailure.TryAgain)]
    [TestCase(Errno.ConnectionAborted, AcceptFailure.TryAgain)]
    [TestCase(Errno.TooManyOpenFiles, AcceptFailure.PauseAndTryAgain)]
    [TestCase(Errno.SystemFileTableFull, AcceptFailure.PauseAndTryAgain)]
    [TestCase(Errno.NoMemory, AcceptFailure.PauseAndTryAgain)]
    [TestCase(Errno.BadDescriptor, AcceptFailure.GiveUp)]
    public void Running_out_of_descriptors_does_not_end_the_listener(int error, object expected)
    {
        Assert.That(UnixListener.Judge(error), Is.EqualTo(expected));
    }

    [LibraryImport("libc", EntryPoint = "link", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Link(string from, string to);

    [LibraryImport("libc", EntryPoint = "mkfifo", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int MakePipe(string path, uint mode);

    [LibraryImport("libc", EntryPoint = "chown", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int ChangeOwner(string path, uint user, uint group);

    [LibraryImport("libc", EntryPoint = "umask")]
    private static partial uint SetUmask(uint mask);

    private static NUnit.Framework.Constraints.Constraint Unavailable(string reason) => Throws.TypeOf<IpcException>()
        .With.Property(nameof(IpcException.Kind)).EqualTo(IpcErrorKind.AddressUnavailable)
        .And.Message.Contains(reason);

    private static UnixListener? TryListen(string path, Barrier start)
    {
        _ = start.SignalAndWait(Bounds.Milliseconds);
        try
        {
            return new UnixListener(path);
        }
        catch (IpcException refused) when (refused.Kind == IpcErrorKind.AddressUnavailable)
        {
            return null;
        }
    }

    private static Socket Listen(string path)
    {
        Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(path));
        socket.Listen(1);
        return socket;
    }

    // The base library unlinks what it bound when it closes the socket: under another name it finds nothing to unlink.
    private static void LeaveStaleSocket(string path)
    {
        string bound = path + ".bound";
        using Socket socket = Listen(bound);
        File.Move(bound, path);
    }

    private void Watch(ManualResetEventSlim stop, List<string> wide)
    {
        while (!stop.IsSet)
        {
            foreach (string name in Directory.EnumerateFileSystemEntries(_directory.Path))
            {
                try
                {
                    UnixFileMode mode = File.GetUnixFileMode(name);
                    if (mode != OwnerOnly)
                    {
                        wide.Add($"{name}: {mode}");
                    }
                }
                catch (FileNotFoundException)
                {
                }
            }
        }
    }
}
