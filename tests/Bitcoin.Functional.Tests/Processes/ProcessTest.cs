using System.Globalization;
using Bitcoin.Functional.Support;
using Bitcoin.Interfaces;
using Multiprocess;

namespace Bitcoin.Functional.Processes;

/// <summary>A test of what only several processes can show.</summary>
internal abstract class ProcessTest : FunctionalTest
{
    protected string NodeSocket => Path.Combine(RegtestDirectory, "node.sock");

    protected RpcClient RunNode(out Host node, params string[] args)
    {
        node = StartHere("bitcoin-node", ["-printtoconsole=0", "-ipcbind=unix", .. args]);
        return Rpc().WaitUntilStarted(node);
    }

    protected IpcConnection<IInit> Connect()
        => IpcConnection.Connect<IInit>(
            $"unix:{NodeSocket}", new IpcConnectionOptions { ConnectTimeout = Host.Patience });

    protected void Stop(Host node)
    {
        Rpc().Call("stop");
        Assert.That(node.WaitForExit(), Is.Zero, node.Errors);
    }

    protected string Log(string name = "debug.log")
    {
        string path = Path.Combine(RegtestDirectory, name);
        return File.Exists(path) ? File.ReadAllText(path) : "";
    }

    /// <summary>The number of the process that a log says was started last.</summary>
    protected int StartedBy(string log, string program)
    {
        string start = $"Started {program} as process ";
        WaitUntil(() => Log(log).Contains(start, StringComparison.Ordinal), $"{program} was not started");
        string line = File.ReadLines(Path.Combine(RegtestDirectory, log)).Last(
            line => line.Contains(start, StringComparison.Ordinal));
        return int.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture);
    }

    protected void WaitForLog(string text, string name = "debug.log")
        => WaitUntil(() => Log(name).Contains(text, StringComparison.Ordinal), $"'{text}' is not in {name}");
}
