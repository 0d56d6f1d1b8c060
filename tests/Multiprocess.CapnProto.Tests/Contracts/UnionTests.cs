using System.Text;
using Multiprocess.CapnProto.Messages;
using Multiprocess.CapnProto.Rpc;
using Multiprocess.CapnProto.Tests.Contracts.Imported;
using Multiprocess.CapnProto.Tests.Contracts.Real;
using Multiprocess.CapnProto.Tests.Rpc;
using Multiprocess.CapnProto.Tests.Support;

namespace Multiprocess.CapnProto.Tests.Contracts;

/// <summary>Unions and groups of contracts, against the real compiler and against peers with other cases.</summary>
public sealed class UnionTests
{
    private static readonly string s_path = Path.Combine(AppContext.BaseDirectory, "Contracts", "imported.capnp");

    private RawObject _raw = null!;
    private CapnpConnection _client = null!;
    private CapnpConnection _server = null!;

    [SetUp]
    public void Connect()
    {
        _raw = new();
        (_client, _server) = PeerFixture.Pair(root: null, _raw);
    }

    [TearDown]
    public async Task Disconnect()
    {
        _client.Dispose();
        _server.Dispose();
        await _client.DisposeAsync().AsTask().WaitAsync(PeerCalls.Bound);
        await _server.DisposeAsync().AsTask().WaitAsync(PeerCalls.Bound);
    }

    private static IEnumerable<TestCaseData> Choices()
    {
        yield return new TestCaseData(new Choice.Nothing { Label = "l" }, "(label = \"l\", nothing = void");
        yield return new TestCaseData(new Choice.One(7), "one = 7");
        yield return new TestCaseData(new Choice.One(0), "one = 0");
        yield return new TestCaseData(new Choice.Text("t"), "text = \"t\"");
        yield return new TestCaseData(new Choice.ItemCase(null), "item = (");
        yield return new TestCaseData(
            new Choice.Area { Height = 2, Unit = new Choice.Area.UnitUnion.Pixels(), Origin = new() { Y = -1 } },
            "area = (width = 0, height = 2, unit = (pixels = void)), origin = (x = 0, y = -1)");
        yield return new TestCaseData(
            new Choice.Area { Unit = new Choice.Area.UnitUnion.Named("mm") }, "unit = (named = \"mm\")");
        yield return new TestCaseData(new Choice.Depth.Shallow(true), "depth = (shallow = true)");
        yield return new TestCaseData(
            new Choice.Depth.Deep { Value = -5, LabelValue = "x" },
            "depth = (deep = (level = 3, value = -5, label = \"x\"))");
    }

    [TestCaseSource(nameof(Choices))]
    public void Compiler_reads_what_is_written_and_writes_what_is_read(Choice choice, string expected)
    {
        CapnpTool.Require();
        string text = "";
        _raw.Answer = message =>
        {
            byte[] decoded = CapnpTool.Run(message, "decode", s_path, "Choice");
            text = string.Join(' ', Encoding.UTF8.GetString(decoded).Split(
                (char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries));
            return CapnpTool.Run(decoded, "encode", s_path, "Choice");
        };

        Choice? back = _client.GetRoot<IChooser>().Turn(choice);

        text = text.Replace("( ", "(", StringComparison.Ordinal).Replace(") )", "))", StringComparison.Ordinal);
        Assert.That(text, Does.Contain(expected));
        Assert.That(back is Choice.ItemCase item ? item with { Value = null } : back, Is.EqualTo(choice));
    }

    [Test]
    public void Compilers_own_request_comes_back_as_it_was()
    {
        byte[] request = RequestOfCapnp();
        byte[] sent = [];
        _raw.Answer = message =>
        {
            sent = message;
            return request;
        };
        IReal real = _client.GetRoot<IReal>();

        CodeGeneratorRequest read = real.Turn(new())!;
        _ = real.Turn(read);

        Assert.That(read.Nodes.OfType<Node.Struct>().Count(), Is.GreaterThan(20));
        Assert.That(CapnpTool.SchemaOf(sent), Is.EqualTo(CapnpTool.SchemaOf(request)));
    }

    [Test]
    public void Changed_request_is_a_typed_error_or_a_value_that_crosses_again([Values(1, 2, 3)] int seed)
    {
        byte[] request = RequestOfCapnp();
        var random = new Random(seed);
        IReal real = _client.GetRoot<IReal>();
        int values = 0;
        int errors = 0;
        for (int i = 0; i < 100; i++)
        {
            byte[] changed = [.. request];
            for (int changes = random.Next(1, 40); changes > 0; changes--)
            {
                // Behind the segment table. Small numbers, because they are tags of other cases.
                changed[random.Next(16, changed.Length)] = (byte)random.Next(random.Next(2) == 0 ? 32 : 256);
            }

            _raw.Answer = _ => changed;
            CodeGeneratorRequest read;
            try
            {
                read = real.Turn(new())!;
            }
            catch (IpcException)
            {
                errors++;
                continue;
            }

            values++;
            _raw.Answer = message => message;
            CodeGeneratorRequest again = real.Turn(read)!;
            Assert.That(again.Nodes, Has.Length.EqualTo(read.Nodes.Length), $"Change {i}");
        }

        Assert.That((values, errors), Is.Not.EqualTo((100, 0)).And.Not.EqualTo((0, 100)));
    }

    [Test]
    public void Tag_that_stands_for_no_case_is_an_error_of_that_call()
    {
        _raw.Answer = _ => MessageWithTag(99);
        IChooser chooser = _client.GetRoot<IChooser>();

        var unknown = Assert.Throws<IpcException>(() => chooser.Turn(new Choice.One(1)));

        Assert.That(unknown.Kind, Is.EqualTo(IpcErrorKind.ArgumentNotDecoded));
        Assert.That(unknown.Message, Does.Contain("Choice has no case with the tag 99"));
        _raw.Answer = message => message;
        Assert.That(chooser.Turn(new Choice.One(1)), Is.EqualTo(new Choice.One(1)));
    }

    [Test]
    public async Task Argument_with_an_unknown_case_is_refused_and_the_connection_lives_on()
    {
        (CapnpConnection client, CapnpConnection server) = PeerFixture.Pair(
            root: null, CapnpContract.Serve<IChooser>(new Chooser()));
        using CapnpReference root = client.Bootstrap();
        using CapnpRequest request = root.Call(interfaceId: 0xa1b2c3d4e5f60720, methodId: 0);
        request.Parameters.InitStruct(new CapnpStructSize(0, 1)).Pointer(0).Write(
            CapnpMessage.Read(MessageWithTag(7)).Root);
        using CapnpAnswer answer = request.Send();

        CapnpException? refused = null;
        try
        {
            await answer.Completion.WaitAsync(PeerCalls.Bound);
        }
        catch (CapnpException exception)
        {
            refused = exception;
        }

        Assert.That(refused?.Message, Does.Contain("no case with the tag 7"));
        Assert.That(client.GetRoot<IChooser>().Turn(new Choice.Nothing()), Is.EqualTo(new Choice.Nothing()));
        await client.DisposeAsync().AsTask().WaitAsync(PeerCalls.Bound);
        await server.DisposeAsync().AsTask().WaitAsync(PeerCalls.Bound);
    }

    [Test]
    public void Value_of_any_type_with_a_capability_is_an_error_of_that_call()
    {
        _raw.Answer = message =>
        {
            using var builder = new CapnpMessageBuilder();
            builder.Root.InitStruct(new CapnpStructSize(1, 3)).Pointer(2).WriteCapabilityIndex(0);
            return builder.ToArray();
        };
        IChooser chooser = _client.GetRoot<IChooser>();

        var refused = Assert.Throws<CapnpException>(() => chooser.Fill(null));

        Assert.That(refused.Message, Does.Contain("AnyPointer: Expected a value without capabilities"));
        _raw.Answer = message => message;
        Assert.That(chooser.Fill(null), Is.Null);
    }

    [Test]
    public void Null_pointer_is_the_first_case_where_null_is_not_allowed()
    {
        _raw.Answer = _ => MessageWithTag(null);

        Assert.That(_client.GetRoot<IChooser>().Sure(new Choice.One(1)), Is.EqualTo(new Choice.Nothing()));
        Assert.That(_client.GetRoot<IChooser>().Turn(null), Is.Null);
    }

    [Test]
    public void What_is_no_case_is_not_sent()
    {
        _raw.Answer = message => message;
        IChooser chooser = _client.GetRoot<IChooser>();

        Assert.That(
            () => chooser.Turn(new Odd()), Throws.ArgumentException.With.Message.Contains("no case of the union"));
        Assert.That(() => chooser.Turn(new Choice.One(1) { Origin = null! }), Throws.ArgumentNullException);
        Assert.That(() => chooser.Turn(new Choice.Area { Unit = null! }), Throws.ArgumentNullException);
        Assert.That(_raw.Calls, Is.Zero);
        Assert.That(chooser.Turn(new Choice.One(2)), Is.EqualTo(new Choice.One(2)));
    }

    // What the compiler makes of its own schemas.
    private static byte[] RequestOfCapnp()
    {
        CapnpTool.Require();
        if (!File.Exists("/usr/include/capnp/schema.capnp"))
        {
            Assert.Ignore("Debian's libcapnp-dev is not installed.");
        }

        return CapnpTool.Run(
            default, "compile", "-o-", Path.Combine(AppContext.BaseDirectory, "Contracts", "real.capnp"));
    }

    private static byte[] MessageWithTag(ushort? tag)
    {
        using var builder = new CapnpMessageBuilder();
        if (tag is { } given)
        {
            // The tag of the union has the place that the compiler gives it: see the layout of the schema.
            builder.Root.InitStruct(new CapnpStructSize(6, 3)).WriteUInt16(0, given);
        }

        return builder.ToArray();
    }

    private sealed record Odd : Choice;

    private sealed class Chooser : IChooser
    {
        public Choice? Turn(Choice? choice) => choice;

        public Choice Sure(Choice choice) => choice;

        public Forms? Fill(Forms? forms) => forms;
    }

    /// <summary>Answers each call with a message made of its first parameter.</summary>
    private sealed class RawObject : ICapnpObject
    {
        public Func<byte[], byte[]> Answer { get; set; } = message => message;

        public int Calls { get; private set; }

        public ValueTask CallAsync(CapnpCall call)
        {
            Calls++;
            using var builder = new CapnpMessageBuilder();
            builder.Root.Write(call.Parameters.ReadStruct().Pointer(0));
            CapnpMessage answer = CapnpMessage.Read(Answer(builder.ToArray()));
            call.Results.InitStruct(new CapnpStructSize(0, 1)).Pointer(0).Write(answer.Root);
            return ValueTask.CompletedTask;
        }
    }
}

[CapnpInterface(0xa1b2c3d4e5f60720)]
public interface IChooser
{
    Choice? Turn(Choice? choice);

    Choice Sure(Choice choice);

    Forms? Fill(Forms? forms);
}
