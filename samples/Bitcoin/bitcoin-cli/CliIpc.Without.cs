using Bitcoin.Hosting;

namespace Bitcoin.Cli;

/// <summary>This build connects to a node over HTTP only.</summary>
internal static class CliIpc
{
    internal static Option[] Options { get; } = [];

    internal static IIpc? Make(DebugLog log) => null;
}
