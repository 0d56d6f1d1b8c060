using Bitcoin.Hosting;

namespace Bitcoin.Cli;

/// <summary>This build reaches a node by HTTP only.</summary>
internal static class CliIpc
{
    internal static Option[] Options { get; } = [];

    internal static IIpc? Make(DebugLog log) => null;
}
