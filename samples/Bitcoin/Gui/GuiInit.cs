using Bitcoin.Hosting;

namespace Bitcoin.Gui;

/// <summary>The first object of a user interface's process. It has only an echo.</summary>
public sealed class GuiInit(ThisProcess process) : ChildInit(process);
