using System.Diagnostics.CodeAnalysis;
using Bitcoin.Primitives;

namespace Bitcoin.Hosting;

/// <summary>The options that choose the network.</summary>
public static class NetworkOption
{
    /// <summary>The options, for a program's list.</summary>
    public static IReadOnlyList<Option> Options { get; } =
    [
        new("regtest", null, "Use a private network on which anybody mines a block in a moment."),
        new("testnet", null, "Use the public test network."),
    ];

    /// <summary>The network chosen; the main network without a choice.</summary>
    public static bool TryChoose(CommandLine commandLine, [NotNullWhen(true)] out NetworkParameters? network, [NotNullWhen(false)] out string? error)
    {
        bool regtest = commandLine.IsOn("regtest");
        bool testnet = commandLine.IsOn("testnet");
        if (regtest && testnet)
        {
            network = null;
            error = "Invalid combination of -regtest and -testnet. Can use at most one.";
            return false;
        }

        network = regtest ? NetworkParameters.Regtest : testnet ? NetworkParameters.Test : NetworkParameters.Main;
        error = null;
        return true;
    }
}
