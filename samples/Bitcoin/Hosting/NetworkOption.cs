using System.Diagnostics.CodeAnalysis;
using Bitcoin.Primitives;

namespace Bitcoin.Hosting;

/// <summary>The options that choose the network.</summary>
public static class NetworkOption
{
    private static readonly string[] s_switches = ["regtest", "signet", "testnet", "testnet4"];

    /// <summary>The options, for a program's list.</summary>
    public static IReadOnlyList<Option> Options { get; } =
    [
        new("chain", "chain", "Use the network of this name: main, test, testnet4, signet or regtest. Default: main."),
        new("regtest", null, "Use a private network on which anybody mines a block in a moment. As -chain=regtest."),
        new("signet", null, "Use the signed test network. As -chain=signet."),
        new("testnet", null, "Use the public test network, version 3. As -chain=test."),
        new("testnet4", null, "Use the public test network, version 4. As -chain=testnet4."),
    ];

    /// <summary>The chosen network; the main network by default.</summary>
    public static bool TryChoose(
        IOptionValues values,
        [NotNullWhen(true)] out NetworkParameters? network,
        [NotNullWhen(false)] out string? error)
    {
        network = null;
        string[] chosen = [.. s_switches.Where(name => values.IsOn(name))];
        if (chosen.Length + (values.Last("chain") is null ? 0 : 1) > 1)
        {
            error = "Invalid combination of -regtest, -signet, -testnet, -testnet4 and -chain. Can use at most one.";
            return false;
        }

        string wanted = chosen.Length == 0
            ? values.Last("chain") ?? "main"
            : chosen[0] == "testnet"
            ? "test"
            : chosen[0];
        network = NetworkParameters.Find(wanted);
        error = network is null ? $"Unknown chain {wanted}." : null;
        return network is not null;
    }
}
