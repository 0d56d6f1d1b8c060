using Bitcoin.Gui;
using Bitcoin.GuiWeb.Host;
using Bitcoin.Hosting;
using Bitcoin.Node;
using Bitcoin.Single;

Thread.CurrentThread.Name = "main";
PrivateFiles.Use();
using DebugLog log = DebugLog.OfProgram();
ThisProcess process = new("bitcoin-qt");
using SingleProcessInit init = new(process, log, TextWriter.Synchronized(Console.Out));
return new GuiMain(
    process,
    [.. NodeOptions.Own, .. NetworkOption.Options, .. GuiOptions.All],
    init,
    ipc: null,
    log,
    static (settings, log) => new PageFrontEnd(settings, log, Console.Out)).Run(args);
