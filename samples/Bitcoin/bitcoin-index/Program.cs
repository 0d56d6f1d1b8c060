using Bitcoin.Hosting;
using Bitcoin.IndexHost;
using Bitcoin.Indexes;
using Bitcoin.Ipc;

// The name shows in both logs which thread called: the peer's worker thread gets the same name.
Thread.CurrentThread.Name = "main";
using DebugLog log = DebugLog.OfProgram();
ToolkitIpc ipc = new(log, "index");
IndexInit init = new(new ThisProcess("bitcoin-index"), log, TextWriter.Synchronized(Console.Out));
return ipc.TryServeParent(args, init, out int exitCode) ? exitCode : new OutsideIndex(ipc, init, log).Run(args);
