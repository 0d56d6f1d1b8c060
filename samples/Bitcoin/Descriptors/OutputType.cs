using Bitcoin.Primitives;

namespace Bitcoin.Descriptors;

/// <summary>The kinds of address that a wallet makes. Their numbers are stored in its file.</summary>
public enum OutputType
{
    /// <summary>The hash of a key, or of a script.</summary>
    Legacy = 0,

    /// <summary>A witness program inside a script hash.</summary>
    P2shSegwit = 1,

    /// <summary>A witness program of version 0.</summary>
    Bech32 = 2,

    /// <summary>A witness program of version 1.</summary>
    Bech32m = 3,

    /// <summary>Any other kind.</summary>
    Unknown = 4,
}

/// <summary>The names of the kinds of address.</summary>
public static class OutputTypes
{
    /// <summary>All kinds that a wallet makes, in order.</summary>
    public static IReadOnlyList<OutputType> All { get; } = Currency.Current.HasWitnesses
        ? [OutputType.Legacy, OutputType.P2shSegwit, OutputType.Bech32, OutputType.Bech32m]
        : [OutputType.Legacy];

    /// <summary>The kind that a wallet makes unless it is told another.</summary>
    public static OutputType Usual { get; } = Currency.Current.HasWitnesses ? OutputType.Bech32 : OutputType.Legacy;

    /// <summary>Bitcoin Core's name of the kind.</summary>
    public static string Name(this OutputType type) => type switch
    {
        OutputType.Legacy => "legacy",
        OutputType.P2shSegwit => "p2sh-segwit",
        OutputType.Bech32 => "bech32",
        OutputType.Bech32m => "bech32m",
        _ => "unknown",
    };

    /// <summary>The kind of a name; null if the wallet makes no such kind.</summary>
    public static OutputType? Parse(string name)
    {
        foreach (OutputType type in All)
        {
            if (type.Name() == name)
            {
                return type;
            }
        }

        return null;
    }
}
