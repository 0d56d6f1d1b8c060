using Bitcoin.Hosting;
using Bitcoin.Ipc;

namespace Bitcoin.Cli;

/// <summary>Connects to a node over a socket instead of HTTP.</summary>
internal static class CliIpc
{
    internal static Option[] Options { get; } =
    [
        new(
            "ipcconnect",
            "address",
            "Ask the node through its socket instead of HTTP: auto for its usual one, and HTTP if nobody is there; "
                + "unix for its usual one; unix:<path>. Default: auto, unless -rpcconnect is given. -noipcconnect "
                + "never does."),
        .. TlsSettings.Options,
    ];

    internal static IIpc? Make(DebugLog log) => new CoreIpc(new ToolkitIpc(log, "cli"));
}
