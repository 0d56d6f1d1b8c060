using System.Text.Json.Nodes;
using Bitcoin.Descriptors;
using Bitcoin.Functional.Support;
using NBitcoin;

namespace Bitcoin.Functional.Processes;

/// <summary>What is left in the node of keys and passphrases that passed through it.</summary>
internal sealed class SecretTests : ProcessTest
{
    private readonly List<string> _secrets = [];

    [Test]
    public void Nothing_is_left_in_the_memory_and_the_files_of_a_node_of_keys_and_passphrases()
    {
        _secrets.Clear();
        RpcClient rpc = RunNode(out Host node, "-debug=1");
        string marker = Guid.NewGuid().ToString("N");
        rpc.Call("echo", new JsonArray([.. Enumerable.Range(0, 100).Select(_ => (JsonNode)marker)]));
        Assert.That(ProcessMemory.Find(node.Id, [marker]), Is.Not.Empty, "what is not secret stays, and is found");

        // An escape in it must not lead to a string.
        string first = Secret("\u00e9");
        string second = Secret();
        CheckNamed(
            node, null, "createwallet", new JsonObject { ["wallet_name"] = "locked", ["passphrase"] = Secret() });
        rpc.Call("createwallet", "w");
        Check(node, "w", "encryptwallet", [first]);
        Check(node, "w", "walletpassphrase", [first, 1000]);
        Check(node, "w", "walletpassphrasechange", [first, second]);
        CheckError(node, "w", "walletpassphrase", [Secret(), 1000], -14);
        CheckNamed(
            node, "w", "walletpassphrase", new JsonObject { ["args"] = new JsonArray(second), ["timeout"] = 1000 });

        JsonNode listed = Check(node, "w", "listdescriptors", [true], Keys)!;
        Assert.That(listed["descriptors"]!.AsArray(), Is.Not.Empty);
        Check(node, "w", "gethdkeys", [new JsonObject { ["private"] = true }], Keys);
        Check(node, "w", "derivehdkey", ["m/1h", new JsonObject { ["private"] = true }], Keys);
        string root = Keep(new ExtKey().ToString(Network.RegTest));
        Check(node, "w", "addhdkey", [root]);
        CheckError(node, "w", "addhdkey", [root], -4);
        string other = Keep(new ExtKey().ToString(Network.RegTest));
        Check(
            node,
            "w",
            "importdescriptors",
            [
                new JsonArray(
                    new JsonObject
                    {
                        ["desc"] = DescriptorChecksum.Append($"wpkh({other}/0/*)"),
                        ["timestamp"] = "now",
                    },
                    new JsonObject { ["desc"] = $"wpkh({other}/1/*)#wrongsum", ["timestamp"] = "now" }),
            ]);

        string key = Keep(new Key().GetWif(Network.RegTest).ToString());
        Check(node, null, "signmessagewithprivkey", [key, "message"]);
        Check(
            node,
            null,
            "signrawtransactionwithkey",
            [
                rpc.Call(
                    "createrawtransaction",
                    new JsonArray(new JsonObject { ["txid"] = new string('1', 64), ["vout"] = 0 }),
                    new JsonArray(new JsonObject { ["data"] = "00" }))!.DeepClone(),
                new JsonArray(key, Keep(new Key().GetWif(Network.RegTest).ToString())),
            ]);
        CheckBatch(node);

        Stop(node);
        foreach (string file in Directory.EnumerateFiles(Root, "*", SearchOption.AllDirectories))
        {
            // The wallets' own files have the keys, encrypted or not, by design.
            if (Path.GetFileName(file).StartsWith("wallet.dat", StringComparison.Ordinal))
            {
                continue;
            }

            string text = File.ReadAllText(file);
            Assert.That(_secrets.Where(text.Contains), Is.Empty, file);
        }
    }

    private void CheckBatch(Host node)
    {
        string passphrase = Secret();
        string body = new JsonArray(
            new JsonObject { ["method"] = "getblockcount", ["params"] = new JsonArray(), ["id"] = 1 },
            new JsonObject
            {
                ["id"] = 2,
                ["params"] = new JsonArray(passphrase, 10),
                ["method"] = "walletpassphrase",
            },
            new JsonObject
            {
                ["jsonrpc"] = "2.0",
                ["method"] = "gethdkeys",
                ["params"] = new JsonArray(new JsonObject { ["private"] = true }),
                ["id"] = 3,
            })
            .ToJsonString();

        JsonArray replies = JsonNode.Parse(Rpc("w").Post(body).Body)!.AsArray();

        Assert.That(replies[0]!["result"]!.GetValue<int>(), Is.Zero);
        Assert.That(replies[1]!["error"]!["code"]!.GetValue<int>(), Is.EqualTo(-14));
        Assert.That(replies[2]!["jsonrpc"]!.ToString(), Is.EqualTo("2.0"));
        Assert.That(Keys(replies[2]!["result"]!), Is.Not.Empty);
        MustBeClean(node, "a batch");
    }

    /// <summary>Runs a command, and looks for the secrets of its arguments and of its result.</summary>
    private JsonNode? Check(
        Host node,
        string? wallet,
        string method,
        JsonNode?[] arguments,
        Func<JsonNode, IEnumerable<string>>? secretsOf = null)
    {
        JsonNode? result = Rpc(wallet).Call(method, arguments);
        if (secretsOf is not null)
        {
            string[] found = [.. secretsOf(result!)];
            Assert.That(found, Is.Not.Empty, $"{method} gave private keys");
            _secrets.AddRange(found.Except(_secrets));
        }

        MustBeClean(node, method);
        return result;
    }

    private void CheckError(Host node, string wallet, string method, JsonNode?[] arguments, int code)
    {
        Assert.That(Rpc(wallet).Error(method, arguments).Code, Is.EqualTo(code), method);
        MustBeClean(node, method);
    }

    private void CheckNamed(Host node, string? wallet, string method, JsonObject arguments)
    {
        Assert.That(Rpc(wallet).Ask(method, arguments)["error"]?.ToJsonString(), Is.Null, method);
        MustBeClean(node, method);
    }

    // The node wipes the answer's memory when it has sent it, and the test may be faster.
    private void MustBeClean(Host node, string method)
    {
        HashSet<string> found = [];
        Assert.That(
            SpinWait.SpinUntil(() => (found = ProcessMemory.Find(node.Id, _secrets)).Count == 0, Host.Patience),
            Is.True,
            () => $"{method}: in the node's memory: {string.Join(", ", found)}");
    }

    private string Secret(string end = "") => Keep($"{Guid.NewGuid():N}{Guid.NewGuid():N}", end);

    // The end is not looked for: JSON has several forms of it.
    private string Keep(string secret, string end = "")
    {
        _secrets.Add(secret);
        return secret + end;
    }

    private static IEnumerable<string> Keys(JsonNode result)
    {
        return System.Text.RegularExpressions.Regex.Matches(result.ToJsonString(), "tprv[1-9A-HJ-NP-Za-km-z]{100,}")
            .Select(static match => match.Value)
            .Distinct();
    }
}
