using System.Text.Json.Nodes;
using Bitcoin.Functional.Support;
using Multiprocess.Tests.Support;

namespace Bitcoin.Functional.Deployments;

/// <summary>Wallets on a disk that is full, or whose process is killed, in the worst moment.</summary>
internal sealed class WalletDiskTests(string program) : DeploymentTest(program)
{
    private const int DiskKilobytes = 8192;
    private const int WalletError = -4;

    private string Wallets => Path.Combine(RegtestDirectory, "wallets");

    private string Filler => Path.Combine(Wallets, "filler");

    [Test]
    public void A_disk_that_fills_while_a_wallet_is_made_leaves_the_name_free()
    {
        using SmallDisk disk = SmallDisk.Mount(Wallets, DiskKilobytes);
        RpcClient rpc = Run(out Host node);
        foreach (int free in (int[])[0, 4, 16, 48, 96])
        {
            string name = $"w{free}";
            FillBut(free);

            JsonObject reply = rpc.Ask("createwallet", new JsonArray(name));

            File.Delete(Filler);
            bool failed = reply["error"] is not null;
            Assert.That(failed || free > 0, Is.True, "nothing fits into nothing");
            if (failed)
            {
                Assert.That(reply["error"]!["code"]!.GetValue<int>(), Is.EqualTo(WalletError), reply.ToJsonString());
                CreateOrLoad(rpc, name);
            }

            Rpc(name).Text("getnewaddress");
            rpc.Call("unloadwallet", name);
            Assert.That(Leftovers(), Is.Empty);
        }

        Stop(node);
    }

    [Test]
    public void A_disk_that_fills_while_a_wallet_is_restored_leaves_the_name_free()
    {
        using SmallDisk disk = SmallDisk.Mount(Wallets, DiskKilobytes);
        RpcClient rpc = Run(out Host node);
        rpc.Call("createwallet", "w");
        string backup = Path.Combine(Root, "backup.dat");
        rpc.Call("backupwallet", backup);
        FillBut(4);

        Assert.That(rpc.Error("restorewallet", "again", backup).Code, Is.EqualTo(WalletError));

        File.Delete(Filler);
        Assert.That(Directory.Exists(Path.Combine(Wallets, "again")), Is.False);
        Assert.That(Leftovers(), Is.Empty);
        rpc.Call("restorewallet", "again", backup);
        Assert.That(rpc.Call("listwallets")!.ToJsonString(), Is.EqualTo("""["w","again"]"""));
        Stop(node);
    }

    [Test]
    public void A_wallet_whose_disk_is_full_says_how_far_it_has_come_and_loses_nothing_of_what_it_is_told_later()
    {
        using SmallDisk disk = SmallDisk.Mount(Wallets, DiskKilobytes);
        RpcClient rpc = Run(out Host node);
        rpc.Call("createwallet", "w");
        string address = rpc.Text("getnewaddress");
        FillBut(0);

        // A few find room in what the file has already.
        int blocks = 0;
        WaitUntil(
            () =>
            {
                rpc.Call("generatetoaddress", 5, address);
                blocks += 5;
                return File.ReadAllText(Path.Combine(RegtestDirectory, "debug.log")).Contains(
                    "did not take a notification, and is told again", StringComparison.Ordinal);
            },
            "the wallet could store all blocks");
        Assert.That(Seen(), Is.LessThan(blocks));
        File.Delete(Filler);

        WaitUntil(() => Seen() == blocks, "the wallet does not come to the tip");
        Assert.That(Known(), Is.EqualTo(blocks));
        Stop(node);

        // What is in memory was right before already: the file must have it too.
        Run(out node, "-wallet=w");
        Assert.That(Known(), Is.EqualTo(blocks));
        Stop(node);

        int Seen() => Rpc("w").Call("getwalletinfo")!["lastprocessedblock"]!["height"]!.GetValue<int>();

        int Known() => Rpc("w").Call("getwalletinfo")!["txcount"]!.GetValue<int>();
    }

    [Test]
    public void A_kill_while_a_wallet_is_made_leaves_the_name_free()
    {
        RpcClient rpc = Run(out Host node);
        node.MayComplain = true;
        Task making = Task.Factory.StartNew(() => MakeUntilKilled(rpc), TaskCreationOptions.LongRunning);
        WaitUntil(() => making.IsCompleted || Leftovers().Length > 0, "no wallet is made");

        // The wallet's own process first, where it has one: the node's end would let it finish.
        foreach (int process in Living().OrderDescending().Where(process => process != node.Id))
        {
            Host.Send("KILL", process);
        }

        node.Kill();
        Assert.That(making.Wait(Host.Patience), Is.True);
        rpc = Run(out node);

        CreateOrLoad(rpc, "w");

        Rpc("w").Text("getnewaddress");
        Assert.That(
            rpc.Call("listwalletdir")!["wallets"]!.AsArray().Select(static one => one!["name"]!.ToString()),
            Is.EqualTo(new[] { "w" }));
        Stop(node);
    }

    /// <summary>Whichever of the two is possible; one must be.</summary>
    private static void CreateOrLoad(RpcClient rpc, string name)
    {
        JsonObject reply = rpc.Ask("createwallet", new JsonArray(name));
        if (reply["error"] is { } error)
        {
            Assert.That(error["code"]!.GetValue<int>(), Is.EqualTo(WalletError), error.ToJsonString());
            rpc.Call("loadwallet", name);
        }
    }

    private static void MakeUntilKilled(RpcClient rpc)
    {
        try
        {
            rpc.Ask("createwallet", new JsonArray("w"));
        }
        catch (Exception exception) when (exception is IOException or HttpRequestException)
        {
            // Nobody is there any more to answer.
        }
    }

    private string[] Leftovers()
        => Directory.Exists(Wallets) ? Directory.GetDirectories(Wallets, ".unfinished-*") : [];

    /// <summary>Fills the disk but for so many kilobytes.</summary>
    private void FillBut(int kilobytes)
    {
        const int Page = 4096;
        long pages = (new DriveInfo(Wallets).AvailableFreeSpace - (kilobytes * 1024L)) / Page;
        using FileStream filler = new(Filler, FileMode.CreateNew);
        filler.Write(new byte[pages * Page]);
    }
}
