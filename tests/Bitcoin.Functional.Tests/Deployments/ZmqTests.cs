using System.Buffers.Binary;
using System.Text.Json.Nodes;
using Bitcoin.Functional.Support;
using NetMQ;
using NetMQ.Sockets;

namespace Bitcoin.Functional.Deployments;

internal sealed class ZmqTests(string program) : DeploymentTest(program)
{
    [Test]
    public void Blocks_and_transactions_are_published_in_order_with_numbers()
    {
        string address = $"tcp://127.0.0.1:{FreePort()}";
        string[] topics = ["hashblock", "rawblock", "hashtx", "rawtx", "sequence"];
        RpcClient rpc = Run(out Host node, ["-disablewallet", .. topics.Select(topic => $"-zmqpub{topic}={address}")]);
        using SubscriberSocket socket = new(address);
        socket.SubscribeToAnyTopic();
        WaitUntilHeard(rpc, socket, out uint blocks);

        string hash = rpc.Call("generatetoaddress", 1, Address)![0]!.ToString();
        string coinbase = rpc.Call("getblock", hash)!["tx"]![0]!.ToString();
        string raw = rpc.Text("getblock", hash, 0);

        (string Topic, string Body, uint Number)[] heard = [.. Enumerable.Range(0, 5).Select(_ => Next(socket))];
        Assert.That(
            heard.Select(static one => one.Topic),
            Is.EqualTo(new[] { "hashtx", "rawtx", "sequence", "hashblock", "rawblock" }));
        Assert.That(heard[0].Body, Is.EqualTo(coinbase));
        Assert.That(raw, Does.EndWith(heard[1].Body), "the block's only transaction");
        Assert.That(heard[2].Body, Is.EqualTo(hash + "43"), "C for connected");
        Assert.That(heard[3].Body, Is.EqualTo(hash));
        Assert.That(heard[4].Body, Is.EqualTo(raw));
        Assert.That(heard.Select(static one => one.Number), Is.All.EqualTo(blocks + 1));

        rpc.Call("invalidateblock", hash);
        heard = [Next(socket), Next(socket), Next(socket)];
        Assert.That(heard.Select(static one => one.Topic), Is.EqualTo(new[] { "hashtx", "rawtx", "sequence" }));
        Assert.That(heard[2].Body, Is.EqualTo(hash + "44"), "D for disconnected");
        Stop(node);
    }

    [Test]
    public void What_is_published_is_listed()
    {
        string address = $"tcp://127.0.0.1:{FreePort()}";
        RpcClient rpc = Run(
            out Host node,
            "-disablewallet",
            $"-zmqpubrawtx={address}",
            $"-zmqpubhashblock={address}",
            "-zmqpubhashblockhwm=7");

        string expected = new JsonArray(
            new JsonObject { ["type"] = "pubhashblock", ["address"] = address, ["hwm"] = 7 },
            new JsonObject { ["type"] = "pubrawtx", ["address"] = address, ["hwm"] = 1000 }).ToJsonString();
        Assert.That(rpc.Call("getzmqnotifications")!.ToJsonString(), Is.EqualTo(expected));
        Stop(node);
    }

    [TestCase("-zmqpubhashtx=tcp://127.0.0.1", "Invalid port specified in -zmqpubhashtx: 'tcp://127.0.0.1'")]
    [TestCase("-zmqpubrawblock=unix:/tmp/x", "-zmqpubrawblock=unix:/tmp/x: messages are published over TCP only.")]
    public void An_address_that_cannot_be_is_an_error_at_the_start(string option, string error)
    {
        Host node = StartNode("-disablewallet", option);
        node.MayComplain = true;
        node.ExpectedCode = 1;

        Assert.That(node.WaitForExit(), Is.EqualTo(1));
        Assert.That(node.Errors, Does.Contain($"Error: {error}"));
    }

    /// <summary>Mines until the subscription has reached the node, and hears everything of those blocks.</summary>
    private void WaitUntilHeard(RpcClient rpc, SubscriberSocket socket, out uint blocks)
    {
        uint last = 0;
        WaitUntil(() =>
        {
            string hash = rpc.Call("generatetoaddress", 1, Address)![0]!.ToString();
            NetMQMessage? message = null;
            while (socket.TryReceiveMultipartMessage(TimeSpan.FromMilliseconds(200), ref message))
            {
                (string topic, string body, last) = Read(message!);
                if (topic == "rawblock" && body == rpc.Text("getblock", hash, 0))
                {
                    return true;
                }
            }

            return false;
        }, "nothing is heard");
        blocks = last;
    }

    private static (string Topic, string Body, uint Number) Next(SubscriberSocket socket)
    {
        NetMQMessage? message = null;
        Assert.That(socket.TryReceiveMultipartMessage(Host.Patience, ref message), Is.True, "no message");
        return Read(message!);
    }

    private static (string Topic, string Body, uint Number) Read(NetMQMessage message)
    {
        return (message[0]
            .ConvertToString(), Convert.ToHexStringLower(
                message[1].ToByteArray()), BinaryPrimitives.ReadUInt32LittleEndian(message[2].ToByteArray()));
    }
}
