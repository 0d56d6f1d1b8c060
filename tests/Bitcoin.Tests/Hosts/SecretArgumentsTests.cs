using System.Text;
using System.Text.Json.Nodes;
using Bitcoin.Interfaces;
using Bitcoin.Primitives;
using Bitcoin.Rpc;
using NBitcoin;

namespace Bitcoin.Tests;

internal sealed class SecretArgumentsTests
{
    private static readonly RpcTable s_table = MakeTable();

    [TestCase("""{"method":"unlock","params":["correct horse",10],"id":1}""")]
    [TestCase("""{"id":1,"params":["correct horse",10],"method":"unlock"}""")]
    [TestCase("""{"method":"unlock","params":{"timeout":10,"passphrase":"correct horse"},"id":1}""")]
    [TestCase("""{"method":"unlock","params":{"phrase":"correct horse","timeout":10},"id":1}""")]
    [TestCase("""{"method":"unlock","params":{"args":["correct horse"],"timeout":10},"id":1}""")]
    [TestCase("""{"method":"unlock","params":["correct\u0020horse",10],"id":1}""")]
    [TestCase("""{"method":"unlock","par\u0061ms":{"p\u0061ssphrase":"correct horse","timeout":10},"id":1}""")]
    public void A_secret_argument_reaches_the_method_and_leaves_the_request(string body)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(body);

        JsonNode? request = Parse(bytes, out SecretArguments secrets);

        using (secrets)
        {
            Assert.That(Encoding.UTF8.GetString(bytes), Does.Not.Contain("horse"));
            Assert.That(request!.ToJsonString(), Does.Not.Contain("horse"));
            Assert.That(Answer(request, secrets), Does.Contain("\"result\":\"unlocked for 10 with correct horse\""));
        }
    }

    [Test]
    public void A_repeated_argument_leaves_the_request_and_is_refused()
    {
        byte[] bytes = Encoding.UTF8.GetBytes(
            """{"method":"unlock","params":{"passphrase":"a horse","passphrase":"horse","timeout":1},"id":1}""");

        JsonNode? request = Parse(bytes, out SecretArguments secrets);

        using (secrets)
        {
            Assert.That(Encoding.UTF8.GetString(bytes), Does.Not.Contain("horse"));
            Assert.That(Answer(request, secrets), Does.Contain("specified multiple times"));
        }
    }

    [TestCase("5", "number")]
    [TestCase("""["correct horse"]""", "array")]
    [TestCase("""{"a":"correct horse"}""", "object")]
    public void A_secret_of_the_wrong_type_is_refused_by_its_type(string value, string type)
    {
        byte[] bytes = Encoding.UTF8.GetBytes($$"""{"method":"unlock","params":[{{value}},10],"id":1}""");

        JsonNode? request = Parse(bytes, out SecretArguments secrets);

        using (secrets)
        {
            Assert.That(Encoding.UTF8.GetString(bytes), Does.Not.Contain("horse"));
            Assert.That(
                Answer(request, secrets), Does.Contain($"JSON value of type {type} is not of expected type string"));
        }
    }

    [Test]
    public void Each_request_of_a_batch_has_its_own_secrets_and_a_secret_result_stands_where_it_belongs()
    {
        byte[] bytes = Encoding.UTF8.GetBytes(
            """
            [{"method":"keys","params":[],"id":"\"result\":null"},
             {"jsonrpc":"2.0","method":"unlock","params":["one",1],"id":2},
             {"jsonrpc":"2.0","method":"unlock","params":["two",2]},
             {"jsonrpc":"2.0","method":"keys","id":3},
             {"method":"unlock","params":["three",3],"id":4}]
            """);

        JsonNode? request = Parse(bytes, out SecretArguments secrets);

        using (secrets)
        {
            Assert.That(
                JsonNode.Parse(Answer(request, secrets))!.ToJsonString(),
                Is.EqualTo(JsonNode.Parse(
                    """
                    [{"result":["key"],"error":null,"id":"\"result\":null"},
                     {"jsonrpc":"2.0","result":"unlocked for 1 with one","id":2},
                     {"jsonrpc":"2.0","result":["key"],"id":3},
                     {"result":"unlocked for 3 with three","error":null,"id":4}]
                    """)!.ToJsonString()));
        }
    }

    [Test]
    public void A_buffer_is_wiped_when_it_grows_and_when_it_is_disposed()
    {
        SecretBuffer buffer = new();
        buffer.Write("secret");
        ReadOnlyMemory<byte> first = buffer.Written;

        buffer.Write(new string('a', 100_000));
        ReadOnlyMemory<byte> second = buffer.Written;

        Assert.That(first.ToArray(), Is.All.Zero);
        Assert.That(second.Length, Is.EqualTo(100_006));

        buffer.Dispose();

        Assert.That(second.ToArray(), Is.All.Zero);
    }

    [TestCase(true)]
    [TestCase(false)]
    public void A_private_key_is_read_without_a_string(bool isCompressed)
    {
        Key key = new([.. new byte[31], 9], fCompressedIn: isCompressed);
        byte[] text = Encoding.ASCII.GetBytes(key.GetWif(Network.RegTest).ToString());

        Assert.That(PrivateKeyText.TryRead(text, BitcoinNetworks.Regtest, out Key? read), Is.True);
        Assert.That(read!.PubKey, Is.EqualTo(key.PubKey));
        Assert.That(PrivateKeyText.TryRead(text, BitcoinNetworks.Main, out _), Is.False, "of another network");
        text[10] = text[10] == (byte)'2' ? (byte)'3' : (byte)'2';
        Assert.That(PrivateKeyText.TryRead(text, BitcoinNetworks.Regtest, out _), Is.False, "the checksum");
        Assert.That(PrivateKeyText.TryRead("0OIl"u8, BitcoinNetworks.Regtest, out _), Is.False);
        Assert.That(PrivateKeyText.TryRead([], BitcoinNetworks.Regtest, out _), Is.False);
        Assert.That(
            PrivateKeyText.TryRead([.. Enumerable.Repeat((byte)'z', 60)], BitcoinNetworks.Regtest, out _), Is.False);
    }

    private static JsonNode? Parse(byte[] bytes, out SecretArguments secrets)
    {
        Assert.That(
            JsonRpc.TryParse(bytes, s_table.Find, out JsonNode? request, out SecretArguments? taken), Is.Null);
        secrets = taken!;
        return request;
    }

    private static string Answer(JsonNode? request, SecretArguments secrets)
    {
        using RpcReply reply = JsonRpc.AnswerText(s_table, request, secrets, "/", "test", out _)!;
        return Encoding.UTF8.GetString(reply.Bytes.Span);
    }

    private static RpcTable MakeTable()
    {
        RpcTable table = new();
        table.Register(new RpcCommand(
            "Wallet",
            "unlock",
            ArgumentList.Parse("passphrase|phrase:text! timeout:number"),
            "",
            static call =>
            {
                RpcCall whole = call.Revealed();
                return $"unlocked for {whole.Number(1)} with {whole.Text(0)}";
            }));
        table.Register(new RpcCommand(
            "Wallet",
            "keys",
            [],
            "",
            static _ => throw new InvalidOperationException("The caller wipes."),
            SecretActor: static _ => new("[\"key\"]")));
        return table;
    }
}
