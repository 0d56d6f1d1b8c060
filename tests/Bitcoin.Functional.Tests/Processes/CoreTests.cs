using System.Diagnostics;
using System.Reflection;
using Bitcoin.Functional.Support;
using Bitcoin.Interfaces;
using Multiprocess;
using Multiprocess.CapnProto.Tests.Support;

namespace Bitcoin.Functional.Processes;

/// <summary>
/// Bitcoin Core's programs and this sample's at one socket. <c>CorePeer</c> behaves as Bitcoin Core's, over the C++
/// library.
/// </summary>
internal sealed class CoreTests : ProcessTest
{
    private static readonly CppProgram s_core = new("CorePeer", "core");

    private static readonly string s_watch = typeof(CoreTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(static attribute => attribute.Key == "TemplateWatch").Value!;

    private static readonly string[] s_miner =
    [
        "echo hello",
        "former: remote exception: Init.makeMining: Expected ordinal 3, got 2, the old Mining interface, which is not "
            + "supported any more. Update the client.",
        "test 1",
        "tip 1 1 32",
        "same 1",
        "header 80",
        "fees 0",
        "operations 0",
        "path 0",
        "coinbase 2 1 32 5000000000 1 1",
        "submit 0",
        "malformed: remote exception: Transaction: Expected a whole one, got No more byte to read",
        "formerSubmit: remote exception: BlockTemplate.submitSolution: Expected ordinal 10, got 7, which is not "
            + "supported any more. Update the client.",
        "weight: remote exception: ReservedWeight: Expected 2,000 to 4,000,000, got 0. (Parameter 'options')",
        "check 1 ",
        "byId 1 0",
        "next 0",
        "free 1",
        "strange: remote exception: Context: Expected a thread that the thread map has made, got something else.",
        "done",
    ];

    [Test]
    public void Clients_of_Bitcoin_Core_and_our_own_are_served_at_one_socket()
    {
        s_core.Require();
        RpcClient rpc = RunNode(out Host node, "-disablewallet");
        rpc.Call("generatetoaddress", 1, Address);

        string[] reply = Run(s_core.Start("cli", NodeSocket, """{"method":"getblockcount","id":7}"""));
        string[] malformed = Run(s_core.Start("cli", NodeSocket, """{"method":"nosuch","id":8}"""));
        string[] mined = Run(s_core.Start("miner", NodeSocket));
        using IpcConnection<IInit> connection = Connect();

        Assert.That(reply, Is.EqualTo(new[] { """{"result":1,"error":null,"id":7}""" }));
        Assert.That(malformed, Has.Length.EqualTo(1).And.All.Contains("-32601"));
        Assert.That(mined, Is.EqualTo(s_miner));
        Assert.That(connection.Root.MakeChain()!.GetHeight(), Is.EqualTo(1));
        Assert.That(Cli("-ipcconnect=unix", "-rpcport=1", "stop").Output, Does.StartWith("Bitcoin"));
        Assert.That(node.WaitForExit(), Is.Zero);
    }

    [Test]
    public async Task Our_client_asks_a_node_of_Bitcoin_Core()
    {
        s_core.Require();
        Directory.CreateDirectory(RegtestDirectory);
        using Process core = await s_core.StartServerAsync("node", NodeSocket);

        Assert.That(Cli("-ipcconnect=unix", "getblockcount"), Is.EqualTo((0, "31", "")));
        Assert.That(Cli("-rpcport=1", "getblockcount"), Is.EqualTo((0, "31", "")), "auto");
        Assert.That(
            Cli("-ipcconnect=unix", "nosuch"),
            Is.EqualTo((89, "", "error code: -32601\nerror message:\nMethod not found")));

        string[] served = End(core);
        Assert.That(served, Has.Length.EqualTo(3));
        Assert.That(served[0], Does.Contain("\"getblockcount\"").And.EndsWith(" / bitcoin-cli"));
    }

    [Test]
    public async Task Our_client_does_without_the_socket_of_a_node_that_has_no_JSON_RPC_there()
    {
        s_core.Require();
        Directory.CreateDirectory(RegtestDirectory);
        using Process core = await s_core.StartServerAsync("oldnode", NodeSocket);

        (int code, _, string errors) = Cli("-ipcconnect=unix", "getblockcount");
        Assert.That(code, Is.EqualTo(1));
        Assert.That(errors, Does.StartWith("error: The node does not run JSON-RPC over its socket: "));
        Assert.That(
            Cli("-rpcport=1", "getblockcount").Errors,
            Does.StartWith("error: Error while attempting to communicate with server 127.0.0.1:1"),
            "auto falls back to HTTP");
        End(core);
    }

    [Test]
    public async Task Template_watch_follows_a_node_of_Bitcoin_Core()
    {
        s_core.Require();
        Directory.CreateDirectory(RegtestDirectory);
        using Process core = await s_core.StartServerAsync("node", NodeSocket);

        string[] printed = Run(Start([$"unix:{NodeSocket}"]));

        Assert.That(printed, Is.EqualTo(new[]
        {
            "height 840001: 1 transactions, fees 0.00001000 BTC",
            "height 840001: 2 transactions, fees 0.00003000 BTC",
            "height 840001: 3 transactions, fees 0.00006000 BTC",
        }));
        Assert.That(End(core), Is.EqualTo(new[]
        {
            "template 1 8000 400 0",
            "next 1000",
            "ended 1",
            "freed 1",
            "next 1000",
            "ended 2",
            "freed 2",
            "next 1000",
            "ended 3",
            "freed 3",
        }));
    }

    private static Process Start(string[] arguments) => Process.Start(
        new ProcessStartInfo("dotnet", [s_watch, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;

    private static string[] Run(Process process)
    {
        using (process)
        {
            Task<string> output = process.StandardOutput.ReadToEndAsync();
            Task<string> errors = process.StandardError.ReadToEndAsync();
            bool hasEnded = process.WaitForExit(Host.Patience);
            if (!hasEnded)
            {
                process.Kill();
            }

            Assert.That(hasEnded, Is.True, "it did not end");
            Assert.That(process.ExitCode, Is.Zero, errors.Result + output.Result);
            return Lines(output.Result);
        }
    }

    private string[] End(Process core)
    {
        core.StandardInput.Close();
        Task<string> output = core.StandardOutput.ReadToEndAsync();
        Assert.That(core.WaitForExit(Host.Patience), Is.True);
        File.Delete(NodeSocket);
        return Lines(output.Result);
    }

    private static string[] Lines(string output) => output.Split('\n')[..^1];
}
