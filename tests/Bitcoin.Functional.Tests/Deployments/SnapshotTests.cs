using System.Diagnostics;
using System.Text.Json.Nodes;
using Bitcoin.Functional.Support;

namespace Bitcoin.Functional.Deployments;

internal sealed class SnapshotTests(string program) : DeploymentTest(program)
{
    [Test]
    [Platform("Linux,MacOsX")]
    public void The_coins_are_written_to_a_new_file_or_a_waiting_pipe_but_over_no_file()
    {
        RpcClient rpc = Run(out Host node, "-disablewallet");
        rpc.Call("generatetoaddress", 5, Address);
        string file = Path.Combine(Root, "coins.dat");
        string pipe = Path.Combine(Root, "coins.pipe");
        using Process make = Process.Start("mkfifo", pipe);
        Assert.That(make.WaitForExit(Host.Patience), Is.True);

        JsonNode written = rpc.Call("dumptxoutset", file, "latest")!;
        Task<byte[]> reading = Task.Run(() =>
        {
            using FileStream stream = File.OpenRead(pipe);
            using MemoryStream all = new();
            stream.CopyTo(all);
            return all.ToArray();
        });
        JsonNode piped = rpc.Call("dumptxoutset", pipe, "latest")!;

        Assert.That(reading.Wait(Host.Patience), Is.True);
        Assert.That(reading.Result, Is.EqualTo(File.ReadAllBytes(file)));
        Assert.That(
            (written["coins_written"]!.GetValue<int>(), piped["txoutset_hash"]!.ToString()),
            Is.EqualTo((5, written["txoutset_hash"]!.ToString())));
        Assert.That(
            rpc.Error("dumptxoutset", file, "latest"),
            Is.EqualTo(
                (
                    -8,
                    $"{file} already exists. If you are sure this is what you want, move it out of the way first")));
        Assert.That(Directory.GetFiles(Root, "*.incomplete"), Is.Empty);
        Stop(node);
    }
}
