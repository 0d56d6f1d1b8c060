using Bitcoin.Hosting;

namespace Bitcoin.Gui;

/// <summary>The options that only a user interface has.</summary>
public static class GuiOptions
{
    /// <summary>Lines on the console instead of a page.</summary>
    public const string Text = "text";

    /// <summary>Whether the page is opened.</summary>
    public const string Browser = "browser";

    /// <summary>Where the page is served.</summary>
    public const string Port = "guiport";

    /// <summary>Whether to ask for network and directory, as at the first start.</summary>
    public const string ChooseDirectory = "choosedatadir";

    /// <summary>All of them.</summary>
    public static Option[] All { get; } =
    [
        new(Text, null, "Write lines to the console instead of serving a page. Default: 0."),
        new(
            Browser,
            null,
            "Open the page in the browser, where there is a display. -nobrowser only prints its address. Default: 1."),
        new(
            ChooseDirectory,
            null,
            "Ask for the network and the data directory before the node starts, as the first start does. Without effect "
                + "with -datadir, -conf, -ipcconnect or -text. Default: 0."),
        new(Port, "port", "Serve the page at this port of this machine; 0 for any that is free. Default: 0."),
    ];
}
