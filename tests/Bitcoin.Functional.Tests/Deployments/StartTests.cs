using System.Diagnostics;
using System.Globalization;
using Bitcoin.Functional.Support;

namespace Bitcoin.Functional.Deployments;

internal sealed class StartTests(string program) : DeploymentTest(program)
{
    [Test]
    public void While_the_node_starts_clients_are_told_so_and_a_stop_ends_it()
    {
        // The node reads the pipe until somebody has written: it starts for as long as the test wants.
        string pipe = Path.Combine(Root, "blocks.pipe");
        using (Process make = Process.Start("mkfifo", [pipe]))
        {
            Assert.That(make.WaitForExit(Host.Patience), Is.True);
        }

        Host node = StartNode("-disablewallet", $"-loadblock={pipe}");
        RpcClient rpc = Rpc();
        (int Code, string Message) error = default;
        WaitUntil(
            () =>
            {
                try
                {
                    error = rpc.Error("getblockcount");
                    return true;
                }
                catch (Exception exception) when (exception is IOException or HttpRequestException)
                {
                    return node.HasExited;
                }
            },
            "the server does not answer");

        Assert.That(error.Code, Is.EqualTo(-28));
        using (FileStream writer = new(pipe, FileMode.Open, FileAccess.Write))
        {
            writer.Write("rubbish"u8);
        }

        rpc.WaitUntilStarted(node);
        Assert.That(rpc.Int("getblockcount"), Is.Zero);
        Stop(node);
    }

    [Test]
    public void In_the_background_a_node_has_a_session_of_its_own_and_is_ready_when_the_first_process_ends()
    {
        Host first = StartNode("-disablewallet", "-daemonwait");
        Assert.That(first.WaitForExit(), Is.Zero, first.Errors);
        Assert.That(first.Output, Does.EndWith(" starting"));

        RpcClient rpc = Rpc();
        Assert.That(rpc.Int("getblockcount"), Is.Zero);
        string file = Path.Combine(RegtestDirectory, $"{Names.Daemon}.pid");
        string id = File.ReadAllText(file).Trim();
        Assert.That(id, Is.Not.EqualTo(first.Id.ToString(CultureInfo.InvariantCulture)));
        Assert.That(Stat(id)?[3], Is.EqualTo(id), "it leads its session");

        rpc.Call("stop");
        WaitUntil(() => !File.Exists(file) && Stat(id) is null or ["Z", ..], "the node does not end");
    }

    [Test]
    public void In_the_background_a_failed_start_is_told_by_the_first_process()
    {
        Run(out Host node, "-disablewallet");
        Host first = StartNode("-disablewallet", "-daemonwait");
        first.ExpectedCode = 1;
        first.MayComplain = true;

        Assert.That(first.WaitForExit(), Is.EqualTo(1));
        Assert.That(first.Errors, Does.StartWith("Error: Cannot obtain a lock on "));
        Stop(node);
    }

    // The fields behind the name: state, parent, group, session.
    private static string[]? Stat(string process)
    {
        try
        {
            string stat = File.ReadAllText($"/proc/{process}/stat");
            return stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
