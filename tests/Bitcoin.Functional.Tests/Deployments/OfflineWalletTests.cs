using Bitcoin.Functional.Support;

namespace Bitcoin.Functional.Deployments;

/// <summary>bitcoin-wallet on a file that no program has open: what it shows, writes and reads.</summary>
internal sealed class OfflineWalletTests(string program) : DeploymentTest(program)
{
    private const string Caution =
        "The dumpfile may contain private keys. To ensure the safety of your Bitcoin, do not share the dumpfile.";

    [Test]
    public void A_wallet_is_dumped_made_again_and_opened()
    {
        RpcClient rpc = Run(out Host node);
        rpc.Call("createwallet", "w");
        string address = rpc.Text("getnewaddress", "here");
        Stop(node);
        string dump = Path.Combine(Root, "w.dump");

        Assert.That(Offline("-wallet=w", $"-dumpfile={dump}", "dump"), Is.EqualTo(Words(Caution)));
        Assert.That(Offline("-wallet=copy", $"-dumpfile={dump}", "createfromdump"), Is.Empty);
        string again = Path.Combine(Root, "copy.dump");
        Offline("-wallet=copy", $"-dumpfile={again}", "dump");

        Assert.That(File.ReadAllLines(again), Is.EqualTo(File.ReadAllLines(dump)));
        Assert.That(
            File.GetUnixFileMode(dump), Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite));
        Assert.That(
            Offline("-wallet=copy", "info").Split('\n'),
            Is.EqualTo(
                (string[])
                [
                    "Wallet info", "===========", "Name: copy", "Format: sqlite", "Descriptors: yes", "Encrypted: no",
                    "HD (hd seed available): yes", $"Keypool Size: {(2 * Kinds) - 1}", "Transactions: 0", "Address Book: 1",
                ]));
        rpc = Run(out node, "-wallet=copy");
        Assert.That(rpc.Call("getaddressinfo", address)!["labels"]!.ToJsonString(), Is.EqualTo("[\"here\"]"));
        Stop(node);
    }

    [Test]
    public void A_wallet_is_made_without_a_node_and_the_node_opens_it()
    {
        Run(out Host node);
        Stop(node);

        Assert.That(
            Offline("-wallet=new", "create"),
            Does.StartWith("Topping up keypool...\nWallet info\n").And.Contain($"Keypool Size: {2000 * Kinds}"));

        RpcClient rpc = Run(out node, "-wallet=new");
        Assert.That(rpc.Call("generatetoaddress", 1, rpc.Text("getnewaddress"))!.AsArray(), Has.Count.EqualTo(1));
        Stop(node);
    }

    [Test]
    public void What_cannot_be_done_is_said_and_leaves_nothing()
    {
        RpcClient rpc = Run(out Host node);
        rpc.Call("createwallet", "w");
        Assert.That(OfflineError("-wallet=w", "info"), Does.Contain("Unable to obtain an exclusive lock"));
        Stop(node);
        string dump = Path.Combine(Root, "w.dump");
        Offline("-wallet=w", $"-dumpfile={dump}", "dump");
        string[] lines = File.ReadAllLines(dump);

        Assert.That(OfflineError("foo"), Does.Contain("Invalid command 'foo'"));
        Assert.That(OfflineError(), Does.Contain(
            Words("No method provided. Run `bitcoin-wallet -help` for valid methods.")));
        Assert.That(OfflineError("info", "create"), Does.Contain("Additional arguments provided (create)."));
        Assert.That(OfflineError("create"), Does.Contain("Wallet name must be provided"));
        Assert.That(OfflineError("-wallet=", "create"), Does.Contain("Wallet name cannot be empty"));
        Assert.That(OfflineError("-wallet=none", "info"), Does.Contain("Path does not exist."));
        Assert.That(OfflineError("-wallet=w", "dump"), Does.Contain("-dumpfile=<filename> must be provided."));
        Assert.That(OfflineError("-wallet=w", $"-dumpfile={dump}", "dump"), Does.Contain("already exists."));
        Assert.That(
            OfflineError("-wallet=w", $"-dumpfile={dump}", "createfromdump"),
            Does.Contain("Database already exists."));
        Assert.That(FromDump(["A,1", .. lines[1..]]), Does.Contain("identifier record is incorrect"));
        Assert.That(FromDump([lines[0].Replace('1', '2'), .. lines[1..]]), Does.Contain("version 2"));
        Assert.That(FromDump([lines[0], "format,none", .. lines[2..]]), Does.Contain("Unknown wallet file format"));
        Assert.That(FromDump(lines[..^1]), Does.Contain("Missing checksum"));
        Assert.That(FromDump([.. lines[..^1], "checksum,00"]), Does.Contain("not the correct size"));
        Assert.That(FromDump([.. lines[..^2], lines[^1]]), Does.Contain("checksum does not match. Computed "));
        Assert.That(FromDump([.. lines[..^1], "xy,00", lines[^1]]), Does.Contain("Got key that was not hex: xy"));
        Assert.That(
            Directory.EnumerateFileSystemEntries(Path.Combine(RegtestDirectory, "wallets")).Select(Path.GetFileName),
            Is.EquivalentTo((string[])["w"]));

        string FromDump(string[] changed)
        {
            string file = Path.Combine(Root, "changed.dump");
            File.WriteAllLines(file, changed);
            return OfflineError("-wallet=bad", $"-dumpfile={file}", "createfromdump");
        }
    }

    private string Offline(params string[] words)
    {
        Host host = StartHere(Names.Program("wallet"), words);
        Assert.That(host.WaitForExit(), Is.Zero, host.Errors);
        return host.Output;
    }

    private string OfflineError(params string[] words)
    {
        Host host = StartHere(Names.Program("wallet"), words);
        host.MayComplain = true;
        host.ExpectedCode = 1;
        host.WaitForExit();
        Assert.That(host.Output, Is.Empty);
        return host.Errors;
    }
}
