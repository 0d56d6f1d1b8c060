using Bitcoin.Gui;
using Bitcoin.GuiWeb.Host;
using Bitcoin.Hosting;
using Bitcoin.Ipc;
using Bitcoin.Node;
using Bitcoin.Primitives;

namespace Bitcoin.GuiHost;

/// <summary>The user interface, over a node that it starts, or to which it connects.</summary>
internal static class GuiProcess
{
    internal static int Run(string[] args)
    {
        Thread.CurrentThread.Name = "main";
        PrivateFiles.Use();
        using DebugLog log = DebugLog.OfProgram();
        return new GuiMain(
            new ThisProcess(Currency.Names.Program("gui")),
            [.. NodeOptions.Own, .. NetworkOption.Options, .. ToolkitIpc.Options, .. GuiOptions.All],
            local: null,
            new ToolkitIpc(log, "gui"),
            log,
            static (settings, log) => new PageFrontEnd(settings, log, Console.Out)).Run(args);
    }
}
