using System.Runtime.Versioning;
using System.Text;
using Multiprocess.Connections;
using Multiprocess.Introspection;
using Multiprocess.Messages;
using Multiprocess.Objects;
using Multiprocess.Protocols;
using Multiprocess.Tests.Support;
using Multiprocess.Tests.Transports;
using Multiprocess.Transports;

namespace Multiprocess.Tests.Connections;

/// <summary>A contract with something that no log may show, and something that hangs on it.</summary>
[IpcInterface]
public interface ISafe
{
    int Open([IpcSensitive] string secret);

    int Count(string[] words);

    void Store(SecretParcel parcel);

    IListener Listener();
}

/// <summary>A value with a member that no log may show.</summary>
public sealed record SecretParcel(string Name, [property: IpcSensitive] string Content);

/// <summary>What a server says about itself, as the protocol has it; the tool's tests ask real processes.</summary>
[Platform("Linux")]
[UnsupportedOSPlatform("windows")]
[CancelAfter(60_000)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class IntrospectionTests : IDisposable
{
    private readonly SocketDirectory _directory = new();
    private long _request;

    private IpcAddress Address => IpcAddress.Unix(_directory["s.sock"]);

    public void Dispose() => _directory.Dispose();

    [Test]
    public void A_server_describes_what_it_serves_and_makes_no_root_for_it()
    {
        bool isMade = false;
        using IpcServer server = IpcServer.Listen<ISafe>(Address, _ =>
        {
            isMade = true;
            return new Safe();
        });
        using RawPeer peer = Ask();

        object?[] described = Get(peer, IntrospectionStub.DescribeId);

        Assert.That(described[0], Is.EqualTo(typeof(ISafe).FullName));
        Assert.That(described[1], Is.EqualTo(ContractBinding<ISafe>.Instance.Fingerprint));
        string[] lines = ((string)described[2]!).Split('\n');
        Assert.That(lines, Does.Contain($"interface {typeof(ISafe).FullName}"));
        Assert.That(lines, Has.Some.EndsWith(" Open(sensitive System.String secret):System.Int32"));
        Assert.That(
            lines,
            Does.Contain($"record {typeof(SecretParcel).FullName}").And.Member(" sensitive Content: System.String"));
        Assert.That(
            lines, Does.Contain($"interface {typeof(IListener).FullName}"), "what it mentions is described with it");
        Assert.That(lines, Has.Some.EndsWith(" oneway Tell(System.Int32 x):System.Void"));
        Assert.That(lines.Where(line => !line.StartsWith(' ')), Is.Unique);
        Assert.That(isMade, Is.False);
    }

    [Test]
    public void Whoever_wants_the_contract_is_served_as_ever()
    {
        using IpcServer server = IpcServer.Listen<ISafe>(Address, _ => new Safe());
        using RawPeer peer = Ask();
        using IpcConnection<ISafe> client = IpcConnection.Connect<ISafe>(Address);

        Assert.That(client.Root.Open("sesame"), Is.EqualTo(6));
        Assert.That(Get(peer, IntrospectionStub.ProcessId)[0], Is.EqualTo(Environment.ProcessId));
    }

    [TestCase(IpcIntrospection.Off, false)]
    [TestCase(IpcIntrospection.SameUser, true)]
    [TestCase(IpcIntrospection.AllPeers, true)]
    public void The_option_says_who_is_answered(IpcIntrospection option, bool isAnswered)
    {
        using IpcServer server = IpcServer.Listen<ISafe>(
            Address, _ => new Safe(), new IpcServerOptions { Introspection = option });
        using RawPeer peer = Ask();

        if (isAnswered)
        {
            Assert.That(Get(peer, IntrospectionStub.DescribeId)[0], Is.EqualTo(typeof(ISafe).FullName));
        }
        else
        {
            Assert.That(
                peer.ReceiveGoodbye(),
                Is.EqualTo((
                    IpcErrorKind.Refused,
                    $"Contracts do not match: the peer wants {IntrospectionStub.ContractName}, this side serves {typeof(ISafe).FullName}.")));
        }
    }

    [TestCase(-1L, IpcIntrospection.SameUser, false, TestName = "A_peer_without_a_user_is_not_answered")]
    [TestCase(
        -1L,
        IpcIntrospection.AllPeers,
        true,
        TestName = "A_peer_without_a_user_is_answered_if_the_option_says_so")]
    [TestCase(4_711L, IpcIntrospection.SameUser, false, TestName = "Another_user_who_was_let_in_is_not_answered")]
    [TestCase(
        4_711L,
        IpcIntrospection.AllPeers,
        true,
        TestName = "Another_user_who_was_let_in_is_answered_if_the_option_says_so")]
    public void Peers_who_are_not_the_same_user(long user, IpcIntrospection option, bool isAnswered)
    {
        (System.IO.Pipelines.IDuplexPipe mine, System.IO.Pipelines.IDuplexPipe theirs) =
            Nerdbank.Streams.FullDuplexStream.CreatePipePair();
        using var raw = new RawPeer(new DuplexPipeTransport(mine, PeerCredentials.Own(), "raw"));
        TestThread<IpcConnection?> serving = TestThread.Start(() => Serve(theirs, user, option));

        Hello(raw);
        using IpcConnection? served = serving.Join();
        Assert.That(raw.Receive()?.Type, Is.EqualTo(MessageType.Hello));

        Assert.That(served is not null, Is.EqualTo(isAnswered));
        if (isAnswered)
        {
            Assert.That(Get(raw, IntrospectionStub.DescribeId)[0], Is.EqualTo(typeof(ISafe).FullName));
        }
        else
        {
            Assert.That(raw.ReceiveGoodbye().Kind, Is.EqualTo(IpcErrorKind.Refused));
        }
    }

    [Test]
    public void Connections_objects_and_waiting_calls_are_shown()
    {
        var entered = new Signal();
        var leave = new Signal();
        using IpcServer server = IpcServer.Listen<IStage>(Address, _ => new Stage
        {
            OnCall = x =>
            {
                entered.Set();
                leave.Await();
                return x;
            },
        });
        using IpcConnection<IStage> client = IpcConnection.Connect<IStage>(Address);
        using RawPeer peer = Ask();
        TestThread<int> calling = TestThread.Start(() => client.Root.Call(3));
        entered.Await();
        try
        {
            object?[] connections = Get(peer, IntrospectionStub.ConnectionsId, 100);
            Assert.That(
                Rows(connections[1]),
                Has.Some.Matches<object?[]>(row => Equals(row![4], typeof(IStage).FullName) && Equals(row![11], 1)));
            Assert.That(
                Rows(connections[1]),
                Has.Some.Matches<object?[]>(row => Equals(row![4], IntrospectionStub.ContractName)));

            object?[] objects = Get(peer, IntrospectionStub.ObjectsId, 100);
            Assert.That(
                Rows(objects[1]),
                Has.Some.Matches<object?[]>(row => Equals(row![0], typeof(IStage).FullName) && Equals(row![1], true)));
            Assert.That(
                Rows(objects[2]),
                Has.Some.Matches<object?[]>(row => Equals(row![1], typeof(IStage).FullName) && Equals(row![2], 1)));
            Assert.That(Rows(Get(peer, IntrospectionStub.ObjectsId, 1)[2]), Has.Length.EqualTo(1));

            string method = $"{typeof(IStage).FullName}.{nameof(IStage.Call)}";
            object?[] calls = Get(peer, IntrospectionStub.CallsId, 100);
            Assert.That(
                Rows(calls[1]).SelectMany(chain => Rows(chain[1])),
                Has.Some.Matches<object?[]>(step => Equals(step![3], method) && Equals(step![4], true)));
            Assert.That(
                Rows(calls[1]).SelectMany(chain => Rows(chain[1])),
                Has.Some.Matches<object?[]>(step => Equals(step![3], method) && Equals(step![4], false)));
        }
        finally
        {
            leave.Set();
        }

        Assert.That(calling.Join(), Is.EqualTo(3));
    }

    [Test]
    public void Calls_are_measured_by_method_from_the_first_question_on()
    {
        using IpcServer server = IpcServer.Listen<ISafe>(Address, _ => new Safe());
        using IpcConnection<ISafe> client = IpcConnection.Connect<ISafe>(Address);
        using RawPeer peer = Ask();
        client.Root.Count(["before"]);
        _ = Get(peer, IntrospectionStub.MetricsId);

        client.Root.Count(["a", "b"]);
        client.Root.Count([]);

        Patience.Until(
            () => Rows(Get(peer, IntrospectionStub.MetricsId)[1]).Any(
                row => Equals(row[1], nameof(ISafe.Count)) && Equals(row[2], "server") && Equals(row[4], 2)),
            "both calls are counted");
        object?[] row = Rows(Get(peer, IntrospectionStub.MetricsId)[1]).Single(
            row => Equals(row[1], nameof(ISafe.Count)) && Equals(row[2], "server"));
        Assert.That(row[3], Is.EqualTo("ok"));
        Assert.That(row[5], Is.TypeOf<double>().And.GreaterThan(0));
        Assert.That(Rows(row[6]).Sum(bucket => (int)bucket[1]!), Is.EqualTo(2));
        Assert.That(
            Rows(Get(peer, IntrospectionStub.MetricsId)[1]),
            Has.None.Matches<object?[]>(row => Equals(row![0], IntrospectionStub.ContractName)));
    }

    [Test]
    public void Messages_are_shown_while_they_cross_and_what_is_sensitive_without_content()
    {
        using IpcServer server = IpcServer.Listen<ISafe>(Address, _ => new Safe());
        using IpcConnection<ISafe> client = IpcConnection.Connect<ISafe>(Address);
        using RawPeer peer = Ask();

        // Who asks for no messages begins the trace and waits for nothing.
        _ = Get(peer, IntrospectionStub.TraceId, 0, MessageFlags.Asynchronous);
        client.Root.Count(["plain-word"]);
        client.Root.Open("my-secret");
        client.Root.Store(new SecretParcel("box", "my-secret"));

        var seen = new List<object?[]>();
        while (!seen.Any(row => Equals(row[3], "answer sent") && Equals(row[6], nameof(ISafe.Store))))
        {
            seen.AddRange(Rows(Get(peer, IntrospectionStub.TraceId, 100, MessageFlags.Asynchronous)[1]));
        }

        byte[][] frames = [.. seen.Select(row => row[9]).OfType<byte[]>()];
        Assert.That(
            seen,
            Has.Some.Matches<object?[]>(
                row => Equals(row![3], "call received") && Equals(row![6], nameof(ISafe.Open)) && row![9] is null));
        Assert.That(
            seen,
            Has.Some.Matches<object?[]>(
                row => Equals(row![3], "call received") && Equals(row![6], nameof(ISafe.Store)) && row![9] is null));
        Assert.That(frames, Has.Some.Matches<byte[]>(frame => Encoding.UTF8.GetString(frame!).Contains("plain-word")));
        Assert.That(frames, Has.None.Matches<byte[]>(frame => Encoding.UTF8.GetString(frame!).Contains("my-secret")));
    }

    [Test]
    public void What_was_begun_for_one_who_asked_ends_with_its_connection()
    {
        using IpcServer server = IpcServer.Listen<ISafe>(Address, _ => new Safe());
        using IpcConnection<ISafe> client = IpcConnection.Connect<ISafe>(Address);
        RawPeer peer = Ask();
        _ = Get(peer, IntrospectionStub.TraceId, 0, MessageFlags.Asynchronous);
        Assert.That(client.Core.Channel.Logger, Is.InstanceOf<MessageTap>());

        peer.Dispose();

        Patience.Until(() => client.Core.Channel.Logger is not MessageTap, "the tap is taken out");
        Assert.That(TracedConnections.All, Is.Empty);
        Assert.That(client.Root.Open("sesame"), Is.EqualTo(6));
    }

    [Test]
    public void A_connection_that_is_opened_while_somebody_watches_is_watched()
    {
        using IpcServer server = IpcServer.Listen<ISafe>(Address, _ => new Safe());
        using RawPeer peer = Ask();
        _ = Get(peer, IntrospectionStub.TraceId, 0, MessageFlags.Asynchronous);

        using IpcConnection<ISafe> client = IpcConnection.Connect<ISafe>(Address);
        client.Root.Count(["late"]);

        var seen = new List<object?[]>();
        while (!seen.Any(row => Equals(row[3], "answer sent")))
        {
            seen.AddRange(Rows(Get(peer, IntrospectionStub.TraceId, 100, MessageFlags.Asynchronous)[1]));
        }

        Assert.That(seen, Has.Some.Matches<object?[]>(row => Equals(row![6], nameof(ISafe.Count))));
    }

    [Test]
    public void A_method_that_there_is_not_and_wrong_arguments_are_errors_as_elsewhere()
    {
        using IpcServer server = IpcServer.Listen<ISafe>(Address, _ => new Safe());
        using RawPeer peer = Ask();

        Call(peer, 99, null, MessageFlags.None);
        Assert.That(peer.Receive()?.Type, Is.EqualTo(MessageType.Error));

        Call(peer, IntrospectionStub.ConnectionsId, null, MessageFlags.None);
        Assert.That(peer.ReceiveGoodbye().Kind, Is.EqualTo(IpcErrorKind.Protocol));
    }

    [Test]
    public void A_value_that_is_no_option_is_refused()
        => Assert.That(
            () => new IpcServerOptions { Introspection = (IpcIntrospection)3 },
            Throws.TypeOf<ArgumentOutOfRangeException>());

    private static IpcConnection? Serve(System.IO.Pipelines.IDuplexPipe pipe, long user, IpcIntrospection option)
    {
        var options = new IpcServerOptions { Introspection = option, AuthorizePeer = _ => true };
        try
        {
            return IpcServer.Serve<ISafe>(pipe, _ => new Safe(), options, new IpcPeer(1, user, user));
        }
        catch (IpcException exception) when (exception.Kind == IpcErrorKind.Refused)
        {
            return null;
        }
    }

    /// <summary>A peer that has asked for introspection; it has read the server's Hello.</summary>
    private RawPeer Ask()
    {
        var peer = new RawPeer(Endpoint.Connect(Address, new IpcConnectionOptions()));
        Hello(peer);
        Assert.That(peer.Receive()?.Type, Is.EqualTo(MessageType.Hello));
        return peer;
    }

    private static void Hello(RawPeer peer)
        => peer.Send(
            new Hello(
                HelloMessage.CurrentVersion, 1, null, 0, IntrospectionStub.ContractName, 0, 64 * 1024 * 1024).Write);

    private void Call(RawPeer peer, uint method, int? argument, MessageFlags flags)
        => peer.SendCall(1, ++_request, 0, ExportTable.RootHandle, method, (ref MessagePackWriter writer) =>
        {
            writer.WriteArrayHeader(argument is null ? 0 : 1);
            if (argument is { } number)
            {
                writer.Write(number);
            }
        }, flags);

    private object?[] Get(RawPeer peer, uint method, int? argument = null, MessageFlags flags = MessageFlags.None)
    {
        Call(peer, method, argument, flags);
        Message answer = peer.Receive()!;
        Assert.That(answer.Type, Is.EqualTo(MessageType.Return));
        var reader = new MessagePackReader(answer.Body);
        return (object?[])((object?[])Read(ref reader)!)[0]!;
    }

    private static object?[][] Rows(object? rows) => [.. ((object?[])rows!).Cast<object?[]>()];

    /// <summary>Any value; integers that fit as <see cref="int"/>.</summary>
    private static object? Read(ref MessagePackReader reader)
    {
        switch (reader.NextMessagePackType)
        {
            case MessagePackType.Nil:
                reader.ReadNil();
                return null;
            case MessagePackType.Boolean:
                return reader.ReadBoolean();
            case MessagePackType.Float:
                return reader.ReadDouble();
            case MessagePackType.String:
                return reader.ReadString();
            case MessagePackType.Binary:
                return System.Buffers.BuffersExtensions.ToArray(reader.ReadBytes()!.Value);
            case MessagePackType.Array:
                var items = new object?[reader.ReadArrayHeader()];
                for (int i = 0; i < items.Length; i++)
                {
                    items[i] = Read(ref reader);
                }

                return items;
            default:
                if (reader.NextCode == MessagePackCode.UInt64)
                {
                    return reader.ReadUInt64();
                }

                long number = reader.ReadInt64();
                return (int)number == number ? (object)(int)number : number;
        }
    }

    private sealed class Safe : ISafe
    {
        public int Open(string secret) => secret.Length;

        public int Count(string[] words) => words.Length;

        public void Store(SecretParcel parcel)
        {
        }

        public IListener Listener() => throw new NotSupportedException();
    }
}
