using Bitcoin.Hosting;
using Bitcoin.Node;
using Bitcoin.Primitives;

namespace Bitcoin.Single;

/// <summary>A node and its wallet in one process, without a user interface.</summary>
internal static class DaemonHost
{
    internal static int Run(string[] args)
    {
        Thread.CurrentThread.Name = "main";
        PrivateFiles.Use();
        string program = Currency.Names.Daemon;
        using DebugLog log = DebugLog.OfProgram();
        using SingleProcessInit init = new(new ThisProcess(program), log, TextWriter.Synchronized(Console.Out));
        return NodeMain.Run(program, args, [], init.Node, log);
    }
}
