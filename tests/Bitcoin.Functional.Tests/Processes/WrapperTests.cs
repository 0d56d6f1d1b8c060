using Bitcoin.Functional.Support;

namespace Bitcoin.Functional.Processes;

internal sealed class WrapperTests : ProcessTest
{
    [TestCase("bitcoind")]
    [TestCase("bitcoin-node", "-ipcbind=unix")]
    [TestCase("bitcoin-node", "-m")]
    [TestCase("bitcoind", "-M")]
    public void A_node_is_one_process_unless_it_is_asked_to_be_several(string expected, params string[] more)
    {
        string[] before = [.. more.Where(static arg => arg.Length == 2)];
        Host node = Start(
            "bitcoin",
            [
                .. before,
                "node", "-regtest", $"-datadir={Root}", $"-rpcport={Port}", "-printtoconsole=0",
                .. more.Except(before)
            ]);
        Rpc().WaitUntilStarted(node);

        Assert.That(ProcessMark.CommandLine(node.Id), Does.Contain($"/{expected} -regtest"));
        Host client = Start(
            "bitcoin", "rpc", "-regtest", $"-datadir={Root}", $"-rpcport={Port}", "getblockhash", "height=0");
        Assert.That(client.WaitForExit(), Is.Zero, client.Errors);
        Assert.That(client.Output, Does.StartWith("0f9188f1"));
        Stop(node);
    }

    [Test]
    public void An_ipc_option_in_the_configuration_file_counts_too()
    {
        File.WriteAllText(Path.Combine(Root, "bitcoin.conf"), "regtest=1\nipcbind=unix\n");
        Host node = Start("bitcoin", "node", $"-datadir={Root}", $"-rpcport={Port}", "-printtoconsole=0");
        Rpc().WaitUntilStarted(node);

        Assert.That(ProcessMark.CommandLine(node.Id), Does.Contain("/bitcoin-node "));
        Stop(node);
    }

    [TestCase("fly", "Error: Unrecognized command: 'fly'")]
    [TestCase("-x", "Error: Unknown option: -x")]
    public void What_it_does_not_know_is_an_error(string arg, string message)
    {
        Host wrapper = Start("bitcoin", arg);
        wrapper.ExpectedCode = 1;
        wrapper.MayComplain = true;

        Assert.That(wrapper.WaitForExit(), Is.EqualTo(1));
        Assert.That(wrapper.Errors, Does.StartWith(message));
    }

    [TestCase("gui", "bitcoin-qt")]
    [TestCase("gui", "bitcoin-gui", "-m")]
    public void Help_of_a_command_is_that_of_its_program(string command, string program, params string[] before)
    {
        Host wrapper = Start("bitcoin", [.. before, command, "-help"]);

        Assert.That(wrapper.WaitForExit(), Is.Zero);
        Assert.That(wrapper.Output, Does.StartWith($"Usage: {program} [options]"));
    }
}
