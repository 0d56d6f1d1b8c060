using System.Runtime.Versioning;
using System.Text;
using Microsoft.Extensions.Logging;
using Multiprocess.Connections;
using Multiprocess.Messages;
using Multiprocess.Native;
using Multiprocess.Protocols;
using Multiprocess.Recording;
using Multiprocess.Serialization.Codecs;
using Multiprocess.Tests.Support;
using Multiprocess.Tests.Transports;
using Multiprocess.Transports;

namespace Multiprocess.Tests.Framing;

/// <summary>A contract with a value that no log may have.</summary>
[IpcInterface]
public interface IVault
{
    int Open([IpcSensitive] string secret);
}

/// <summary>Connections that write down what crosses.</summary>
[UnsupportedOSPlatform("windows")]
[Platform("Linux")]
[CancelAfter(60_000)]
public sealed class RecordTests
{
    private const UnixFileMode OwnerFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode OwnerFolder = OwnerFile | UnixFileMode.UserExecute;

    private SocketDirectory _directory = null!;

    [SetUp]
    public void MakeDirectory() => _directory = new SocketDirectory();

    [TearDown]
    public void RemoveDirectory() => _directory.Dispose();

    [Test]
    public void Both_ends_write_the_same_session_down([Values] IpcTestTransport transport, [Values] bool inPieces)
    {
        using (IpcTestPair<IStage> pair = Serve(new Stage(), transport))
        {
            pair.Faults.ClientToServer.Fragment(inPieces);
            pair.Faults.ServerToClient.Fragment(inPieces);
            Assert.That(pair.Root.Call(1), Is.EqualTo(1));
            Assert.That(pair.Root.CallBack(7, x => pair.Root.Call(x)), Is.EqualTo(7));
            EndByClient(pair);
        }

        IpcTraffic client = Load("client");
        IpcTraffic server = Load("server");

        Assert.That(Lines(client.Frames.Take(2)), Is.EquivalentTo(Lines(server.Frames.Take(2))), "the Hellos cross");
        Assert.That(Lines(client.Frames.Skip(2)), Is.EqualTo(Lines(server.Frames.Skip(2))));
        Assert.That(
            client.Frames
                .Select(frame => $"{(frame.IsFromClient ? '>' : '<')} {frame.Type}")
                .Where(frame => frame != "> ThreadStarted")
                .Skip(2),
            Is.EqualTo(new[]
            {
                "> Call", "< Return", "> Call", "< Call", "> Call", "< Return", "> Return", "< Return", "> Goodbye"
            }));
        Assert.That(client.Comments[0], Is.EqualTo("multiprocess recording 1"));
        Assert.That(
            client.Comments,
            Has.Some.EqualTo($"process: {Environment.ProcessId}").And.Some.StartsWith(
                "transport: ").And.Some.StartsWith("peer: process ").And.Some.StartsWith("when: 2"));
        Assert.That(client.Comments, Has.Some.StartsWith("end: client"));
        Assert.That(server.Comments, Has.Some.StartsWith("end: server"));
        Assert.That(client.Comments[^1], Is.EqualTo("the connection has ended"));
    }

    [Test]
    public void What_many_threads_say_is_written_whole_and_in_order()
    {
        const int threads = 8;
        const int calls = 40;
        using (IpcTestPair<IStage> pair = Serve(new Stage(), IpcTestTransport.SocketPair))
        {
            TestThread<bool>[] callers =
            [
                .. Enumerable.Range(0, threads).Select(thread => TestThread.Start(() =>
                {
                    for (int i = 0; i < calls; i++)
                    {
                        pair.Root.CallBack(i, x => x);
                    }
                })),
            ];
            Array.ForEach(callers, caller => caller.Join());
            EndByClient(pair);
        }

        IpcTraffic client = Load("client");
        IpcTraffic server = Load("server");

        Assert.That(client.Frames.Count(frame => frame.Type == MessageType.Return), Is.EqualTo(threads * calls * 2));
        foreach (bool fromClient in new[] { true, false })
        {
            Assert.That(
                Lines(client.Frames.Where(frame => frame.IsFromClient == fromClient)),
                Is.EqualTo(Lines(server.Frames.Where(frame => frame.IsFromClient == fromClient))));
        }

        AssertAnswersStandBehindTheirCalls(client);
        AssertAnswersStandBehindTheirCalls(server);
    }

    [Test]
    public void An_answer_is_written_behind_its_call_however_fast_it_comes()
    {
        using var text = new MemoryStream();
        var fast = new FastPeer();
        var recording = new RecordingTransport(fast, new RecordFile(text, int.MaxValue, (_, _) => { }), isClient: true);
        var receiver = new Thread(() => recording.TryReceive(new byte[16])) { IsBackground = true };
        fast.Sent = () =>
        {
            // It has received before the sender knows that it has sent; then it waits, or is through with it.
            receiver.Start();
            Patience.Until(
                ()
                    => fast.HasReceived
                        && (receiver.ThreadState & (ThreadState.WaitSleepJoin | ThreadState.Stopped)) != 0,
                "the receiver's next step");
        };

        recording.TrySend([1, 0, 0, 0, 0xc0], default);

        Assert.That(receiver.Join(Patience.Bound), Is.True);
        Assert.That(Encoding.UTF8.GetString(text.ToArray()), Is.EqualTo("> 01000000c0\n< 01000000c3\n"));
        recording.Dispose();
    }

    [Test]
    public void Nothing_is_written_without_the_option()
    {
        using (IpcTestPair<IStage> pair = IpcTestPair.Create<IStage>(new Stage()))
        {
            pair.Root.Call(1);
        }

        (DuplexPipeTransport end, DuplexPipeTransport other) = InMemoryTransport.CreatePair();

        Assert.That(new IpcConnectionOptions().RecordFolder, Is.Null);
        Assert.That(
            Recorder.Wrap(end, new IpcConnectionOptions(), isClient: true), Is.SameAs(end), "nothing stands between");
        Assert.That(Directory.GetFileSystemEntries(_directory.Path), Is.Empty);
        end.Dispose();
        other.Dispose();
    }

    [Test]
    public void Files_are_the_owner_s_alone_and_so_are_folders_that_are_made()
    {
        string folder = Path.Combine(_directory["new"], "folder");
        Serve(new Stage(), folder: folder).Dispose();

        string[] files = Directory.GetFiles(folder);

        Assert.That(files, Has.Length.EqualTo(2));
        Assert.That(files, Is.All.Matches(@$"/\d{{8}}T\d{{9}}Z-{Environment.ProcessId}-\d+\.ipc\.txt$"));
        Assert.That(files.Select(File.GetUnixFileMode), Is.All.EqualTo(OwnerFile));
        Assert.That(File.GetUnixFileMode(folder), Is.EqualTo(OwnerFolder));
        Assert.That(File.GetUnixFileMode(_directory["new"]), Is.EqualTo(OwnerFolder));
    }

    [Test]
    public void A_folder_that_is_there_is_left_as_it_is()
    {
        const UnixFileMode open = OwnerFolder | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
        File.SetUnixFileMode(_directory.Path, open);
        File.WriteAllText(_directory["other.txt"], "other");

        Serve(new Stage()).Dispose();

        Assert.That(File.GetUnixFileMode(_directory.Path), Is.EqualTo(open));
        Assert.That(File.ReadAllText(_directory["other.txt"]), Is.EqualTo("other"));
    }

    [Test]
    public void At_the_limit_the_recording_ends_and_the_connection_goes_on([Values(1, 400, 100_000)] int characters)
    {
        const int limit = 64 * 1024;
        var log = new TestLog(LogLevel.Warning);
        var options = new IpcConnectionOptions
        {
            RecordFolder = _directory.Path,
            LoggerFactory = log,
            Limits = new IpcLimits { MaxRecordBytes = limit },
        };
        using (IpcTestPair<IVault> pair = IpcTestPair.Create<IVault>(
            new Vault(), new IpcTestPairOptions { Client = options }))
        {
            for (long sent = 0; sent < 2 * limit; sent = pair.Faults.ClientToServer.SentBytes)
            {
                Assert.That(pair.Root.Open(new string('x', characters)), Is.EqualTo(characters));
            }

            Assert.That(pair.Root.Open("more"), Is.EqualTo(4));
        }

        string file = Directory.GetFiles(_directory.Path).Single();

        Assert.That(new FileInfo(file).Length, Is.GreaterThan(characters > limit ? 0 : limit / 2).And.AtMost(limit));
        Assert.That(
            IpcTraffic.Load(file).Comments[^1],
            Is.EqualTo("the limit of 65,536 bytes is reached: the connection went on, this recording did not"));
        Patience.Until(() => log.Entries.Any(entry => entry.Id == 7), "the end of the recording in the log");
        Assert.That(log.Entries.Where(entry => entry.Id == 7), Has.Exactly(1).Items);
        Assert.That(log.Entries[^1].Text, Does.Contain("65,536").And.Contain(file));
    }

    [Test]
    public void A_folder_that_cannot_be_written_is_an_error_when_the_connection_is_opened()
    {
        File.WriteAllText(_directory["file"], "");
        var options = new IpcServerOptions { RecordFolder = Path.Combine(_directory["file"], "folder") };
        IpcAddress address = IpcAddress.Unix(_directory["s.sock"]);

        Assert.That(() => IpcServer.Listen<IStage>(address, _ => new Stage(), options), Refused(options.RecordFolder!));
        int accepted = 0;
        using IpcServer server = IpcServer.Listen<IStage>(address, _ =>
        {
            Interlocked.Increment(ref accepted);
            return new Stage();
        });
        Assert.That(() => IpcConnection.Connect<IStage>(address, options), Refused(options.RecordFolder!));
        Assert.That(() => IpcConnection.TryConnect<IStage>(address, options), Refused(options.RecordFolder!));
        Assert.That(
            async () => await IpcConnection.ConnectAsync<IStage>(address, options), Refused(options.RecordFolder!));
        Assert.That(
            () => IpcChildProcess.Spawn<IStage>(
                "/bin/true", new IpcSpawnOptions { RecordFolder = options.RecordFolder }),
            Refused(options.RecordFolder!),
            "before anything is started");
        Assert.That(accepted, Is.Zero);
        using IpcConnection<IStage> client = IpcConnection.Connect<IStage>(address);
        Assert.That(client.Root.Call(5), Is.EqualTo(5), "the server goes on");
    }

    private static NUnit.Framework.Constraints.IResolveConstraint Refused(string where)
        => Throws.TypeOf<IpcException>().With.Message.Contains(where).And.Property(
            nameof(IpcException.Kind)).EqualTo(IpcErrorKind.Refused);

    [Test]
    public void A_server_whose_folder_has_gone_says_why_it_serves_nobody()
    {
        var log = new TestLog(LogLevel.Warning);
        string folder = _directory["folder"];
        IpcAddress address = IpcAddress.Unix(_directory["s.sock"]);
        using IpcServer server = IpcServer.Listen<IStage>(
            address, _ => new Stage(), new IpcServerOptions { RecordFolder = folder, LoggerFactory = log });
        Assert.That(Directory.GetFiles(folder), Is.Empty, "listening leaves no file");
        Directory.Delete(folder);
        File.WriteAllText(folder, "");

        Assert.That(() => IpcConnection.Connect<IStage>(address), Throws.TypeOf<IpcDisconnectedException>());
        Patience.Until(
            () => log.Entries.Any(entry => entry.Text.Contains(folder, StringComparison.Ordinal)),
            "the reason in the log");

        File.Delete(folder);
        using IpcConnection<IStage> client = IpcConnection.Connect<IStage>(address);
        Assert.That(client.Root.Call(5), Is.EqualTo(5));
    }

    [Test]
    public void A_disk_that_is_full_when_the_connection_is_opened_ends_the_recording_alone()
    {
        var log = new TestLog(LogLevel.Warning);
        (DuplexPipeTransport end, DuplexPipeTransport other) = InMemoryTransport.CreatePair();
        var full = new FileStream(
            "/dev/full", new FileStreamOptions { Mode = FileMode.Open, Access = FileAccess.Write, BufferSize = 0 });

        Transport transport = Recorder.Record(
            end, full, "/dev/full", new IpcConnectionOptions { LoggerFactory = log }, isClient: true);

        Assert.That(transport, Is.SameAs(end));
        Assert.That(full.CanWrite, Is.False, "it was closed");
        Assert.That(log.Entries.Select(entry => entry.Id), Is.EqualTo(new[] { 7 }));
        Assert.That(log.Entries[0].Text, Does.Contain("/dev/full").And.Contain("No space left"));
        end.Dispose();
        other.Dispose();
    }

    [Test]
    public void A_write_that_fails_later_ends_the_recording_with_one_warning_and_not_the_connection()
    {
        var log = new TestLog(LogLevel.Warning);
        var disk = new Disk();
        var options = new IpcConnectionOptions { LoggerFactory = log };
        (DuplexPipeTransport ofClient, DuplexPipeTransport ofServer) = InMemoryTransport.CreatePair();
        TestThread<ServedConnection> serving = TestThread.Start(
            () => ServedConnection.Open<IStage>(ofServer, new IpcConnectionOptions(), _ => new Stage()));
        using IpcConnection<IStage> client = IpcConnection<IStage>.Open(
            Recorder.Record(ofClient, disk, "a disk", options, isClient: true), options);
        using ServedConnection server = serving.Join();
        client.Root.Call(1);
        long written = disk.Length;

        disk.IsFull = true;
        Assert.That(client.Root.Call(2), Is.EqualTo(2));
        Assert.That(client.Root.Call(3), Is.EqualTo(3));

        Patience.Until(() => log.Entries.Any(entry => entry.Id == 7), "the end of the recording in the log");
        disk.IsFull = false;
        Assert.That(client.Root.Call(4), Is.EqualTo(4));
        Assert.That(log.Entries.Select(entry => entry.Id), Is.EqualTo(new[] { 6, 7 }));
        Assert.That(log.Entries[1].Text, Does.Contain("a disk").And.Contain("No space left."));
        Assert.That((written, disk.IsClosed), Is.EqualTo((disk.Written, true)));
    }

    [Test]
    public void On_a_full_disk_open_and_new_connections_go_on_and_no_file_is_empty()
    {
        using var disk = SmallDisk.Mount(_directory["disk"], kilobytes: 64);
        var log = new TestLog(LogLevel.Warning);
        var options = new IpcServerOptions { RecordFolder = disk.Path, LoggerFactory = log };
        IpcAddress address = IpcAddress.Unix(_directory["s.sock"]);
        using IpcServer server = IpcServer.Listen<IVault>(address, _ => new Vault(), options);
        using IpcConnection<IVault> early = IpcConnection.Connect<IVault>(address);

        for (int i = 0; !log.Entries.Any(entry => entry.Id == 7); i++)
        {
            Assert.That(i, Is.LessThan(1000), "the disk is small");
            Assert.That(early.Root.Open(new string('x', 1000)), Is.EqualTo(1000));
        }

        for (int i = 0; i < 5; i++)
        {
            using IpcConnection<IVault> late = IpcConnection.Connect<IVault>(address, options);
            Assert.That(late.Root.Open("more"), Is.EqualTo(4));
        }

        Assert.That(early.Root.Open("more"), Is.EqualTo(4));
        FileInfo[] files = new DirectoryInfo(disk.Path).GetFiles();
        Assert.That(files.Select(file => file.Length), Is.Not.Empty.And.All.Positive);
        foreach (FileInfo file in files)
        {
            Assert.That(() => IpcTraffic.Load(file.FullName), Throws.Nothing, "it ends with a whole line");
        }

        using IpcServer next = IpcServer.Listen<IVault>(
            IpcAddress.Unix(_directory["n.sock"]), _ => new Vault(), options);
    }

    [Test]
    public void A_warning_says_that_secrets_are_written_and_where()
    {
        var log = new TestLog(LogLevel.Warning);
        using (IpcTestPair<IVault> pair = IpcTestPair.Create<IVault>(
            new Vault(),
            new IpcTestPairOptions
            {
                Client = new IpcConnectionOptions { RecordFolder = _directory.Path, LoggerFactory = log }
            }))
        {
            pair.Root.Open("swordfish");
        }

        string file = Directory.GetFiles(_directory.Path).Single();

        Assert.That(log.Entries.Single().Text, Does.Contain(file).And.Contain("sensitive"));
        Assert.That((log.Entries[0].Id, log.Entries[0].Level), Is.EqualTo((6, LogLevel.Warning)));
        Assert.That(IpcTraffic.Load(file).Describe(), Does.Contain("arguments=[\"swordfish\"]"));
    }

    [Test]
    public void A_server_with_two_clients_makes_two_files()
    {
        IpcAddress address = IpcAddress.Unix(_directory["s.sock"]);
        string folder = _directory["records"];
        using (IpcServer server = IpcServer.Listen<IStage>(
            address, _ => new Stage(), new IpcServerOptions { RecordFolder = folder }))
        {
            for (int client = 1; client <= 2; client++)
            {
                using IpcConnection<IStage> connection = IpcConnection.Connect<IStage>(address);
                connection.Root.Call(client);
            }

            Patience.Until(() => server.Connections.Count == 0, "both have left");
        }

        Assert.That(
            Directory
                .GetFiles(folder)
                .Select(IpcTraffic.Load)
                .Select(traffic => traffic.Frames.Single(frame => frame.Type == MessageType.Call).ToString()[^5..]),
            Is.EquivalentTo(new[] { "s=[1]", "s=[2]" }));
    }

    [Test]
    public void A_message_that_is_cut_off_is_a_comment()
    {
        using (IpcTestPair<IStage> pair = Serve(new Stage()))
        {
            pair.Root.Call(1);
            pair.Faults.ClientToServer.CutAfterBytes(6);
            Assert.That(() => pair.Root.Call(2), Throws.TypeOf<IpcDisconnectedException>());
            Patience.Until(
                () => pair.Server.Completion.IsCompleted && pair.Client.Completion.IsCompleted, "both ends are closed");
        }

        foreach (string end in new[] { "client", "server" })
        {
            IpcTraffic traffic = Load(end);
            Assert.That(traffic.Comments, Has.One.Matches(@"^cut off after 6 bytes: > [0-9a-f]{12}$"), end);
            Assert.That(traffic.Frames.Count(frame => frame.Type == MessageType.Call), Is.EqualTo(1), end);
        }
    }

    [Test]
    public void The_option_goes_with_copies_and_must_name_a_folder()
    {
        var options = new IpcSpawnOptions { RecordFolder = "folder" };

        Assert.That((options with { ErrorTailBytes = 1 }).RecordFolder, Is.EqualTo("folder"));
        Assert.That(
            ((IpcConnectionOptions)new IpcServerOptions { RecordFolder = "folder" } with
            {
                CaptureCreationStacks = true
            }).RecordFolder,
            Is.EqualTo("folder"));
        Assert.That(() => new IpcConnectionOptions { RecordFolder = "" }, Throws.ArgumentException);
    }

    /// <summary>Has the server hear the client's Goodbye before it is ended itself.</summary>
    private static void EndByClient(IpcTestPair<IStage> pair)
    {
        pair.Client.Dispose();
        Patience.Until(() => pair.Server.Completion.IsCompleted, "the server's end");
    }

    private static string[] Lines(IEnumerable<IpcTrafficFrame> frames)
        => [.. frames.Select(frame => new IpcTraffic([frame]).Format())];

    // "< Return … request=7" answers "> Call … request=7".
    private static void AssertAnswersStandBehindTheirCalls(IpcTraffic traffic)
    {
        HashSet<string> open = [];
        foreach (IpcTrafficFrame frame in traffic.Frames)
        {
            string[] words = frame.ToString().Split(' ');
            string? request = Array.Find(words, word => word.StartsWith("request=", StringComparison.Ordinal));
            if (words[1] == "Call")
            {
                open.Add(words[0] + request);
            }
            else if (words[1] == "Return")
            {
                Assert.That(open.Remove((words[0] == ">" ? "<" : ">") + request), Is.True, frame.ToString());
            }
        }

        Assert.That(open, Is.Empty);
    }

    private IpcTestPair<IStage> Serve(
        IStage stage, IpcTestTransport transport = IpcTestTransport.InMemory, string? folder = null)
    {
        var options = new IpcConnectionOptions { RecordFolder = folder ?? _directory.Path };
        return IpcTestPair.Create(
            stage, new IpcTestPairOptions { Transport = transport, Client = options, Server = options });
    }

    /// <summary>The recording of one end, once it is whole.</summary>
    private IpcTraffic Load(string end)
    {
        IpcTraffic? found = null;
        Patience.Until(
            () =>
            {
                found = Directory
                    .GetFiles(_directory.Path, "*" + RecordFile.Extension)
                    .Select(IpcTraffic.Load)
                    .Single(
                        traffic => traffic.Comments.Any(
                            comment => comment.StartsWith($"end: {end}", StringComparison.Ordinal)));
                return found.Comments[^1] == "the connection has ended";
            },
            $"the end of the {end}'s recording");
        return found!;
    }

    private sealed class Vault : IVault
    {
        public int Open(string secret) => secret.Length;
    }

    /// <summary>A peer whose answer is there before sending returns.</summary>
    private sealed class FastPeer : Transport
    {
        private volatile bool _hasReceived;

        public Action Sent { get; set; } = () => { };

        public bool HasReceived => _hasReceived;

        public override string Description => "a fast peer";

        public override IpcPeer Peer => PeerCredentials.Own();

        public override int TryReceive(Span<byte> buffer)
        {
            ReadOnlySpan<byte> answer = [1, 0, 0, 0, 0xc3];
            answer.CopyTo(buffer);
            _hasReceived = true;
            return answer.Length;
        }

        public override int Receive(Span<byte> buffer) => TryReceive(buffer);

        public override bool WaitToReceive(int milliseconds) => true;

        public override int TrySend(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
        {
            Sent();
            return first.Length + second.Length;
        }

        public override bool WaitToSend(int milliseconds) => true;

        public override void Close()
        {
        }

        public override void Dispose()
        {
        }
    }

    /// <summary>A disk that can be full.</summary>
    private sealed class Disk : MemoryStream
    {
        public volatile bool IsFull;

        public long Written { get; private set; }

        public bool IsClosed { get; private set; }

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            if (IsFull)
            {
                throw new IOException("No space left.");
            }

            Written += buffer.Length;
            base.Write(buffer);
        }

        protected override void Dispose(bool disposing)
        {
            IsClosed = true;
            base.Dispose(disposing);
        }
    }
}
