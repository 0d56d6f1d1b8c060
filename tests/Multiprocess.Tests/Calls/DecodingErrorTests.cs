using Multiprocess.Messages;
using Multiprocess.Objects;
using Multiprocess.Protocols;
using Multiprocess.Serialization;
using Multiprocess.Tests.Support;
using Multiprocess.Versions;

namespace Multiprocess.Tests.Calls;

/// <summary>
/// What is said of a value that cannot be read: each error names the method, the argument or result, and the member.
/// </summary>
public sealed class DecodingErrorTests(IpcTestTransport transport) : PairFixture(transport)
{
    private const uint Fetch = 1;
    private const uint Split = 2;
    private const uint Feed = 3;
    private const uint Pay = 4;
    private const uint Count = 5;

    private static IEnumerable<TestCaseData> Broken => Rows(
        (Count,
            "9205c0",
            "argument 'name' cannot be read as 'System.String'. Expected a string at byte 1, got positive fixint (0x05)."),
        (Count,
            "92a1ff01",
            "argument 'name' cannot be read as 'System.String'. The string at byte 1 is not valid UTF-8."),
        (Count,
            "92a161cf8000000000000000",
            "argument 'number' cannot be read as 'System.Int64'. Expected an integer of 64 bits at byte 3, got 9223372036854775808."),
        (Count, "91a161", "its arguments cannot be read. Expected another argument, got none."),
        (Count, "93a1610102", "argument 3 cannot be read. Expected no more arguments, got 1."),
        (Count, "05", "its arguments cannot be read. Expected an array at byte 0, got positive fixint (0x05)."),
        (Split,
            "9193a16101c3",
            "member 'Genre' of Multiprocess.Tests.Calls.Book, in argument 'book', cannot be read as 'Multiprocess.Tests.Calls.Genre'. Expected an integer"),
        (Fetch,
            "9192" + "93a1610100" + "93a16101c3",
            "member 'Genre' of Multiprocess.Tests.Calls.Book, in argument 'books', cannot be read as 'Multiprocess.Tests.Calls.Genre'. Expected an integer"),
        (Fetch,
            "919193a161a162",
            "member 'Pages' of Multiprocess.Tests.Calls.Book, in argument 'books', cannot be read as 'System.Int32'. Expected an integer of 32 bits at byte 5, got fixstr (0xa1)."),
        (Fetch, "919193a161", "cannot be read"),
        (Feed,
            "919201" + "91c3",
            "member 'Paws' of Multiprocess.Tests.Calls.Cat, in argument 'pet', cannot be read as 'System.Int32'."),
        (Pay,
            "9191a2ff61",
            "member 'Coin' of Multiprocess.Tests.Calls.Purse, in argument 'purse', cannot be read as 'Multiprocess.Tests.Calls.Coin'. The string at byte 2 is not valid UTF-8."));

    private static IEnumerable<TestCaseData> Refused => Rows(
        (Fetch,
            "919193a1610107",
            "member 'Genre' of Multiprocess.Tests.Calls.Book, in argument 'books', cannot be read as 'Multiprocess.Tests.Calls.Genre'. Multiprocess.Tests.Calls.Genre has no value 7 here."),
        (Fetch,
            "919193c00100",
            "Expected member 'Title' of Multiprocess.Tests.Calls.Book, in argument 'books', to be 'System.String', got nil from the caller"),
        (Feed, "91920990", "a key of argument 'pet' cannot be read. The union IPet has no case with the key 9"),
        (Pay,
            "9191a3626164",
            "member 'Coin' of Multiprocess.Tests.Calls.Purse, in argument 'purse', cannot be read as 'Multiprocess.Tests.Calls.Coin'. Multiprocess.Tests.Calls.CoinConverter could not read the Multiprocess.Tests.Calls.Coin. No coin is called bad."),
        (Pay,
            "919107",
            "member 'Coin' of Multiprocess.Tests.Calls.Purse, in argument 'purse', cannot be read as 'Multiprocess.Tests.Calls.Coin'. Multiprocess.Tests.Calls.CoinConverter could not read the Multiprocess.Tests.Calls.Coin. "));

    [TestCaseSource(nameof(Broken))]
    public void An_argument_that_is_malformed_is_named_in_the_Goodbye(uint method, string hex, string expected)
    {
        using RawPeer peer = RawPeer.Attach<IShelf>(new Shelf(), Transport, null, out IpcConnection server);
        using (server)
        {
            Call(peer, 1, method, hex);
            (IpcErrorKind kind, string reason) = peer.ReceiveGoodbye();

            Assert.That(kind, Is.EqualTo(IpcErrorKind.Protocol));
            Assert.That(
                reason,
                Does.StartWith(
                    $"Multiprocess.Tests.Calls.IShelf.{NameOf(method)} was not run: ").And.Contain(expected));
        }
    }

    [TestCaseSource(nameof(Refused))]
    public void An_argument_that_is_refused_is_named_and_the_connection_lives_on(
        uint method, string hex, string expected)
    {
        using RawPeer peer = RawPeer.Attach<IShelf>(new Shelf(), Transport, null, out IpcConnection server);
        using (server)
        {
            Call(peer, 1, method, hex);
            Message answer = peer.Receive()!;
            Assert.That(answer.Type, Is.EqualTo(MessageType.Error));
            var reader = new MessagePackReader(answer.Body);
            reader.ReadByte();
            reader.ReadArrayHeader();
            reader.ReadString();

            Assert.That(
                reader.ReadString(),
                Does.StartWith(
                    $"Multiprocess.Tests.Calls.IShelf.{NameOf(method)} was not run: ").And.Contain(expected));
            Call(peer, 2, Count, "92a16101");
            Assert.That(peer.Receive()!.Type, Is.EqualTo(MessageType.Return));
        }
    }

    [Test]
    public void A_result_of_a_task_is_named_by_its_member()
    {
        using RawPeer peer = RawPeer.Serve<IShelf>(Transport, out IpcConnection<IShelf> client);
        using (client)
        {
            Task<Book> fetching = client.Root.FetchAsync([]);
            Answer(peer, "9193a161a16200", thread: 0);

            Assert.That(
                async () => await fetching.WaitAsync(Patience.Bound),
                Throws.TypeOf<IpcProtocolException>().With.Message.EqualTo(
                    "Multiprocess.Tests.Calls.IShelf.FetchAsync ran: member 'Pages' of Multiprocess.Tests.Calls.Book, "
                        + "in the result, cannot be read as 'System.Int32'. "
                    + "Expected an integer of 32 bits at byte 4, got fixstr (0xa1)."));
        }
    }

    [TestCase(
        "920193a161a16200",
        "member 'Pages' of Multiprocess.Tests.Calls.Book, in parameter 2, cannot be read as 'System.Int32'. Expected an integer of 32 bits at byte 5, got fixstr (0xa1).")]
    [TestCase(
        "92c393a1610100",
        "the result cannot be read as 'System.Int32'. Expected an integer of 32 bits at byte 1, got true (0xc3).")]
    [TestCase("9101", "its results cannot be read. Expected another result, got none.")]
    public void A_result_of_a_call_that_waits_is_named(string hex, string expected)
    {
        using RawPeer peer = RawPeer.Serve<IShelf>(Transport, out IpcConnection<IShelf> client);
        using (client)
        {
            TestThread<int> calling = TestThread.Start(() => client.Root.Split(new Book("a", 1, Genre.Novel), out _));
            Answer(peer, hex);

            Assert.That(
                calling.Join,
                Throws.TypeOf<IpcProtocolException>().With.Message.EqualTo(
                    $"Multiprocess.Tests.Calls.IShelf.Split ran: {expected}"));
        }
    }

    [Test]
    public void A_result_that_is_refused_is_named_and_the_connection_lives_on()
    {
        using RawPeer peer = RawPeer.Serve<IShelf>(Transport, out IpcConnection<IShelf> client);
        using (client)
        {
            TestThread<int> calling = TestThread.Start(() => client.Root.Split(new Book("a", 1, Genre.Novel), out _));
            Answer(peer, "920193a1610107");

            Assert.That(
                calling.Join,
                Throws.TypeOf<IpcException>()
                    .With.Property("Kind").EqualTo(IpcErrorKind.ArgumentNotDecoded)
                    .And.Message.EqualTo(
                        "Multiprocess.Tests.Calls.IShelf.Split ran: member 'Genre' of Multiprocess.Tests.Calls.Book, in "
                            + "parameter 2, cannot be read as 'Multiprocess.Tests.Calls.Genre'. "
                            + "Multiprocess.Tests.Calls.Genre has no value 7 here."));
            Assert.That(client.Completion.IsCompleted, Is.False);
        }
    }

    [Test]
    public void An_error_that_is_malformed_names_its_method()
    {
        using RawPeer peer = RawPeer.Serve<IShelf>(Transport, out IpcConnection<IShelf> client);
        using (client)
        {
            Task<Book> fetching = client.Root.FetchAsync([]);
            Message call = ReceiveCall(peer);
            peer.Send((ref MessagePackWriter writer) =>
            {
                ErrorMessage.Write(ref writer, 0, call.Request, IpcErrorKind.Remote);
                writer.Write(5);
            });

            Assert.That(
                async () => await fetching.WaitAsync(Patience.Bound),
                Throws.TypeOf<IpcProtocolException>().With.Message.StartsWith(
                    "Multiprocess.Tests.Calls.IShelf.FetchAsync was answered with an error that cannot be read. "));
        }
    }

    [Test]
    public void The_place_is_found_in_one_pass_however_deep_the_bytes_nest()
    {
        byte[] bytes = [.. Enumerable.Repeat((byte)0x91, 5_000_000), 0xc1];

        Exception refusal = UnreadValue.Explain(
            ContractBinding<IShelf>.Instance,
            Fetch,
            bytes,
            bytes.Length - 1,
            new IpcProtocolException("Bad.") { At = bytes.Length - 1 },
            isResult: false);

        Assert.That(
            refusal.Message,
            Does.StartWith("Multiprocess.Tests.Calls.IShelf.FetchAsync was not run: ").And.EndWith(
                "Bad.").And.Length.LessThan(1000));
    }

    private static IEnumerable<TestCaseData> Rows(params (uint Method, string Hex, string Expected)[] rows)
        => rows.Select(
            row => new TestCaseData(
                row.Method, row.Hex, row.Expected).SetArgDisplayNames(NameOf(row.Method)!, row.Hex));

    private static string? NameOf(uint method) => ContractBinding<IShelf>.Instance.GetMethodName(method);

    private static void Call(RawPeer peer, long request, uint method, string hex)
        => peer.SendCall(
            1, request, 0, 1, method, (ref MessagePackWriter writer) => writer.WriteWhole(Convert.FromHexString(hex)));

    private static void Answer(RawPeer peer, string hex, long? thread = null)
    {
        Message call = ReceiveCall(peer);
        peer.Send((ref MessagePackWriter writer) =>
        {
            ReturnMessage.Write(ref writer, thread ?? call.Thread, call.Request);
            writer.WriteWhole(Convert.FromHexString(hex));
        });
    }

    private static Message ReceiveCall(RawPeer peer)
    {
        Message message = peer.Receive()!;
        while (message.Type != MessageType.Call)
        {
            message = peer.Receive()!;
        }

        return message;
    }

    private sealed class Shelf : IShelf
    {
        public Task<Book> FetchAsync(Book[] books) => Task.FromResult(books[0]);

        public int Split(Book book, out Book half)
        {
            half = book;
            return book.Pages;
        }

        public void Feed(IPet pet)
        {
        }

        public void Pay(Purse purse)
        {
        }

        public long Count(string name, long number) => number;
    }
}

public enum Genre
{
    Novel,
    Poem,
}

public sealed record Book(string Title, int Pages, Genre Genre);

[IpcUnion(0, typeof(Dog))]
[IpcUnion(1, typeof(Cat))]
public interface IPet;

public sealed record Dog(string Name) : IPet;

public sealed record Cat(int Paws) : IPet;

public sealed record Purse(Coin Coin);

[IpcConverter(typeof(CoinConverter))]
public readonly record struct Coin(string Name);

public sealed class CoinConverter : IIpcConverter<Coin>
{
    public static void Write(ref MessagePackWriter writer, Coin value) => writer.Write(value.Name);

    public static Coin Read(ref MessagePackReader reader)
        => reader.ReadString() is { } name and not "bad"
            ? new Coin(name)
            : throw new FormatException("No coin is called bad.");
}

/// <summary>A contract whose values can be wrong in many places.</summary>
[IpcInterface]
public interface IShelf
{
    [IpcMethod(1)]
    Task<Book> FetchAsync(Book[] books);

    [IpcMethod(2)]
    int Split(Book book, out Book half);

    [IpcMethod(3)]
    void Feed(IPet pet);

    [IpcMethod(4)]
    void Pay(Purse purse);

    [IpcMethod(5)]
    long Count(string name, long number);
}
