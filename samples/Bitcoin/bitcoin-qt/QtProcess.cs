using Bitcoin.Gui;
using Bitcoin.GuiWeb.Host;
using Bitcoin.Hosting;
using Bitcoin.Node;
using Bitcoin.Primitives;
using Bitcoin.Single;

namespace Bitcoin.QtHost;

/// <summary>The user interface, the node and the wallet in one process.</summary>
internal static class QtProcess
{
    internal static int Run(string[] args)
    {
        Thread.CurrentThread.Name = "main";
        PrivateFiles.Use();
        using DebugLog log = DebugLog.OfProgram();
        ThisProcess process = new(Currency.Names.Program("qt"));
        using SingleProcessInit init = new(process, log, TextWriter.Synchronized(Console.Out));
        return new GuiMain(
            process,
            [.. NodeOptions.Own, .. NetworkOption.Options, .. GuiOptions.All],
            init,
            ipc: null,
            log,
            static (settings, log) => new PageFrontEnd(settings, log, Console.Out)).Run(args);
    }
}
