using Bitcoin.Hosting;
using Bitcoin.Indexes;
using Bitcoin.Ipc;
using Bitcoin.Primitives;

namespace Bitcoin.IndexHost;

/// <summary>Indexes, for the node that started the process, or for one to which it connects.</summary>
internal static class IndexProcess
{
    internal static int Run(string[] args)
    {
        // The name shows in both logs which thread called: the peer's worker thread gets the same name.
        Thread.CurrentThread.Name = "main";
        using DebugLog log = DebugLog.OfProgram();
        ToolkitIpc ipc = new(log, "index");
        IndexInit init = new(
            new ThisProcess(Currency.Names.Program("index")), log, TextWriter.Synchronized(Console.Out));
        return ipc.TryServeParent(args, init, out int exitCode) ? exitCode : new OutsideIndex(ipc, init, log).Run(args);
    }
}
