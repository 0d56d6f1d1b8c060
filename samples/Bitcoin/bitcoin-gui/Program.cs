using Bitcoin.Gui;
using Bitcoin.Hosting;
using Bitcoin.Ipc;
using Bitcoin.Node;

Thread.CurrentThread.Name = "main";
PrivateFiles.Use();
using DebugLog log = DebugLog.OfProgram();
return new GuiMain(
    new ThisProcess("bitcoin-gui"),
    [.. NodeOptions.Own, .. NetworkOption.Options, .. ToolkitIpc.Options],
    local: null,
    new ToolkitIpc(log, "gui"),
    log).Run(args);
