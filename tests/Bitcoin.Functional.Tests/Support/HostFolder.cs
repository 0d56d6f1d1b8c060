using System.Reflection;

namespace Bitcoin.Functional.Support;

/// <summary>Where the programs are.</summary>
internal static class HostFolder
{
    internal static string Path { get; } = System.IO.Path.GetFullPath(typeof(HostFolder).Assembly
        .GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(static attribute => attribute.Key == "HostFolder").Value!);

    /// <summary>What the suite runs over: the program that BITCOIND names, or else both.</summary>
    internal static IEnumerable<string> Deployments
        => Environment.GetEnvironmentVariable("BITCOIND") is { Length: > 0 } program
        ? [System.IO.Path.GetFullPath(program)]
        : [Program("bitcoind"), Program("bitcoin-node")];

    internal static string Program(string name) => System.IO.Path.Combine(Path, name);
}
