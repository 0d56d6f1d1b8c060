using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using Bitcoin.Functional.Support;

namespace Bitcoin.Functional.Processes;

internal sealed class OutsideWalletTests : ProcessTest
{
    [Test]
    public void Wallets_of_several_processes_are_asked_through_the_one_server()
    {
        RpcClient rpc = RunNode(out Host node);
        rpc.Call("createwallet", "own");
        string elsewhere = Directory.CreateDirectory(Path.Combine(Root, "elsewhere")).FullName;
        int port = FreePort();
        Host wallet = Start(
            "bitcoin-wallet",
            "-regtest",
            $"-datadir={elsewhere}",
            $"-ipcconnect=unix:{NodeSocket}",
            "-server",
            $"-rpcbind=127.0.0.1:{port}",
            "-ipcbind=unix");
        wallet.WaitForLine("Done loading");
        RpcClient direct = new(port, Path.Combine(elsewhere, "regtest", ".cookie.wallet"), null);

        Assert.That(direct.Call("createwallet", "theirs")!["name"]!.ToString(), Is.EqualTo("theirs"));
        string address = Rpc("theirs").Text("getnewaddress");
        rpc.Call("generatetoaddress", 101, address);

        Assert.That(Rpc("theirs").Call("getbalance")!.ToJsonString(), Is.EqualTo("50.00000000"));
        Assert.That(Rpc("own").Call("getbalance")!.ToJsonString(), Is.EqualTo("0.00000000"));
        Assert.That(direct.Call("getbalance")!.ToJsonString(), Is.EqualTo("50.00000000"));
        Assert.That(
            direct.Error("getblockcount").Code, Is.EqualTo(-32601), "the wallet's server has the wallet's methods");
        Assert.That(Rpc("nobodys").Error("getbalance").Code, Is.EqualTo(-18));
        wallet.Signal("TERM");
        Assert.That(wallet.WaitForExit(), Is.Zero, wallet.Errors);
        Assert.That(Rpc("theirs").Error("getbalance").Code, Is.EqualTo(-18), "it took its methods along");
        Assert.That(Rpc("own").Call("getbalance"), Is.Not.Null);
        Stop(node);
    }

    [Test]
    public void Wallets_of_all_processes_are_listed_and_a_call_must_say_which_it_means()
    {
        RpcClient rpc = RunNode(out Host node);
        RpcClient[] direct = [StartOutside("one", out _), StartOutside("two", out Host two)];
        direct[0].Call("createwallet", "first");

        Assert.That(rpc.Call("getwalletinfo")!["walletname"]!.ToString(), Is.EqualTo("first"), "the only one there is");
        direct[1].Call("createwallet", "second");
        Assert.That(
            rpc.Call("listwallets")!.AsArray().Select(static name => name!.ToString()),
            Is.EquivalentTo(new[] { "first", "second" }));
        Assert.That(
            rpc.Error("getbalance"),
            Is.EqualTo((
                -19,
                "Multiple wallets are loaded. Please select which wallet to use by requesting the RPC through the /wallet/<walletname> URI path.")));
        rpc.Call("createwallet", "own");
        Assert.That(rpc.Call("listwallets")!.AsArray(), Has.Count.EqualTo(3));
        foreach (string name in (string[])["own", "first", "second"])
        {
            Assert.That(Rpc(name).Call("getwalletinfo")!["walletname"]!.ToString(), Is.EqualTo(name));
        }

        Assert.That(
            Rpc("third").Error("getbalance"), Is.EqualTo((-18, "Requested wallet does not exist or is not loaded")));
        Assert.That(
            rpc.Call("unloadwallet", "first")!.ToJsonString(),
            Is.EqualTo("{}"),
            "of another process, named by the argument");
        two.Kill();
        WaitUntil(() => rpc.Call("listwallets")!.ToJsonString() == """["own"]""", "it is still listed");
        Assert.That(rpc.Call("getwalletinfo")!["walletname"]!.ToString(), Is.EqualTo("own"));
        Stop(node);
    }

    [Test]
    public void Two_processes_cannot_have_the_same_wallet()
    {
        RpcClient rpc = RunNode(out Host node);
        rpc.Call("createwallet", "shared");
        int port = FreePort();
        Host second = StartHere("bitcoin-wallet", "-ipcconnect=unix", "-server", $"-rpcbind=127.0.0.1:{port}");
        second.WaitForLine("Done loading");
        RpcClient direct = new(port, Path.Combine(RegtestDirectory, ".cookie.wallet"), null);

        Assert.That(
            direct.Error("loadwallet", "shared"),
            Is.EqualTo((
                -4,
                "Wallet file verification failed. SQLiteDatabase: Unable to obtain an exclusive lock on the database, is it being used by another instance of Bitcoin Core?")));
        Assert.That(rpc.Error("loadwallet", "shared").Code, Is.EqualTo(-35), "in one process it is known to be loaded");
        Host third = StartHere("bitcoin-wallet", "-ipcconnect=unix", "-wallet=shared", "-printtoconsole=0");
        third.ExpectedCode = 1;
        third.MayComplain = true;
        Assert.That(third.WaitForExit(), Is.EqualTo(1));
        Assert.That(third.Errors, Does.Contain("is it being used by another instance"));
        rpc.Call("unloadwallet", "shared");
        Assert.That(
            direct.Call("loadwallet", "shared")!["name"]!.ToString(),
            Is.EqualTo("shared"),
            "who unloads it lets go of it");
        Assert.That(rpc.Error("loadwallet", "shared").Code, Is.EqualTo(-4));
        second.Kill();
        WaitUntil(
            () => rpc.Ask("loadwallet", new JsonArray("shared"))["error"] is null, "a killed process has it still");
        Stop(node);
    }

    [Test]
    public void The_node_ends_while_wallets_are_attached_and_they_end_with_it()
    {
        RunNode(out Host node);
        Host first = StartHere("bitcoin-wallet");
        Host second = StartHere("bitcoin-wallet");
        first.WaitForLine("Done loading");
        second.WaitForLine("Done loading");

        Stop(node);

        Assert.That(first.WaitForExit(), Is.Zero, first.Errors);
        Assert.That(second.WaitForExit(), Is.Zero, second.Errors);
    }

    [Test]
    public void Node_and_wallet_work_together_over_TLS_with_no_directory_in_common()
    {
        string here = Directory.CreateDirectory(Path.Combine(Root, "here")).FullName;
        string there = Directory.CreateDirectory(Path.Combine(Root, "there")).FullName;
        X509Certificate2 node = MakeCertificate(here);
        X509Certificate2 wallet = MakeCertificate(there);
        File.WriteAllText(Path.Combine(here, "peer.pem"), wallet.ExportCertificatePem());
        int tcp = FreePort();
        Host nodeHost = Start(
            "bitcoin-node", "-regtest", $"-datadir={here}", $"-rpcport={Port}", "-printtoconsole=0",
            $"-ipcbind=tcp:127.0.0.1:{tcp}",
            "-ipcbind=unix",
            "-ipccert=own.pem",
            "-ipckey=own.key",
            "-ipctrust=peer.pem");
        RpcClient rpc = new RpcClient(Port, Path.Combine(here, "regtest", ".cookie"), "far").WaitUntilStarted(nodeHost);
        string[] toNode = [$"-ipcconnect=tcp:127.0.0.1:{tcp}", "-ipccert=own.pem", "-ipckey=own.key"];
        string pin = node.GetCertHashString(HashAlgorithmName.SHA256);
        Host walletHost = Start("bitcoin-wallet", ["-regtest", $"-datadir={there}", .. toNode, $"-ipctrust={pin}"]);
        walletHost.WaitForLine("Done loading");

        Host asked = Start(
            "bitcoin-wallet", ["-regtest", $"-datadir={there}", .. toNode, $"-ipctrust={pin}", "getblockcount"]);
        Host stranger = Start(
            "bitcoin-wallet",
            ["-regtest", $"-datadir={there}", .. toNode, $"-ipctrust={new string('0', 64)}", "getblockcount"]);
        stranger.ExpectedCode = 1;
        stranger.MayComplain = true;

        Assert.That((asked.WaitForExit(), asked.Output), Is.EqualTo((0, "0")));
        Assert.That(stranger.WaitForExit(), Is.EqualTo(1));
        Assert.That(stranger.Errors, Does.StartWith("Error: "));
        Assert.That(rpc.Error("getbalance").Code, Is.EqualTo(-18), "the wallet is not made yet");
        Assert.That(
            File.ReadAllText(Path.Combine(here, "regtest", "debug.log")),
            Does.Contain($"Listening for IPC requests on address tcp:127.0.0.1:{tcp}"));
        rpc.Call("stop");
        Assert.That(walletHost.WaitForExit(), Is.Zero, walletHost.Errors);
    }

    /// <summary>A wallet process with a directory and a server of its own.</summary>
    private RpcClient StartOutside(string name, out Host wallet)
    {
        string directory = Directory.CreateDirectory(Path.Combine(Root, name)).FullName;
        int port = FreePort();
        wallet = Start(
            "bitcoin-wallet",
            "-regtest",
            $"-datadir={directory}",
            $"-ipcconnect=unix:{NodeSocket}",
            "-server",
            $"-rpcbind=127.0.0.1:{port}");
        wallet.WaitForLine("Done loading");
        return new RpcClient(port, Path.Combine(directory, "regtest", ".cookie.wallet"), null);
    }

    private static X509Certificate2 MakeCertificate(string directory)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new("CN=test", key, HashAlgorithmName.SHA256);
        X509Certificate2 certificate = request.CreateSelfSigned(
            DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        File.WriteAllText(Path.Combine(directory, "own.pem"), certificate.ExportCertificatePem());
        File.WriteAllText(Path.Combine(directory, "own.key"), key.ExportPkcs8PrivateKeyPem());
        return certificate;
    }
}
