using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
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
        Host wallet = Start("bitcoin-wallet", "-regtest", $"-datadir={elsewhere}", $"-ipcconnect=unix:{NodeSocket}", "-server", $"-rpcbind=127.0.0.1:{port}", "-ipcbind=unix");
        wallet.WaitForLine("Done loading");
        RpcClient direct = new(port, Path.Combine(elsewhere, "regtest", ".cookie.wallet"), null);

        Assert.That(direct.Call("createwallet", "theirs")!["name"]!.ToString(), Is.EqualTo("theirs"));
        string address = Rpc("theirs").Text("getnewaddress");
        rpc.Call("generatetoaddress", 101, address);

        Assert.That(Rpc("theirs").Call("getbalance")!.ToJsonString(), Is.EqualTo("50.00000000"));
        Assert.That(Rpc("own").Call("getbalance")!.ToJsonString(), Is.EqualTo("0.00000000"));
        Assert.That(direct.Call("getbalance")!.ToJsonString(), Is.EqualTo("50.00000000"));
        Assert.That(direct.Error("getblockcount").Code, Is.EqualTo(-32601), "the wallet's server has the wallet's methods");
        Assert.That(Rpc("nobodys").Error("getbalance").Code, Is.EqualTo(-18));
        wallet.Signal("TERM");
        Assert.That(wallet.WaitForExit(), Is.Zero, wallet.Errors);
        Assert.That(Rpc("theirs").Error("getbalance").Code, Is.EqualTo(-18), "it took its methods along");
        Assert.That(Rpc("own").Call("getbalance"), Is.Not.Null);
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
            $"-ipcbind=tcp:127.0.0.1:{tcp}", "-ipcbind=unix", "-ipccert=own.pem", "-ipckey=own.key", "-ipctrust=peer.pem");
        RpcClient rpc = new RpcClient(Port, Path.Combine(here, "regtest", ".cookie"), "far").WaitUntilStarted(nodeHost);
        string[] toNode = [$"-ipcconnect=tcp:127.0.0.1:{tcp}", "-ipccert=own.pem", "-ipckey=own.key"];
        string pin = node.GetCertHashString(HashAlgorithmName.SHA256);
        Host walletHost = Start("bitcoin-wallet", ["-regtest", $"-datadir={there}", .. toNode, $"-ipctrust={pin}"]);
        walletHost.WaitForLine("Done loading");

        Host asked = Start("bitcoin-wallet", ["-regtest", $"-datadir={there}", .. toNode, $"-ipctrust={pin}", "getblockcount"]);
        Host stranger = Start("bitcoin-wallet", ["-regtest", $"-datadir={there}", .. toNode, $"-ipctrust={new string('0', 64)}", "getblockcount"]);
        stranger.ExpectedCode = 1;
        stranger.MayComplain = true;

        Assert.That((asked.WaitForExit(), asked.Output), Is.EqualTo((0, "0")));
        Assert.That(stranger.WaitForExit(), Is.EqualTo(1));
        Assert.That(stranger.Errors, Does.StartWith("Error: "));
        Assert.That(rpc.Error("getbalance").Code, Is.EqualTo(-18), "the wallet is not made yet");
        Assert.That(File.ReadAllText(Path.Combine(here, "regtest", "debug.log")), Does.Contain($"Listening for IPC requests on address tcp:127.0.0.1:{tcp}"));
        rpc.Call("stop");
        Assert.That(walletHost.WaitForExit(), Is.Zero, walletHost.Errors);
    }

    private static X509Certificate2 MakeCertificate(string directory)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new("CN=test", key, HashAlgorithmName.SHA256);
        X509Certificate2 certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        File.WriteAllText(Path.Combine(directory, "own.pem"), certificate.ExportCertificatePem());
        File.WriteAllText(Path.Combine(directory, "own.key"), key.ExportPkcs8PrivateKeyPem());
        return certificate;
    }
}
