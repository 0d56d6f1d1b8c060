using System.Diagnostics.CodeAnalysis;
using Bitcoin.Primitives;

namespace Bitcoin.Hosting;

/// <summary>The options that choose the network.</summary>
public static class NetworkOption
{
    private static readonly NetworkParameters[] s_switched =
    [
        .. Currency.Current.Networks
            .Where(static network => network.Switch.Length > 0)
            .OrderBy(static network => network.Switch, StringComparer.Ordinal),
    ];

    /// <summary>The options, for a program's list.</summary>
    public static IReadOnlyList<Option> Options { get; } =
    [
        new(
            "chain",
            "chain",
            $"Use the network of this name: {Names(Currency.Current.Networks)}. "
                + "Default: main."),
        .. s_switched.Select(static network => new Option(
            network.Switch, null, $"Use {network.Summary}. As -chain={network.Name}.")),
    ];

    /// <summary>The chosen network; the main network by default.</summary>
    public static bool TryChoose(
        IOptionValues values,
        [NotNullWhen(true)] out NetworkParameters? network,
        [NotNullWhen(false)] out string? error)
    {
        network = null;
        NetworkParameters[] chosen = [.. s_switched.Where(one => values.IsOn(one.Switch))];
        if (chosen.Length + (values.Last("chain") is null ? 0 : 1) > 1)
        {
            string switches = string.Join(", ", s_switched.Select(static one => $"-{one.Switch}"));
            error = $"Invalid combination of {switches} and -chain. Can use at most one.";
            return false;
        }

        string wanted = chosen.Length == 0 ? values.Last("chain") ?? "main" : chosen[0].Name;
        network = Currency.Find(wanted);
        error = network is null ? $"Unknown chain {wanted}." : null;
        return network is not null;
    }

    private static string Names(IReadOnlyList<NetworkParameters> networks)
        => $"{string.Join(", ", networks.SkipLast(1).Select(static network => network.Name))} or {networks[^1].Name}";
}
