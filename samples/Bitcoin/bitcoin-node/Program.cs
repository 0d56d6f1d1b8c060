using Bitcoin.Hosting;
using Bitcoin.Ipc;
using Bitcoin.Node;

// Named, so that the log of either side tells which thread called: the peer's worker bears the name too.
Thread.CurrentThread.Name = "main";
PrivateFiles.Use();
using DebugLog log = DebugLog.OfProgram();
ToolkitIpc ipc = new(log, "node");
using NodeRuntime node = new(new ThisProcess("bitcoin-node"), log, TextWriter.Synchronized(Console.Out), ipc);
return ipc.TryServeParent(args, node.Init, out int exitCode)
    ? exitCode
    : NodeMain.Run("bitcoin-node", args, ToolkitIpc.Options, node, log);
