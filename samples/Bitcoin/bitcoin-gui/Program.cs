using Bitcoin.Gui;
using Bitcoin.GuiWeb.Host;
using Bitcoin.Hosting;
using Bitcoin.Ipc;
using Bitcoin.Node;

Thread.CurrentThread.Name = "main";
PrivateFiles.Use();
using DebugLog log = DebugLog.OfProgram();
return new GuiMain(
    new ThisProcess("bitcoin-gui"),
    [.. NodeOptions.Own, .. NetworkOption.Options, .. ToolkitIpc.Options, .. GuiOptions.All],
    local: null,
    new ToolkitIpc(log, "gui"),
    log,
    static (settings, log) => new PageFrontEnd(settings, log, Console.Out)).Run(args);
