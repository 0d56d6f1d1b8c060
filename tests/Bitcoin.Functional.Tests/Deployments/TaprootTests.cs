using System.Text.Json.Nodes;
using Bitcoin.Functional.Support;
using NBitcoin;

namespace Bitcoin.Functional.Deployments;

/// <summary>Partially signed transactions that spend taproot outputs by a key or by a script.</summary>
internal sealed class TaprootTests(string program) : DeploymentTest(program)
{
    private const int Mature = 101;

    private static readonly ExtKey s_inner = KeyOf(1);
    private static readonly ExtKey s_leaf = KeyOf(2);
    private static readonly ExtKey s_other = KeyOf(3);

    [TestCase("tr({0},pk({1}))", true)]
    [TestCase("tr({0},{{pk({2}),multi_a(1,{2},{1})}})", true)]
    [TestCase("tr({1},pk({0}))", false)]
    [TestCase("rawtr({1})", false)]
    public void What_the_keys_of_a_wallet_can_sign_is_signed_and_finalized_by_the_node(string form, bool isScript)
    {
        if (!Currency.HasWitnesses)
        {
            Assert.Ignore("there is no taproot");
        }

        RpcClient node = Run(out Host host);
        node.Call("createwallet", "w");
        RpcClient wallet = Rpc("w");
        string descriptor = string.Format(
            System.Globalization.CultureInfo.InvariantCulture,
            form,
            s_inner.Neuter().ToString(Regtest.Network) + "/*",
            s_leaf.ToString(Regtest.Network) + "/*",
            s_other.Neuter().ToString(Regtest.Network) + "/*");
        string checksum = node.Call("getdescriptorinfo", descriptor)!["checksum"]!.ToString();
        JsonNode imported = wallet.Call(
            "importdescriptors",
            new JsonArray(new JsonObject
            {
                ["desc"] = $"{descriptor}#{checksum}", ["active"] = true, ["timestamp"] = "now",
            }))![0]!;
        Assert.That(imported["success"]!.GetValue<bool>(), Is.True, imported.ToJsonString());
        node.Call("generatetoaddress", Mature, wallet.Text("getnewaddress", "", "bech32m"));
        string psbt = wallet.Call(
            "walletcreatefundedpsbt", new JsonArray(), new JsonObject { [Address] = 1 }, 0, new JsonObject
            {
                ["fee_rate"] = 50, ["changeAddress"] = Address,
            })!["psbt"]!.ToString();
        Assert.That(node.Call("decodepsbt", psbt)!["fallback_locktime"]!.GetValue<int>(), Is.Zero);

        psbt = wallet.Call("walletprocesspsbt", psbt, true, "DEFAULT", true, false)!["psbt"]!.ToString();

        JsonObject input = node.Call("decodepsbt", psbt)!["inputs"]![0]!.AsObject();
        Assert.That(input.ContainsKey("taproot_script_path_sigs"), Is.EqualTo(isScript), input.ToJsonString());
        Assert.That(input.ContainsKey("taproot_key_path_sig"), Is.Not.EqualTo(isScript));
        Assert.That(input.ContainsKey("unknown"), Is.False);
        JsonNode final = node.Call("finalizepsbt", psbt)!;
        Assert.That(final["complete"]!.GetValue<bool>(), Is.True);
        Assert.That(
            node.Call("testmempoolaccept", new JsonArray(final["hex"]!.ToString()))![0]!["allowed"]!.GetValue<bool>());
        if (isScript)
        {
            JsonNode signature = input["taproot_script_path_sigs"]![0]!;
            Assert.That(
                signature["leaf_hash"]!.ToString(), Has.Length.EqualTo(64).And.Matches("^[0-9a-f]+$"));
            Assert.That(input["taproot_scripts"]!.AsArray(), Is.Not.Empty);
            string wrong = Damage(psbt, signature["sig"]!.ToString());
            Assert.That(
                node.Call("finalizepsbt", wrong)!["complete"]!.GetValue<bool>(), Is.False, "a wrong signature");
        }

        Stop(host);
    }

    private static ExtKey KeyOf(byte number) => new(new Key([.. new byte[31], number]), new byte[32]);

    // Changes the last byte of a signature.
    private static string Damage(string psbt, string signature)
    {
        byte[] bytes = Convert.FromBase64String(psbt);
        int at = bytes.AsSpan().IndexOf(Convert.FromHexString(signature));
        bytes[at + (signature.Length / 2) - 1] ^= 1;
        return Convert.ToBase64String(bytes);
    }
}
