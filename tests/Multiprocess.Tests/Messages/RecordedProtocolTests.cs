using System.Diagnostics;
using System.Globalization;
using Example;
using Multiprocess.Connections;
using Multiprocess.Messages;
using Multiprocess.Objects;
using Multiprocess.Protocols;
using Multiprocess.Recording;
using Multiprocess.Serialization.Codecs;
using Multiprocess.Tests.Support;
using Multiprocess.Tests.Transports;
using Multiprocess.Transports;

namespace Multiprocess.Tests.Messages;

/// <summary>A contract with an asynchronous method without a result.</summary>
[IpcInterface]
public interface IPause
{
    Task PauseAsync();
}

/// <summary>
/// Holds the examples of PROTOCOL.md against recordings of real sessions: what the document shows is what crosses.
/// </summary>
[CancelAfter(60_000)]
public sealed class RecordedProtocolTests
{
    private static readonly string[] s_document = Documents.Lines("src/PROTOCOL.md");
    private static readonly int s_conversation = Array.IndexOf(s_document, "## A conversation");

    // Which numbers a session gives is not what these examples are about; whose they are is.
    private static readonly string[] s_numbers =
        ["thread", "request", "parent", "target", "handle", "count", "process"];

    private readonly List<IpcTraffic> _recorded = [];
    private SocketDirectory _directory = null!;

    private IpcConnectionOptions Recording => new() { RecordFolder = _directory.Path, SendStackTraces = false };

    private static IEnumerable<WireExample> Messages => WireExample.ReadAll(s_document.Take(s_conversation));

    [SetUp]
    public void MakeDirectory()
    {
        _directory = new SocketDirectory();
        _recorded.Clear();
    }

    [TearDown]
    public void RemoveDirectory() => _directory.Dispose();

    [Test]
    public void Conversation_of_the_document_is_recorded_byte_for_byte()
    {
        string[] documented = [.. WireExample.ReadAll(s_document.Skip(s_conversation)).Select(
            example => Line(example.From == "client", example.Frame))];

        Record<ICalculator>(new Calculator(), pair =>
        {
            TestThread.Run(() => pair.Root.Watch(_ => { }).Dispose(), name: "main");
            pair.AssertNothingLeft();
        });
        string[] recorded = [.. _recorded.Single().Frames.Skip(2).Select(
            frame => Line(frame.IsFromClient, frame.Bytes.ToArray()))];

        // When garbage is collected, and when it is noticed that a thread has ended, no session can say.
        string[] late = [.. documented[^3..^1]];
        Assert.That(documented, Has.Length.EqualTo(11));
        Assert.That(recorded, Is.EquivalentTo(documented));
        Assert.That(recorded.Except(late), Is.EqualTo(documented.Except(late)));
    }

    [Test]
    public void Every_message_of_the_document_is_in_a_recording_but_for_its_numbers()
    {
        Record<ICalculator>(new Calculator(), CallAll);
        RecordShape();
        Record<IPause>(new Pause(), pair => pair.Root.PauseAsync().GetAwaiter().GetResult());
        RecordRefusal();
        _recorded.Add(
            IpcTraffic.Parse("> hello\n< hello\n> 0d 00 00 00 98 01 00 01 01 00 01 ce 00 00 00 63 90")
                .Replay<ICalculator>(new Calculator()).Traffic);
        string[] crossed = [.. _recorded.SelectMany(traffic => traffic.Frames).Select(
            frame => Form(frame.IsFromClient ? "client" : "server", Decode(frame)))];

        // A connection that is recorded stays on its socket, and this contract has no descriptors.
        IEnumerable<WireExample> recorded = Messages.Where(
            example => example.Fields["type"] is not (nameof(MessageType.Memory) or nameof(MessageType.Descriptors))
                && !example.Fields.Values.Any(value => value.Contains("descriptor(", StringComparison.Ordinal)));
        Assert.That(recorded.Select(example => Form(example.From, example.Fields)).Distinct(), Is.SubsetOf(crossed));
    }

    [Test]
    public void Recording_of_the_document_is_read_and_replayed()
    {
        int start = Array.IndexOf(s_document, "# multiprocess recording 1");
        string text = string.Join('\n', s_document[start..Array.IndexOf(s_document, "```", start)]);

        IpcReplay replay = IpcTraffic.Parse($"> hello\n< hello\n{text}").Replay<ICalculator>(new Calculator());

        Assert.That(replay.Error, Is.Null);
        Assert.That(replay.MissingAnswers, Is.Zero);
        Assert.That(
            replay.Answers.Select(frame => frame.ToString()),
            Has.Some.EqualTo("< Return thread=-1 request=1 results=[5]"));
        Assert.That(IpcTraffic.Parse(text).Describe(), Does.EndWith(
            "> Call thread=1 request=1 target=1 method=0x146eda0e arguments=[2, 3]\n< Return thread=-1 request=1 results=[5]\n> Goodbye kind=Disconnected reason=\"\"\n"));
    }

    private static void CallAll(IpcTestPair<ICalculator> pair)
    {
        ICalculator root = pair.Root;
        TestThread.Run(
            () =>
            {
                root.Add(2, 3);
                using (Activity activity = new Activity("caller").SetIdFormat(ActivityIdFormat.W3C).Start())
                {
                    activity.TraceStateString = "congo=1";
                    root.Add(2, 3);
                }

                root.Watch(_ => { }).Dispose();
                root.Log("hi");
                root.TryDivide(7, 2, out _);
                Assert.That(() => root.TryDivide(1, 0, out _), Throws.ArgumentException);
                using var cancellation = new CancellationTokenSource();
                Task<int> slow = root.AddSlowlyAsync(1000, -1, cancellation.Token);
                cancellation.Cancel();
                Assert.That(() => slow.GetAwaiter().GetResult(), Throws.InstanceOf<OperationCanceledException>());
            },
            name: "scheduler");
        pair.AssertNothingLeft(Patience.Bound);
    }

    private static IReadOnlyDictionary<string, string> Decode(IpcTrafficFrame frame)
        => new WireExample(0, frame.Bytes.ToArray(), string.Empty, new Dictionary<string, string>()).Decode();

    private static string Form(string from, IReadOnlyDictionary<string, string> fields)
        => $"{from}: "
            + $"{string.Join(' ', fields.OrderBy(field => field.Key, StringComparer.Ordinal).Select(field => $"{field.Key}={Form(field.Key, field.Value, fields)}"))}";

    private static string Form(string name, string value, IReadOnlyDictionary<string, string> fields) => name switch
    {
        "trace" => "…",

        // The wording is not the document's to say.
        "exception" when fields["kind"] == nameof(IpcErrorKind.MethodMissing) => "…",
        "reason" => value.TrimEnd('.', '"').Split(':')[0],
        _ when Array.IndexOf(s_numbers, name) >= 0
            => Math.Sign(long.Parse(value, CultureInfo.InvariantCulture)).ToString(CultureInfo.InvariantCulture),
        _ => value,
    };

    private static string Line(bool isFromClient, byte[] frame)
        => $"{(isFromClient ? '>' : '<')} {Convert.ToHexStringLower(frame)}";

    private void Record<T>(T root, Action<IpcTestPair<T>> session) where T : class
    {
        IpcConnectionOptions server = new() { SendStackTraces = false };
        using (IpcTestPair<T> pair = IpcTestPair.Create(
            root, new IpcTestPairOptions { Client = Recording, Server = server }))
        {
            session(pair);
        }

        Keep();
    }

    private void RecordRefusal()
    {
        (Transport raw, Transport real) = RawPeer.MakeTransports(IpcTestTransport.InMemory);
        using var peer = new RawPeer(raw);
        TestThread<ServedConnection> serving = TestThread.Start(
            () => ServedConnection.Open<ICalculator>(real, Recording, _ => new Calculator()));
        peer.SayHello(serves: null, wants: ContractBinding<IPeople>.Instance);
        Assert.That(() => serving.Join(), Throws.TypeOf<IpcException>());
        Keep();
    }

    // A peer whose contract is another one is told what the types are.
    private void RecordShape()
    {
        (Transport raw, Transport real) = RawPeer.MakeTransports(IpcTestTransport.InMemory);
        using var peer = new RawPeer(raw);
        TestThread<IpcConnection<IPeople>> connecting = TestThread.Start(
            () => IpcConnection<IPeople>.Open(real, Recording));
        peer.SayHello(serves: ContractBinding<IPeople>.Instance, wants: null, servesFingerprint: 1);
        IpcConnection<IPeople> client = connecting.Join();
        TestThread<Person?> call = TestThread.Start(() => client.Root.Find("a", Role.Guest));
        while (peer.Receive()?.Type != MessageType.Call)
        {
        }

        client.Dispose();
        Assert.That(() => call.Join(), Throws.TypeOf<IpcDisconnectedException>());
        Keep();
    }

    private void Keep()
    {
        string file = Directory.GetFiles(_directory.Path).Single();
        _recorded.Add(IpcTraffic.Load(file));
        File.Delete(file);
    }

    private sealed class Calculator : ICalculator
    {
        public event EventHandler<int> Changed
        {
            add { }
            remove { }
        }

        public string? Name { get; set; }

        public int Add(int a, int b) => a + b;

        public bool TryDivide(int a, int b, out int quotient)
        {
            quotient = b == 0
                ? throw new ArgumentException("Not a number.", nameof(b), new FormatException("Empty."))
                : a / b;
            return true;
        }

        public IDisposable Watch(Action<int> onResult)
        {
            onResult(0);
            return new Subscription();
        }

        public async Task<int> AddSlowlyAsync(int a, int b, CancellationToken cancellationToken)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
            return a + b;
        }

        public void Log(string text)
        {
        }

        public void Reset()
        {
        }

        public (int Sum, double? Mean) Summarize(
            int[] values, IReadOnlyDictionary<string, List<string?>> groups, ref long count)
            => default;
    }

    private sealed class Subscription : IDisposable
    {
        public void Dispose()
        {
        }
    }

    private sealed class Pause : IPause
    {
        public Task PauseAsync() => Task.CompletedTask;
    }
}
