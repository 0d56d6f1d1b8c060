using Bitcoin.Functional.Support;

namespace Bitcoin.Functional.Deployments;

internal sealed class PersistenceTests(string program) : DeploymentTest(program)
{
    private string BlockFile => Path.Combine(RegtestDirectory, "blocks", "blk00000.dat");

    private string Log => File.ReadAllText(Path.Combine(RegtestDirectory, "debug.log"));

    private string CoinsFile => Path.Combine(RegtestDirectory, "chainstate", "coins.sqlite");

    [Test]
    public void The_chain_survives_a_stop_and_a_kill_while_blocks_are_mined()
    {
        RpcClient rpc = Run(out Host node, "-disablewallet");
        string tip = rpc.Call("generatetoaddress", 5, Address)![4]!.ToString();
        Stop(node);
        rpc = Run(out node, "-disablewallet");
        Assert.That(rpc.Text("getbestblockhash"), Is.EqualTo(tip));

        Task mining = Task.Factory.StartNew(
            () => Assert.Catch(() => rpc.Call("generatetoaddress", 10_000, Address)), TaskCreationOptions.LongRunning);
        WaitUntil(() => rpc.Int("getblockcount") > 50, "nothing is mined");
        int seen = rpc.Int("getblockcount");
        node.Kill();
        Assert.That(mining.Wait(Host.Patience), Is.True);
        rpc = Run(out node, "-disablewallet");

        Assert.That(rpc.Int("getblockcount"), Is.GreaterThanOrEqualTo(seen), "what was told was kept");
        rpc.Call("generatetoaddress", 1, Address);
        Stop(node);
    }

    [Test]
    public void A_decision_about_a_block_is_kept_with_the_next_flush_only()
    {
        RpcClient rpc = Run(out Host node, "-disablewallet");
        string tip = rpc.Call("generatetoaddress", 3, Address)![2]!.ToString();
        Stop(node);
        rpc = Run(out node, "-disablewallet");
        rpc.Call("invalidateblock", tip);
        Assert.That(rpc.Int("getblockcount"), Is.EqualTo(2));

        node.Kill();
        rpc = Run(out node, "-disablewallet");

        Assert.That(rpc.Text("getbestblockhash"), Is.EqualTo(tip), "as with Bitcoin Core");
        rpc.Call("invalidateblock", tip);
        Stop(node);
        rpc = Run(out node, "-disablewallet");
        Assert.That(rpc.Int("getblockcount"), Is.EqualTo(2));
        Stop(node);
    }

    [Test]
    public void A_node_that_cannot_leave_a_branch_says_so_and_ends()
    {
        RpcClient rpc = Run(out Host node, "-disablewallet");
        string longer = rpc.Call("generatetoaddress", 3, Address)![0]!.ToString();
        rpc.Call("invalidateblock", longer);
        string output = rpc.Call("getdescriptorinfo", "raw(51)")!["descriptor"]!.ToString();
        rpc.Call("generatetodescriptor", 2, output);
        File.Delete(Path.Combine(RegtestDirectory, "blocks", "rev00000.dat"));
        (node.ExpectedCode, node.MayComplain) = (1, true);

        rpc.Ask("reconsiderblock", new System.Text.Json.Nodes.JsonArray(longer));

        Assert.That(node.WaitForExit(), Is.EqualTo(1));
        Assert.That(
            node.Errors,
            Does.Contain(
                "Error: A fatal internal error occurred, see debug.log for details: Failed to disconnect block."));
        Assert.That(Refused("-disablewallet"), Does.StartWith("Corrupted block database detected."));
    }

    [TestCase(1)]
    [TestCase(100)]
    public void A_block_that_is_cut_short_is_an_error_and_is_found_missing_by_a_reindex(int bytes)
    {
        RpcClient rpc = Run(out Host node, "-disablewallet");
        rpc.Call("generatetoaddress", 3, Address);
        Stop(node);
        using (FileStream file = new(BlockFile, FileMode.Open))
        {
            file.SetLength(file.Length - bytes);
        }

        Assert.That(Refused("-disablewallet"), Does.StartWith("Corrupted block database detected."));
        rpc = Run(out node, "-disablewallet", "-reindex");

        Assert.That(rpc.Int("getblockcount"), Is.EqualTo(2));
        rpc.Call("generatetoaddress", 1, Address);
        Stop(node);
        rpc = Run(out node, "-disablewallet");
        Assert.That(rpc.Int("getblockcount"), Is.EqualTo(3));
        Stop(node);
    }

    [Test]
    public void Damaged_coins_are_an_error_and_are_made_anew_from_the_blocks()
    {
        RpcClient rpc = Run(out Host node, "-disablewallet");
        rpc.Call("generatetoaddress", 3, Address);
        Stop(node);
        Flip(CoinsFile, 5);

        Assert.That(Refused("-disablewallet"), Does.Contain(CoinsFile));
        rpc = Run(out node, "-disablewallet", "-reindex-chainstate");

        Assert.That(rpc.Int("getblockcount"), Is.EqualTo(3));
        Assert.That(rpc.Call("gettxoutsetinfo")!["txouts"]!.GetValue<int>(), Is.EqualTo(3));
        Stop(node);
    }

    [Test]
    public void A_damaged_block_is_an_error_that_changes_nothing()
    {
        RpcClient rpc = Run(out Host node, "-disablewallet");
        rpc.Call("generatetoaddress", 3, Address);
        Stop(node);
        int start = StartOfSecondBlock();

        // The mark before the block, its length, the highest bits of the length, and its content.
        foreach (int offset in (int[])[0, 4, 7, 100])
        {
            Flip(BlockFile, start + offset);
            byte[] before = File.ReadAllBytes(BlockFile);
            File.Delete(Path.Combine(RegtestDirectory, "debug.log"));

            Assert.That(Refused("-disablewallet"), Does.StartWith("Corrupted block database detected."), $"{offset}");

            Assert.That(File.ReadAllBytes(BlockFile), Is.EqualTo(before), $"{offset}");
            Assert.That(Log, Does.Match("Error: block 2 .*blk00000\\.dat at [0-9]+: "), $"{offset}");
            Flip(BlockFile, start + offset);
        }

        rpc = Run(out node, "-disablewallet");
        Assert.That(rpc.Int("getblockcount"), Is.EqualTo(3), "what was repaired is whole");
        Stop(node);
    }

    [TestCase(
        "{",
        "does not contain valid JSON. This may be caused by a crash, power loss, full disk, or storage error, and can be fixed by removing the file, which will reset settings to default values.")]
    [TestCase("[1]", "Found non-object value [1] in settings file ")]
    [TestCase("""{"wallet":["a"],"wallet":[]}""", "Found duplicate key wallet in settings file ")]
    public void Settings_that_cannot_be_read_are_said_so(string text, string message)
    {
        Directory.CreateDirectory(RegtestDirectory);
        File.WriteAllText(Path.Combine(RegtestDirectory, "settings.json"), text);
        Host node = StartNode();
        node.ExpectedCode = 1;
        node.MayComplain = true;

        Assert.That(node.WaitForExit(), Is.EqualTo(1));
        Assert.That(node.Errors, Does.StartWith("Error: Settings file could not be read:\n- ").And.Contain(message));
    }

    [TestCase("""{"wallet":7}""")]
    [TestCase("""{"wallet":[{}]}""")]
    public void A_stored_wallet_that_is_no_name_is_said_so(string text)
    {
        Directory.CreateDirectory(RegtestDirectory);
        File.WriteAllText(Path.Combine(RegtestDirectory, "settings.json"), text);
        Host node = StartNode();
        node.ExpectedCode = 1;
        node.MayComplain = true;

        Assert.That(node.WaitForExit(), Is.EqualTo(1));
        Assert.That(node.Errors, Does.StartWith("Error: Invalid value detected for '-wallet' or '-nowallet'. "));
    }

    [Test]
    public void A_setting_that_nobody_knows_is_warned_of()
    {
        Directory.CreateDirectory(RegtestDirectory);
        File.WriteAllText(Path.Combine(RegtestDirectory, "settings.json"), """{"wallat":["w"],"wallet":"w"}""");
        Directory.CreateDirectory(Path.Combine(RegtestDirectory, "wallets"));
        RpcClient rpc = Run(out Host node);
        node.MayComplain = true;

        Assert.That(rpc.Call("listwallets")!.AsArray(), Is.Empty);
        Assert.That(
            Log,
            Does.Contain(
                "Ignoring unknown rw_settings value wallat").And.Contain("Skipping -wallet path that doesn't exist."));
        Stop(node);
    }

    [Test]
    public void A_full_disk_under_the_log_stops_nothing()
    {
        Directory.CreateDirectory(RegtestDirectory);
        File.CreateSymbolicLink(Path.Combine(RegtestDirectory, "debug.log"), "/dev/full");
        File.CreateSymbolicLink(Path.Combine(RegtestDirectory, "debug.log.wallet"), "/dev/full");
        RpcClient rpc = Run(out Host node);

        rpc.Call("createwallet", "w");
        rpc.Call("generatetoaddress", 101, rpc.Text("getnewaddress"));
        Assert.That(rpc.Call("getbalance")!.ToJsonString(), Is.EqualTo(Subsidy));
        Assert.That(
            rpc.Post("""{"method":"uptime","id":1}""", "me:wrong").Status,
            Is.EqualTo(System.Net.HttpStatusCode.Unauthorized));
        Stop(node);
        Assert.That(File.Exists(CoinsFile), Is.True);
    }

    /// <summary>Where in the file the mark before block 2 stands, behind the genesis block and the first.</summary>
    private int StartOfSecondBlock()
    {
        byte[] key = File.ReadAllBytes(Path.Combine(RegtestDirectory, "blocks", "xor.dat"));
        byte[] plain = [.. File.ReadAllBytes(BlockFile).Select((one, at) => (byte)(one ^ key[at % key.Length]))];
        ReadOnlySpan<byte> magic = Regtest.Magic.Span;
        int start = 0;
        for (int block = 0; block < 2; block++)
        {
            start += magic.Length + plain.AsSpan(start + magic.Length).IndexOf(magic);
        }

        return start;
    }

    /// <summary>What a node says that does not start.</summary>
    private string Refused(params string[] arguments)
    {
        Host node = StartNode(arguments);
        node.ExpectedCode = 1;
        node.MayComplain = true;
        Assert.That(node.WaitForExit(), Is.EqualTo(1));
        return node.Errors;
    }

    private static void Flip(string path, int offset)
    {
        byte[] bytes = File.ReadAllBytes(path);
        bytes[offset] ^= 1;
        File.WriteAllBytes(path, bytes);
    }
}
