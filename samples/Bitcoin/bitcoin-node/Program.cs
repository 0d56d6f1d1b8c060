using Bitcoin.Core.Serving;
using Bitcoin.Hosting;
using Bitcoin.Ipc;
using Bitcoin.Node;
using Multiprocess.CapnProto;

// The name shows in both logs which thread called: the peer's worker thread gets the same name.
Thread.CurrentThread.Name = "main";
PrivateFiles.Use();
using DebugLog log = DebugLog.OfProgram();
ToolkitIpc ipc = new(
    log, "node", static root => CapnpProtocol.Serving<Bitcoin.Core.IInit>(_ => new CoreInit(root())));
using NodeRuntime node = new(new ThisProcess("bitcoin-node"), log, TextWriter.Synchronized(Console.Out), ipc);
return ipc.TryServeParent(args, node.Init, out int exitCode)
    ? exitCode
    : NodeMain.Run("bitcoin-node", args, ToolkitIpc.Options, node, log);
