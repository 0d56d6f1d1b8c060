using System.Text.Json.Nodes;
using Bitcoin.Functional.Support;

namespace Bitcoin.Functional.Deployments;

internal sealed class ClientTests(string program) : DeploymentTest(program)
{
    [Test]
    public void The_client_prints_and_ends_as_Bitcoin_Core_s_does()
    {
        RpcClient rpc = Run(out Host node);
        string genesis = rpc.Text("getblockhash", 0);

        Assert.That(Cli("getblockcount"), Is.EqualTo((0, "0", "")));
        Assert.That(Cli("getblockhash", "0"), Is.EqualTo((0, genesis, "")));
        Assert.That(Cli("-named", "getblockhash", "height=0"), Is.EqualTo((0, genesis, "")));
        Assert.That(Cli("createwallet", "w"), Is.EqualTo((0, "{\n  \"name\": \"w\"\n}", "")));
        Assert.That(Cli("-rpcwallet=w", "getbalance"), Is.EqualTo((0, "0.00000000", "")));
        Assert.That(Cli("getrawmempool"), Is.EqualTo((0, "[\n]", "")));
        Assert.That(Cli("syncwithvalidationinterfacequeue"), Is.EqualTo((0, "", "")));
        Assert.That(
            Cli("getblockhash", "9"), Is.EqualTo((8, "", "error code: -8\nerror message:\nBlock height out of range")));
        Assert.That(Cli("getblockhash", "nine"), Is.EqualTo((1, "", "error: Error parsing JSON: nine")));
        Assert.That(Cli("createwallet", "x").Code, Is.Zero);
        Assert.That(
            Cli("getbalance").Errors,
            Does.EndWith(Words(
                "Or for the CLI, specify the \"-rpcwallet=<walletname>\" option before the command (run \"bitcoin-cli "
                    + "-h\" for help or \"bitcoin-cli listwallets\" to see which wallets are currently loaded).")));
        Assert.That(
            Cli("-rpcuser=me", "-rpcpassword=no", "-rpcconnect=127.0.0.1", "getblockcount"),
            Is.EqualTo((1, "", "error: Authorization failed: Incorrect rpcuser or rpcpassword were specified.")));
        Assert.That(Cli(), Is.EqualTo((1, "", "error: too few parameters (need at least command)")));
        Assert.That(
            Cli("-nothing", "getblockcount"),
            Is.EqualTo((1, "", "Error parsing command line arguments: Invalid parameter -nothing")));
        Stop(node);
        (int code, _, string errors) = Cli("-rpcuser=me", "-rpcpassword=no", "getblockcount");
        Assert.That(code, Is.EqualTo(1));
        Assert.That(
            errors,
            Does.StartWith(
                $"error: Error while attempting to communicate with server 127.0.0.1:{Port} (Could not connect to the "
                    + $"server)"));
        Assert.That(
            Cli("getblockcount").Errors,
            Does.StartWith("error: Error while attempting to communicate with server 127.0.0.1:"));
    }

    [Test]
    public void Generate_mines_to_a_new_address_of_the_wallet()
    {
        RpcClient rpc = Run(out Host node);
        Assert.That(Cli("-generate").Code, Is.EqualTo(18), "there is no wallet");
        rpc.Call("createwallet", "w");

        JsonNode one = JsonNode.Parse(Cli("-generate").Output)!;
        JsonNode three = JsonNode.Parse(Cli("-rpcwallet=w", "-generate", "3", "1000000").Output)!;

        Assert.That(rpc.Int("getblockcount"), Is.EqualTo(4));
        Assert.That(one["blocks"]!.AsArray(), Has.Count.EqualTo(1));
        Assert.That(three["blocks"]!.AsArray(), Has.Count.EqualTo(3));
        Assert.That(
            rpc.Call("getaddressinfo", three["address"]!.ToString())!["ismine"]!.GetValue<bool>(), Is.True);
        Assert.That(Cli("-generate", "x"), Is.EqualTo((1, "", "error: Error parsing JSON: x")));
        Assert.That(
            Cli("-generate", "0").Errors,
            Is.EqualTo(
                "error: the first argument (number of blocks to generate, default: 1) must be an integer value greater "
                    + "than zero"));
        Assert.That(
            Cli("-generate", "1", "2", "3").Errors,
            Is.EqualTo("error: too many arguments (maximum 2 for nblocks and maxtries)"));
        Assert.That(
            Cli("-generate", "-getinfo").Errors,
            Is.EqualTo("error: Only one of -getinfo, -generate may be specified."));
        Stop(node);
    }

    [Test]
    public void Getinfo_shows_the_node_and_its_wallets_at_a_glance()
    {
        RpcClient rpc = Run(out Host node);
        (int code, string output, string errors) = Cli("-getinfo");
        Assert.That((code, errors), Is.EqualTo((0, "")));
        Assert.That(
            output,
            Does.Match(
                "^Chain: regtest\nBlocks: 0\nHeaders: 0\nVerification progress: 0\\.000[0-9]%\nDifficulty: 4\\.65")
                .And.EndWith("\n\nWarnings: (none)"));
        Assert.That(
            output,
            Does.Contain(
                "Network: in 0, out 0, total 0\nVersion: 10000\nTime offset (s): 0\nProxies: n/a\nMin tx relay fee "
                    + $"rate ({Names.Unit}/kvB): 0.00000100\n"));
        Assert.That(output, Does.Not.Contain("Wallet:").And.Not.Contain("Balance"));

        rpc.Call("createwallet", "w");
        rpc.Call("generatetoaddress", 101, rpc.Text("getnewaddress"));

        // The pool of keys was filled again when the address was paid.
        Assert.That(
            Cli("-getinfo").Output,
            Does.Contain("Blocks: 101\n").And.Contain(
                $"\n\nWallet: w\nKeypool size: {Kinds}\n\nBalance: {Subsidy}\n"));

        rpc.Call("createwallet", "x");
        Assert.That(Cli("-getinfo").Output, Does.Contain(
            $"\n\nBalances\n{Subsidy} w\n{"0.00000000".PadLeft(Subsidy.Length)} x\n\nWarnings"));
        Assert.That(
            Cli("-getinfo", "-rpcwallet=x").Output,
            Does.Contain("\nWallet: x\n").And.Contain("\nBalance: 0.00000000\n"));
        Assert.That(Cli("-getinfo", "getblockcount"), Is.EqualTo((1, "", "error: -getinfo takes no arguments")));
        Stop(node);
        Assert.That(
            Cli("-getinfo").Errors,
            Does.StartWith("error: Error while attempting to communicate with server 127.0.0.1:"));
    }

    [Test]
    public void The_client_waits_for_a_node_that_starts()
    {
        Host client = StartHere(Names.Program("cli"), "-rpcwait", "getblockcount");
        Run(out Host node, "-disablewallet");

        Assert.That(client.WaitForExit(), Is.Zero);
        Assert.That(client.Output, Is.EqualTo("0"));
        Stop(node);
    }
}
