using Bitcoin.Core.Serving;
using Bitcoin.Hosting;
using Bitcoin.Ipc;
using Bitcoin.Node;
using Bitcoin.Primitives;
using Multiprocess.CapnProto;

namespace Bitcoin.NodeHost;

/// <summary>A node that other processes attach to, and that starts its wallet and its indexes as processes.</summary>
internal static class NodeProcess
{
    internal static int Run(string[] args)
    {
        // The name shows in both logs which thread called: the peer's worker thread gets the same name.
        Thread.CurrentThread.Name = "main";
        PrivateFiles.Use();
        string program = Currency.Names.Program("node");
        using DebugLog log = DebugLog.OfProgram();
        ToolkitIpc ipc = new(
            log, "node", static root => CapnpProtocol.Serving<Bitcoin.Core.IInit>(_ => new CoreInit(root())));
        using NodeRuntime node = new(new ThisProcess(program), log, TextWriter.Synchronized(Console.Out), ipc);
        return ipc.TryServeParent(args, node.Init, out int exitCode)
            ? exitCode
            : NodeMain.Run(program, args, ToolkitIpc.Options, node, log);
    }
}
