using System.Reflection;

namespace Bitcoin.Functional.Support;

/// <summary>Where the programs are.</summary>
internal static class HostFolder
{
    internal static string Path { get; } = System.IO.Path.GetFullPath(typeof(HostFolder).Assembly
        .GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(static attribute => attribute.Key == "HostFolder").Value!);

    /// <summary>Where Dash's programs are.</summary>
    internal static string DashPath { get; } = System.IO.Path.GetFullPath(System.IO.Path.Combine(
        Path, "../../dash", System.IO.Path.GetFileName(System.IO.Path.TrimEndingDirectorySeparator(Path))));

    /// <summary>What the suite runs over: the program that BITCOIND names, or else both.</summary>
    internal static IEnumerable<string> Deployments
        => Environment.GetEnvironmentVariable("BITCOIND") is { Length: > 0 } program
        ? [System.IO.Path.GetFullPath(program)]
        : [Program("bitcoind"), Program("bitcoin-node")];

    /// <summary>The same, and unless a program is named those of other currencies.</summary>
    internal static IEnumerable<string> AllCurrencies
        => Environment.GetEnvironmentVariable("BITCOIND") is { Length: > 0 }
        ? Deployments
        : [.. Deployments, Dash("dashd"), Dash("dash-node")];

    internal static string Program(string name) => System.IO.Path.Combine(Path, name);

    private static string Dash(string name) => System.IO.Path.Combine(DashPath, name);
}
