using System.Text.Json.Nodes;
using Bitcoin.Functional.Support;

namespace Bitcoin.Functional.Deployments;

internal sealed class WalletTests(string program) : DeploymentTest(program)
{
    [Test]
    public void Errors_of_the_wallet_have_their_own_codes()
    {
        RpcClient rpc = Run(out Host node);
        rpc.Call("createwallet", "one");
        string path = Path.Combine(RegtestDirectory, "wallets");

        Assert.That(
            rpc.Error("createwallet", "one"),
            Is.EqualTo((
                -4,
                $"Wallet file verification failed. Failed to create database path '{path}/one'. Database already exists.")));
        Assert.That(
            rpc.Error("loadwallet", "two"),
            Is.EqualTo((
                -18,
                $"Wallet file verification failed. Failed to load database path '{path}/two'. Path does not exist.")));
        Assert.That(rpc.Error("loadwallet", "one"), Is.EqualTo((-35, "Wallet \"one\" is already loaded.")));
        Assert.That(rpc.Error("createwallet", "../three").Code, Is.EqualTo(-4));
        (int code, string message) = rpc.Error("createwallet", new string('n', 300));
        Assert.That(code, Is.EqualTo(-4), "a name that is too long for the file system");
        Assert.That(message, Does.StartWith("Wallet file verification failed.").And.Not.Contain("Exception"));
        Assert.That(rpc.Error("getnewaddress", "*"), Is.EqualTo((-11, "Invalid label name")));
        Assert.That(rpc.Error("getnewaddress", "", "round"), Is.EqualTo((-5, "Unknown address type 'round'")));
        Assert.That(rpc.Error("createwallet").Code, Is.EqualTo(-1));
        rpc.Call("createwallet", "two");
        Assert.That(rpc.Error("getbalance").Code, Is.EqualTo(-19));
        Assert.That(Rpc("two").Call("getwalletinfo")!["walletname"]!.ToString(), Is.EqualTo("two"));
        Assert.That(
            Rpc("none").Error("getbalance"), Is.EqualTo((-18, "Requested wallet does not exist or is not loaded")));
        Assert.That(
            Rpc("two").Error("unloadwallet", "one"),
            Is.EqualTo((-8, "The RPC endpoint wallet and the wallet name parameter specify different wallets")));
        Stop(node);
    }

    [Test]
    public void Transactions_of_blocks_deeper_than_ten_do_not_wait_again()
    {
        RpcClient rpc = Run(out Host node, "-fallbackfee=0.0002");
        rpc.Call("createwallet", "payer");
        string address = rpc.Text("getnewaddress");
        rpc.Call("generatetoaddress", 101, address);
        string sent = rpc.Text("sendtoaddress", address, 1);
        string block = rpc.Call("generatetoaddress", 10, address)![0]!.ToString();

        rpc.Call("invalidateblock", block);
        Assert.That(rpc.Call("getrawmempool")!.ToJsonString(), Is.EqualTo($"[\"{sent}\"]"), "ten blocks");
        rpc.Call("reconsiderblock", block);
        rpc.Call("generatetoaddress", 1, address);
        rpc.Call("invalidateblock", block);

        Assert.That(rpc.Call("getrawmempool")!.ToJsonString(), Is.EqualTo("[]"), "eleven blocks");
        Assert.That(rpc.Call("gettransaction", sent)!["confirmations"]!.GetValue<int>(), Is.Zero);
        Stop(node);
    }

    [Test]
    public void A_blank_wallet_stays_blank_when_descriptors_are_imported()
    {
        RpcClient rpc = Run(out Host node);
        rpc.Ask(
            "createwallet",
            new JsonObject { ["wallet_name"] = "blank", ["blank"] = true, ["disable_private_keys"] = true });
        string descriptor = rpc.Call("getdescriptorinfo", $"addr({Address})")!["descriptor"]!.ToString();

        JsonNode imported = rpc.Call(
            "importdescriptors",
            new JsonArray(new JsonObject { ["desc"] = descriptor, ["timestamp"] = "now" }))!;

        Assert.That(imported[0]!["success"]!.GetValue<bool>(), Is.True, imported.ToJsonString());
        Assert.That(rpc.Call("getwalletinfo")!["blank"]!.GetValue<bool>(), Is.True);
        Stop(node);
    }

    [Test]
    public void An_output_with_a_witness_is_signed_for_only_if_its_amount_is_told()
    {
        RpcClient rpc = Run(out Host node);
        rpc.Call("createwallet", "w");
        string id = new('1', 64);
        string own = rpc.Text("getnewaddress", "", "bech32");
        string script = rpc.Call("getaddressinfo", own)!["scriptPubKey"]!.ToString();
        string unsigned = rpc.Text(
            "createrawtransaction",
            new JsonArray(new JsonObject { ["txid"] = id, ["vout"] = 3 }),
            new JsonArray(new JsonObject { [Address] = 1 }));
        JsonObject Previous() => new() { ["txid"] = id, ["vout"] = 3, ["scriptPubKey"] = script };

        Assert.That(
            rpc.Error("signrawtransactionwithwallet", unsigned, new JsonArray(Previous())),
            Is.EqualTo((-3, $"Missing amount for {id}:3")));
        JsonObject complete = Previous();
        complete["amount"] = 2;
        Assert.That(
            rpc.Call("signrawtransactionwithwallet", unsigned, new JsonArray(complete))!["complete"]!.GetValue<bool>(),
            Is.True);
        Stop(node);
    }

    [Test]
    public void A_wallet_that_is_to_be_loaded_at_the_start_is()
    {
        RpcClient rpc = Run(out Host node);
        rpc.Ask("createwallet", new JsonObject { ["wallet_name"] = "kept", ["load_on_startup"] = true });
        rpc.Call("createwallet", "other");
        string address = Rpc("kept").Text("getnewaddress");
        rpc.Call("generatetoaddress", 101, address);
        Stop(node);

        rpc = Run(out node);

        Assert.That(rpc.Call("listwallets")!.ToJsonString(), Is.EqualTo("""["kept"]"""));
        Assert.That(rpc.Call("getbalance")!.ToJsonString(), Is.EqualTo(Subsidy));
        Assert.That(rpc.Text("getnewaddress"), Is.Not.EqualTo(address));
        Stop(node);
    }

    [Test]
    public void A_wallet_that_is_missing_or_named_twice_at_the_start_is_warned_of()
    {
        RpcClient rpc = Run(out Host node);
        rpc.Call("createwallet", "w");
        Stop(node);

        rpc = Run(out node, "-wallet=missing", "-wallet=w", "-wallet=w");
        node.MayComplain = true;

        Assert.That(rpc.Call("listwallets")!.ToJsonString(), Is.EqualTo("""["w"]"""));
        WaitUntil(() => node.Errors.Contains("duplicate", StringComparison.Ordinal), "no warning");
        Assert.That(node.Errors, Is.EqualTo(
            $"Warning: Skipping -wallet path that doesn't exist. Failed to load database path '{Path.Combine(RegtestDirectory, "wallets", "missing")}'. Path does not exist.\nWarning: Ignoring duplicate -wallet w."));
        Stop(node);
    }

    [Test]
    public void Of_several_that_unload_a_wallet_at_once_one_does()
    {
        RpcClient rpc = Run(out Host node);
        rpc.Call("createwallet", "w");
        for (int round = 0; round < 20; round++)
        {
            bool[] done = new bool[4];
            Parallel.For(
                0,
                done.Length,
                new ParallelOptions { MaxDegreeOfParallelism = done.Length },
                i => done[i] = rpc.Ask("unloadwallet", new System.Text.Json.Nodes.JsonArray("w"))["error"] is null);

            Assert.That(done, Has.Exactly(1).True, $"round {round}");
            rpc.Call("loadwallet", "w");
        }

        Stop(node);
    }

    [Test]
    public void A_watching_copy_has_addresses_labels_and_coins_and_no_private_key()
    {
        RpcClient rpc = Run(out Host node);
        rpc.Call("createwallet", "w", false, false, "passphrase");
        string labelled = Rpc("w").Text("getnewaddress", "rent");
        rpc.Call("generatetoaddress", 1, labelled);
        string file = Path.Combine(Root, "watching.dat");

        Rpc("w").Call("exportwatchonlywallet", file);
        rpc.Call("restorewallet", "watching", file);

        RpcClient own = Rpc("w");
        RpcClient watching = Rpc("watching");
        for (int i = 0; i < 3; i++)
        {
            Assert.That(watching.Text("getnewaddress"), Is.EqualTo(own.Text("getnewaddress")));
        }

        foreach (string method in (string[])["getbalances", "listtransactions"])
        {
            Assert.That(watching.Call(method)!.ToJsonString(), Is.EqualTo(own.Call(method)!.ToJsonString()), method);
        }

        Assert.That(
            watching.Call("listdescriptors")!["descriptors"]!.ToJsonString(),
            Is.EqualTo(own.Call("listdescriptors")!["descriptors"]!.ToJsonString()));
        Assert.That(watching.Call("getaddressesbylabel", "rent")!.AsObject().ContainsKey(labelled), Is.True);
        Assert.That(watching.Call("getwalletinfo")!["private_keys_enabled"]!.GetValue<bool>(), Is.False);
        Assert.That(watching.Error("listdescriptors", true).Code, Is.EqualTo(-4));
        foreach (string destination in (string[])["", ".", file])
        {
            (int code, string message) = own.Error("exportwatchonlywallet", destination);
            Assert.That((code, message[..14]), Is.EqualTo((-4, "Error: Export ")), destination);
        }

        Stop(node);
    }

    [Test]
    public void A_key_is_added_without_scripts_and_keys_are_derived_of_it()
    {
        RpcClient rpc = Run(out Host node);
        rpc.Call("createwallet", "w");

        string xpub = rpc.Call("addhdkey")!["xpub"]!.ToString();
        JsonNode derived = rpc.Call(
            "derivehdkey", "m/87h/0h/3", new JsonObject { ["hdkey"] = xpub, ["private"] = true })!;
        string xprv = rpc.Call("gethdkeys", new JsonObject { ["private"] = true })!.AsArray()
            .First(key => key!["xpub"]!.ToString() == xpub)!["xprv"]!.ToString();

        Assert.That(
            rpc.Call("listdescriptors")!["descriptors"]!.AsArray().Select(static one => one!["desc"]!.ToString()),
            Has.One.StartsWith($"unused({xpub})#"));
        Assert.That(derived["origin"]!.ToString(), Does.Match("^\\[[0-9a-f]{8}/87h/0h/3\\]$"));
        Assert.That(
            NBitcoin.ExtKey.Parse(xprv, Regtest.Network)
                .Derive(new NBitcoin.KeyPath("87'/0'/3"))
                .ToString(Regtest.Network),
            Is.EqualTo(derived["xprv"]!.ToString()));
        Assert.That(rpc.Error("addhdkey", xprv), Is.EqualTo((-4, "HD key already exists")));
        Assert.That(rpc.Error("addhdkey", xpub).Code, Is.EqualTo(-5));
        Assert.That(rpc.Error("addhdkey", "x"), Is.EqualTo((-5, "Could not parse HD key")));
        Assert.That(rpc.Error("derivehdkey", "m/1/2").Code, Is.EqualTo(-8));
        Assert.That(rpc.Error("derivehdkey", "m/x").Code, Is.EqualTo(-8));
        Stop(node);
    }

    [Test]
    public void A_negation_on_the_command_line_hides_the_stored_wallets_and_not_those_behind_it()
    {
        RpcClient rpc = Run(out Host node);
        rpc.Call("createwallet", "a");
        rpc.Call("createwallet", "b", false, false, "", false, true, true);
        Stop(node);

        rpc = Run(out node, "-nowallet", "-wallet=a");

        Assert.That(rpc.Call("listwallets")!.ToJsonString(), Is.EqualTo("""["a"]"""));
        Stop(node);
        rpc = Run(out node);
        Assert.That(rpc.Call("listwallets")!.ToJsonString(), Is.EqualTo("""["b"]"""), "stored still");
        Stop(node);
    }

    [Test]
    public void A_method_that_is_going_to_end_wants_an_option()
    {
        RpcClient rpc = Run(out Host node);
        rpc.Call("createwallet", "w");

        (int code, string message) = rpc.Error("removeprunedfunds", new string('0', 64));

        Assert.That(code, Is.EqualTo(-32));
        Assert.That(message, Does.Contain("-deprecatedrpc=removeprunedfunds"));
        Stop(node);
        rpc = Run(out node, "-wallet=w", "-deprecatedrpc=removeprunedfunds");
        Assert.That(rpc.Error("removeprunedfunds", new string('0', 64)).Code, Is.EqualTo(-4));
        Stop(node);
    }

    [Test]
    public void A_name_with_control_characters_is_shown_escaped()
    {
        const string Name = "a\n\u001b[2Jb'\"%";
        RpcClient rpc = Run(out Host node, "-debug=all");

        rpc.Call("createwallet", Name);

        Assert.That(rpc.Call("listwallets")![0]!.ToString(), Is.EqualTo(Name));
        Assert.That(Directory.Exists(Path.Combine(RegtestDirectory, "wallets", Name)), Is.True);
        (_, string output, _) = Cli("-getinfo");
        Assert.That(output, Does.Not.Contain("\u001b[2J"));
        rpc.Call("unloadwallet", Name);
        rpc.Call("loadwallet", Name);
        Stop(node);
        Assert.That(File.ReadAllText(Path.Combine(RegtestDirectory, "debug.log")), Does.Not.Contain('\u001b'));
    }

    [TestCase("a\ufffd")]
    [TestCase(".unfinished-x")]
    public void A_name_that_is_none_of_a_file_is_refused(string name)
    {
        RpcClient rpc = Run(out Host node);

        (int code, string message) = rpc.Error("createwallet", name);

        Assert.That(code, Is.EqualTo(-4));
        Assert.That(
            message,
            Does.StartWith("Wallet name must be a file name, not 'a").Or.StartWith(
                "Wallet name must be a file name, not '.").And.Not.Contain("\n").And.Not.Contain("\u001b"));
        Assert.That(rpc.Error("loadwallet", name).Code, Is.EqualTo(-18));
        Stop(node);
    }

    [Test]
    public void What_a_kill_has_left_of_a_new_wallet_is_in_nobodys_way()
    {
        string wallets = Path.Combine(RegtestDirectory, "wallets");
        foreach (string folder in (string[])["half", ".unfinished-1"])
        {
            Directory.CreateDirectory(Path.Combine(wallets, folder));
            File.WriteAllText(Path.Combine(wallets, folder, "wallet.dat.new"), "");
        }

        File.WriteAllText(Path.Combine(wallets, "half", ".walletlock"), "");
        Directory.SetLastWriteTimeUtc(Path.Combine(wallets, ".unfinished-1"), DateTime.UtcNow.AddHours(-1));
        Directory.CreateDirectory(Path.Combine(wallets, "other"));
        File.WriteAllText(Path.Combine(wallets, "other", "mine.txt"), "");
        RpcClient rpc = Run(out Host node);

        rpc.Call("createwallet", "half");

        Assert.That(
            rpc.Call("listwalletdir")!.ToJsonString(), Is.EqualTo("""{"wallets":[{"name":"half","warnings":[]}]}"""));
        rpc.Call("createwallet", "other");
        Assert.That(File.Exists(Path.Combine(wallets, "other", "mine.txt")), Is.True, "what else is there stays");
        Assert.That(
            Directory.GetDirectories(wallets).Select(Path.GetFileName), Is.EquivalentTo(new[] { "half", "other" }));
        Stop(node);
    }

    [Test]
    public void A_kill_loses_no_address_and_no_payment_that_was_acknowledged()
    {
        RpcClient rpc = Run(out Host node, "-fallbackfee=0.0002");
        rpc.Call("createwallet", "w");
        rpc.Call("generatetoaddress", 101, rpc.Text("getnewaddress"));
        List<string> addresses = [.. Enumerable.Range(0, 5).Select(_ => rpc.Text("getnewaddress", "kept"))];
        string sent = rpc.Text("sendtoaddress", addresses[4], 2);

        node.Kill();
        rpc = Run(out node, "-fallbackfee=0.0002", "-wallet=w");

        Assert.That(
            ((JsonObject)rpc.Call("getaddressesbylabel", "kept")!).Select(static pair => pair.Key),
            Is.EquivalentTo(addresses));
        Assert.That(addresses, Does.Not.Contain(rpc.Text("getnewaddress")), "no address is given out twice");
        Assert.That(
            rpc.Call("getrawmempool")!.ToJsonString(), Is.EqualTo($"[\"{sent}\"]"), "the payment is made again, once");
        Assert.That(rpc.Call("gettransaction", sent)!["confirmations"]!.GetValue<int>(), Is.Zero);
        Stop(node);
    }

    [Test]
    public void A_locked_wallet_receives_and_does_not_spend()
    {
        RpcClient rpc = Run(out Host node, "-fallbackfee=0.0002");
        rpc.Ask("createwallet", new JsonObject { ["wallet_name"] = "w", ["passphrase"] = "open sesame" });
        string address = rpc.Text("getnewaddress");
        rpc.Call("generatetoaddress", 101, address);

        Assert.That(rpc.Error("sendtoaddress", address, 1).Code, Is.EqualTo(-13));
        Assert.That(rpc.Error("walletpassphrase", "wrong", 10).Code, Is.EqualTo(-14));
        rpc.Call("walletpassphrase", "open sesame", 600);
        Assert.That(rpc.Text("sendtoaddress", address, 1), Has.Length.EqualTo(64));
        rpc.Call("walletlock");
        Assert.That(rpc.Error("sendtoaddress", address, 1).Code, Is.EqualTo(-13));
        byte[] file = File.ReadAllBytes(Path.Combine(RegtestDirectory, "wallets", "w", "wallet.dat"));
        Assert.That(Contains(file, "walletdescriptorkey"u8), Is.False, "no private key stands in it as it is");
        Assert.That(Contains(file, "walletdescriptorckey"u8), Is.True);
        Stop(node);
    }

    private static bool Contains(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> part) => bytes.IndexOf(part) >= 0;
}
