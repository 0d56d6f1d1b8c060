using Example;
using Multiprocess.Messages;
using Multiprocess.Objects;
using Multiprocess.Protocols;
using Multiprocess.Serialization;
using Multiprocess.Tests.Support;
using Multiprocess.Transports;
using Multiprocess.Versions;

namespace Multiprocess.Tests.Calls;

/// <summary>When shapes are sent, and what a callee does with one that does not fit.</summary>
public sealed class ShapeTests(IpcTestTransport transport) : PairFixture(transport)
{
    private static uint Find => ContractBinding<IPeople>.Instance.MethodIds[0];

    private static string Shape => ContractBinding<IPeople>.Instance.GetShape(Find)!;

    [Test]
    public void A_call_whose_shape_does_not_fit_is_refused_before_it_runs_and_the_connection_lives_on()
    {
        var people = new People();
        using RawPeer peer = RawPeer.Attach<IPeople>(people, Transport, null, out IpcConnection server);
        using (server)
        {
            SendShape(peer, Shape.Replace("Age: System.Int32", "Age: System.Int64", StringComparison.Ordinal));
            for (int request = 1; request <= 2; request++)
            {
                SendFind(peer, request, MessageFlags.None);
                Message answer = peer.Receive()!;
                (IpcErrorKind kind, string message) = ReadError(answer);

                Assert.That(kind, Is.EqualTo(IpcErrorKind.VersionMismatch));
                Assert.That(message, Is.EqualTo(
                    "Example.IPeople.Find was not run: the two sides have different versions of what it carries. "
                    + "Expected member 'Age' of Example.Person to be 'Age: System.Int32 = default', got 'Age: System.Int64 = default' from the caller: at place 3."));
            }

            SendOneWay(peer, request: 3);
            SendFind(peer, request: 4, MessageFlags.None, id: 5);
            Assert.That(peer.Receive()!.Request, Is.EqualTo(4), "a one-way call has no answer");
            Assert.That(people.Calls, Is.Zero);
            Assert.That(server.Completion.IsCompleted, Is.False);
        }
    }

    [Test]
    public void A_shape_that_fits_changes_nothing()
    {
        var people = new People();
        using RawPeer peer = RawPeer.Attach<IPeople>(people, Transport, null, out IpcConnection server);
        using (server)
        {
            SendShape(peer, Shape + "\n Later: System.Int32 = default");
            SendFind(peer, request: 1, MessageFlags.None);

            Assert.That(peer.Receive()!.Type, Is.EqualTo(MessageType.Return));
            Assert.That(people.Calls, Is.EqualTo(1));
        }
    }

    [Test]
    public void The_first_shape_of_a_method_stands()
    {
        using RawPeer peer = RawPeer.Attach<IPeople>(new People(), Transport, null, out IpcConnection server);
        using (server)
        {
            SendShape(peer, Shape);
            SendShape(peer, "Find():System.Void");
            SendFind(peer, request: 1, MessageFlags.None);

            Assert.That(peer.Receive()!.Type, Is.EqualTo(MessageType.Return));
        }
    }

    [Test]
    public void A_caller_says_once_what_a_method_carries_and_before_it_calls()
    {
        using var pair = IpcTestPair.Create<IRoot>(new Root());
        int before = pair.Client.Core.Channel.Versions.Sent.Contains(ContractBinding<IPeople>.Instance, Find) ? 1 : 0;

        IPeople people = pair.Root.GetPeople();
        people.Find("a", null);
        people.Find("b", Role.Member);

        Assert.That(before, Is.Zero);
        Assert.That(pair.Client.Core.Channel.Versions.Sent.Contains(ContractBinding<IPeople>.Instance, Find), Is.True);
        Assert.That(pair.Server.Core.Channel.Versions.Peer.Count, Is.EqualTo(1));
    }

    [Test]
    public void Nothing_is_said_of_a_root_that_both_sides_have_in_the_same_version()
    {
        using var pair = IpcTestPair.Create<IPeople>(new People());

        pair.Root.Find("a", null);

        Assert.That(pair.Server.Core.Channel.Versions.Peer.Count, Is.Zero);
    }

    [Test]
    public void A_root_of_another_version_is_described_before_its_first_call()
    {
        using RawPeer peer = RawPeer.Serve<IPeople>(Transport, out IpcConnection<IPeople> client, fingerprint: 7);
        using (client)
        {
            TestThread<Person?> calling = TestThread.Start(() => client.Root.Find("a", null));
            Message shape = peer.Receive()!;
            Message call = peer.Receive()!;
            while (call.Type != MessageType.Call)
            {
                call = peer.Receive()!;
            }

            var reader = new MessagePackReader(shape.Body);
            Assert.That(shape.Type, Is.EqualTo(MessageType.Shape));
            Assert.That(reader.ReadString(), Is.EqualTo("Example.IPeople"));
            Assert.That(reader.ReadUInt32(), Is.EqualTo(call.Method));
            Assert.That(reader.ReadString(), Is.EqualTo(Shape));
            peer.Send((ref MessagePackWriter writer) =>
            {
                ReturnMessage.Write(ref writer, call.Thread, call.Request);
                writer.WriteArrayHeader(1);
                writer.WriteNil();
            });
            Assert.That(calling.Join(), Is.Null);
        }
    }

    private static void SendShape(RawPeer peer, string shape)
        => peer.Send((ref MessagePackWriter writer) => ShapeMessage.Write(ref writer, "Example.IPeople", Find, shape));

    private static void SendOneWay(RawPeer peer, long request) => SendFind(peer, request, MessageFlags.OneWay);

    [Test]
    public void A_nil_that_is_not_admitted_refuses_its_call_alone_before_it_runs()
    {
        var people = new People();
        using RawPeer peer = RawPeer.Attach<IPeople>(people, Transport, null, out IpcConnection server);
        using (server)
        {
            peer.SendCall(1, 1, 0, 1, Find, (ref MessagePackWriter writer) =>
            {
                writer.WriteArrayHeader(2);
                writer.WriteNil();
                writer.WriteNil();
            });
            (IpcErrorKind kind, string message) = ReadError(peer.Receive()!);

            Assert.That(kind, Is.EqualTo(IpcErrorKind.VersionMismatch));
            Assert.That(message, Is.EqualTo(
                "Example.IPeople.Find was not run: the two sides have different versions of what it carries. "
                + "Expected argument 'name' to be 'System.String', got nil from the caller, whose version has 'System.String?'."));
            Assert.That(people.Calls, Is.Zero);

            SendFind(peer, request: 2, MessageFlags.None);
            Assert.That(peer.Receive()!.Type, Is.EqualTo(MessageType.Return), "the connection lives on");
        }
    }

    private interface IOlder
    {
        string this[string key] { get; set; }

        void Put(string key, string other);
    }

    private interface INames : IOlder
    {
        void Put(string key);

        void Put(int number);

        void Find(CancellationToken token, string text, out int found, ref string more);
    }

    [TestCase(typeof(INames), "Find", 0, 2, "argument 'text'", TestName = "A token is no argument that crosses")]
    [TestCase(typeof(INames), "Find", 1, 2, "argument 'more'", TestName = "Nor is an 'out' parameter")]
    [TestCase(typeof(INames), "Put", 0, 1, "argument 1", TestName = "Overloads with several names")]
    [TestCase(
        typeof(INames),
        "Put",
        1,
        2,
        "argument 'other'",
        TestName = "A method of a base, by its number of arguments")]
    [TestCase(typeof(INames), "set_Item", 0, 2, "argument 'key'", TestName = "An indexer")]
    [TestCase(typeof(Action<string>), "Invoke", 0, 1, "argument 'obj'", TestName = "A delegate")]
    [TestCase(typeof(INames), "Gone", 0, 1, "argument 1", TestName = "A method that was trimmed")]
    public void An_argument_has_the_name_of_its_parameter_where_that_is_known(
        Type contract, string method, int index, int count, string expected)
    {
        Assert.That(new ArgumentNames(contract, method).Of(index, count), Is.EqualTo(expected));
    }

    [Test]
    public void A_nil_in_a_result_names_the_member_that_does_not_admit_it()
    {
        // [[nil, [], 3]]: a person without a name.
        Exception refusal = UnreadValue.Explain(
            ContractBinding<IPeople>.Instance,
            Find,
            new byte[] { 0x91, 0x93, 0xc0, 0x90, 0x03 },
            consumed: 3,
            new IpcProtocolException("Expected a string, got nil.") { At = -1, IsNil = true },
            isResult: true);

        Assert.That(((IpcException)refusal).Kind, Is.EqualTo(IpcErrorKind.VersionMismatch));
        Assert.That(
            refusal.Message,
            Does.Contain("Example.IPeople.Find ran").And.Contain(
                "member 'Name' of Example.Person, in the result, to be 'System.String', got nil from the callee"));
    }

    private static void SendFind(RawPeer peer, long request, MessageFlags flags, uint? id = null)
        => peer.SendCall(1, request, 0, 1, id ?? Find, (ref MessagePackWriter writer) =>
        {
            writer.WriteArrayHeader(2);
            writer.Write("a");
            writer.WriteNil();
        }, flags);

    private static (IpcErrorKind Kind, string Message) ReadError(Message answer)
    {
        Assert.That(answer.Type, Is.EqualTo(MessageType.Error));
        var reader = new MessagePackReader(answer.Body);
        var kind = (IpcErrorKind)reader.ReadByte();
        reader.ReadArrayHeader();
        reader.ReadString();
        return (kind, reader.ReadString()!);
    }

    private sealed class People : IPeople
    {
        public int Calls { get; private set; }

        public Person? Find(string name, Role? role)
        {
            Calls++;
            return null;
        }
    }

    private sealed class Root : IRoot
    {
        public IPeople GetPeople() => new People();
    }
}

/// <summary>A root behind which the people are.</summary>
[IpcInterface]
public interface IRoot
{
    IPeople GetPeople();
}
