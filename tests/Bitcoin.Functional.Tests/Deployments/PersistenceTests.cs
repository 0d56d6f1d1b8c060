using Bitcoin.Functional.Support;

namespace Bitcoin.Functional.Deployments;

internal sealed class PersistenceTests(string program) : DeploymentTest(program)
{
    private const string Address = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080";

    private string BlockFile => Path.Combine(RegtestDirectory, "blocks", "blk00000.dat");

    private string CoinsFile => Path.Combine(RegtestDirectory, "chainstate", "coins.dat");

    private string Log => File.ReadAllText(Path.Combine(RegtestDirectory, "debug.log"));

    [Test]
    public void The_chain_survives_a_stop_and_a_kill_while_blocks_are_mined()
    {
        RpcClient rpc = Run(out Host node, "-disablewallet");
        string tip = rpc.Call("generatetoaddress", 5, Address)![4]!.ToString();
        Stop(node);
        rpc = Run(out node, "-disablewallet");
        Assert.That(rpc.Text("getbestblockhash"), Is.EqualTo(tip));
        Assert.That(Log, Does.Contain("5 unspent outputs, as stored"));

        Task mining = Task.Factory.StartNew(() => Assert.Catch(() => rpc.Call("generatetoaddress", 10_000, Address)), TaskCreationOptions.LongRunning);
        WaitUntil(() => rpc.Int("getblockcount") > 50, "nothing is mined");
        int seen = rpc.Int("getblockcount");
        node.Kill();
        Assert.That(mining.Wait(Host.Patience), Is.True);
        rpc = Run(out node, "-disablewallet");

        Assert.That(rpc.Int("getblockcount"), Is.GreaterThanOrEqualTo(seen), "what was told was kept");
        rpc.Call("generatetoaddress", 1, Address);
        Stop(node);
    }

    [TestCase(1)]
    [TestCase(100)]
    public void A_block_that_was_not_wholly_written_is_cut_off(int bytes)
    {
        RpcClient rpc = Run(out Host node, "-disablewallet");
        rpc.Call("generatetoaddress", 3, Address);
        Stop(node);
        using (FileStream file = new(BlockFile, FileMode.Open))
        {
            file.SetLength(file.Length - bytes);
        }

        rpc = Run(out node, "-disablewallet");

        Assert.That(rpc.Int("getblockcount"), Is.EqualTo(2));
        Assert.That(Log, Does.Contain("The last block was not wholly written").And.Contain("2 unspent outputs, found anew"));
        rpc.Call("generatetoaddress", 1, Address);
        Stop(node);
        rpc = Run(out node, "-disablewallet");
        Assert.That(rpc.Int("getblockcount"), Is.EqualTo(3));
        Stop(node);
    }

    [Test]
    public void Damage_elsewhere_is_an_error_that_says_where_and_a_damaged_coin_file_is_made_anew()
    {
        RpcClient rpc = Run(out Host node, "-disablewallet");
        rpc.Call("generatetoaddress", 3, Address);
        Stop(node);
        Flip(CoinsFile, 40);
        rpc = Run(out node, "-disablewallet");
        Assert.That(rpc.Int("getblockcount"), Is.EqualTo(3));
        Assert.That(Log, Does.Contain("3 unspent outputs, found anew"));
        Stop(node);

        Flip(BlockFile, 60);
        node = StartNode("-disablewallet");
        node.ExpectedCode = 1;
        node.MayComplain = true;

        Assert.That(node.WaitForExit(), Is.EqualTo(1));
        Assert.That(node.Errors, Is.EqualTo($"Error: Corrupted block database detected: {BlockFile} at byte 0: the checksum does not match."));
    }

    private static void Flip(string path, int offset)
    {
        byte[] bytes = File.ReadAllBytes(path);
        bytes[offset] ^= 1;
        File.WriteAllBytes(path, bytes);
    }
}
