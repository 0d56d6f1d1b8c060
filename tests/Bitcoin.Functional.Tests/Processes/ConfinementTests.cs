using System.Text.Json.Nodes;
using Bitcoin.Functional.Support;

namespace Bitcoin.Functional.Processes;

/// <summary>What the processes that a node starts may do, and that all commands work from within.</summary>
internal sealed class ConfinementTests : ProcessTest
{
    private const string Filtered = "2";

    [Test]
    public void The_wallet_and_the_index_process_are_confined_and_their_memory_is_hidden()
    {
        RunNode(out Host node, "-txindex");
        int[] children = [StartedBy("debug.log", "bitcoin-wallet"), StartedBy("debug.log", "bitcoin-index")];

        foreach (int child in children)
        {
            Assert.That(Status(child, "Seccomp"), Is.EqualTo(Filtered), "system calls are filtered");
            Assert.That(Status(child, "NoNewPrivs"), Is.EqualTo("1"), "no privilege can be gained");
            Assert.That(
                () => new FileStream($"/proc/{child}/mem", FileMode.Open, FileAccess.Read).Dispose(),
                Environment.IsPrivilegedProcess ? Throws.Nothing : Throws.TypeOf<UnauthorizedAccessException>());

            // Not a file in the temporary directory: an ended process with this id may have left one.
            Assert.That(
                File.ReadLines("/proc/net/unix")
                    .Where(line => line.Contains($"dotnet-diagnostic-{child}-", StringComparison.Ordinal)),
                Is.Empty,
                "no diagnostics port");
        }

        Assert.That(Status(node.Id, "Seccomp"), Is.EqualTo("0"), "the node is not confined");
        Assert.That(Log(), Does.Not.Contain("SandboxIncomplete"));
        Stop(node);
    }

    [Test]
    public void A_backup_goes_anywhere_and_comes_back()
    {
        RpcClient rpc = RunNode(out Host node);
        rpc.Call("createwallet", "w");
        string address = rpc.Call("getnewaddress")!.ToString();
        string folder = Directory.CreateDirectory(Path.Combine(Root, "elsewhere")).FullName;
        string file = Path.Combine(folder, "copy.dat");

        rpc.Call("backupwallet", file);
        rpc.Call("restorewallet", "again", file);

        Assert.That(
            File.GetUnixFileMode(file), Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite));
        Assert.That(Rpc("w").Error("backupwallet", folder).Code, Is.EqualTo(-4), "a directory is not a file");
        Assert.That(File.Exists(Path.Combine(folder, "wallet.dat")), Is.False);
        Assert.That(File.ReadAllBytes(file).AsSpan()[..16].SequenceEqual("SQLite format 3\0"u8));
        Assert.That(Rpc("again").Call("getaddressinfo", address)!["ismine"]!.GetValue<bool>(), Is.True);
        Assert.That(
            Directory.EnumerateFileSystemEntries(Path.Combine(RegtestDirectory, "wallets", "w"), ".*"),
            Is.Empty,
            "nothing of the copy is left");
        Assert.That(Rpc("w").Error("backupwallet", "/nowhere/w.dat").Code, Is.EqualTo(-4));
        Assert.That(rpc.Error("restorewallet", "third", Path.Combine(folder, "none.dat")).Code, Is.EqualTo(-8));
        Stop(node);
    }

    [Test]
    public void A_backup_over_the_wallets_own_file_destroys_nothing()
    {
        RpcClient rpc = RunNode(out Host node);
        rpc.Call("createwallet", "w");
        string directory = Path.Combine(RegtestDirectory, "wallets", "w");
        string link = Path.Combine(Root, "link.dat");
        File.CreateSymbolicLink(link, Path.Combine(directory, "wallet.dat"));

        string wallets = Path.GetDirectoryName(directory)!;
        foreach (string destination in (string[])[wallets, directory, Path.Combine(directory, "wallet.dat"), link])
        {
            Assert.That(rpc.Error("backupwallet", destination).Code, Is.EqualTo(-4), destination);
        }

        rpc.Call("unloadwallet", "w");
        rpc.Call("loadwallet", "w");
        Stop(node);
    }

    [Test]
    public void A_wallet_outside_of_the_directory_has_a_process_of_its_own()
    {
        RpcClient rpc = RunNode(out Host node);
        string outside = Path.Combine(Root, "extern", "w6");
        rpc.Call("createwallet", "inside");
        int own = StartedBy("debug.log", "bitcoin-wallet");

        rpc.Call("createwallet", outside);

        int other = StartedBy("debug.log", "bitcoin-wallet");
        Assert.That(other, Is.Not.EqualTo(own));
        Assert.That(Status(other, "Seccomp"), Is.EqualTo(Filtered));
        Assert.That(
            rpc.Call("listwallets")!.AsArray().Select(static name => name!.ToString()),
            Is.EquivalentTo((string[])["inside", outside]));
        Assert.That(rpc.Error("getwalletinfo").Code, Is.EqualTo(-19), "which of the two is not said");
        string address = Rpc(outside).Call("getnewaddress")!.ToString();
        rpc.Call("generatetoaddress", 1, address);
        Assert.That(Rpc(outside).Call("getwalletinfo")!["txcount"]!.GetValue<int>(), Is.EqualTo(1));
        Assert.That(Rpc("inside").Call("getwalletinfo")!["txcount"]!.GetValue<int>(), Is.Zero);
        Assert.That(rpc.Error("loadwallet", outside).Code, Is.EqualTo(-35), "it is loaded already");

        rpc.Call("unloadwallet", outside);

        WaitForLog($"bitcoin-wallet, process {other}, ended with code 0");
        Assert.That(rpc.Call("getwalletinfo")!["walletname"]!.ToString(), Is.EqualTo("inside"));
        rpc.Call("loadwallet", outside);
        Assert.That(Rpc(outside).Call("getwalletinfo")!["txcount"]!.GetValue<int>(), Is.EqualTo(1));
        Stop(node);
    }

    [Test]
    public void A_wallet_outside_that_cannot_be_made_leaves_no_process_and_no_directory()
    {
        RpcClient rpc = RunNode(out Host node);
        string outside = Path.Combine(Root, "extern");

        (int code, _) = rpc.Error("createwallet", outside, true, false, "passphrase");
        (int missing, string message) = rpc.Error("loadwallet", Path.Combine(Root, "none"));

        Assert.That(code, Is.EqualTo(-4));
        Assert.That(missing, Is.EqualTo(-18));
        Assert.That(message, Does.EndWith("Path does not exist."));
        Assert.That(Directory.Exists(outside), Is.False);
        WaitUntil(
            () => Log().Split("ended with code 0").Length == 3, "both processes of wallets outside have ended");
        Stop(node);
    }

    [Test]
    public void Wallets_inside_and_outside_are_loaded_at_the_start()
    {
        string outside = Path.Combine(Root, "extern");
        RpcClient rpc = RunNode(out Host node);
        Assert.That(
            rpc.Ask("createwallet", new JsonObject { ["wallet_name"] = "w", ["load_on_startup"] = true })["error"],
            Is.Null);
        Assert.That(
            rpc.Ask("createwallet", new JsonObject { ["wallet_name"] = outside, ["load_on_startup"] = true })["error"],
            Is.Null);
        Stop(node);

        rpc = RunNode(out node);

        Assert.That(
            rpc.Call("listwallets")!.AsArray().Select(static name => name!.ToString()),
            Is.EquivalentTo((string[])["w", outside]));
        Stop(node);
    }

    [Test]
    public void A_link_does_not_lead_the_wallet_process_out_of_its_directory()
    {
        RpcClient rpc = RunNode(out Host node);
        string outside = Path.Combine(Root, "extern");
        rpc.Call("createwallet", outside);
        rpc.Call("unloadwallet", outside);
        string trap = Directory.CreateDirectory(Path.Combine(RegtestDirectory, "wallets", "trap")).FullName;
        File.CreateSymbolicLink(Path.Combine(trap, "wallet.dat"), Path.Combine(outside, "wallet.dat"));

        (int code, _) = rpc.Error("loadwallet", "trap");

        Assert.That(code, Is.EqualTo(-18));
        rpc.Call("loadwallet", outside);
        Stop(node);
    }

    private static string Status(int process, string field)
        => File.ReadLines($"/proc/{process}/status")
            .First(line => line.StartsWith(field + ":", StringComparison.Ordinal))[(field.Length + 1)..]
            .Trim();
}
