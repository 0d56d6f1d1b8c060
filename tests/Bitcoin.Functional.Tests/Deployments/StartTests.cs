using System.Diagnostics;
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
}
