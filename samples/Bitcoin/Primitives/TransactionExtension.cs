namespace Bitcoin.Primitives;

/// <summary>What a currency adds to a transaction.</summary>
/// <param name="Version">The version, as users see it.</param>
public sealed record TransactionExtension(uint Version)
{
    /// <summary>The highest version that the pool takes.</summary>
    public uint MaxStandardVersion { get; init; }

    /// <summary>Why no block may have the transaction, as a code; null if one may.</summary>
    public string? Fault { get; init; }

    /// <summary>Whether the transaction needs no input.</summary>
    public bool MayLackInputs { get; init; }

    /// <summary>Whether the transaction needs no output.</summary>
    public bool MayLackOutputs { get; init; }

    /// <summary>The least length of a coinbase's script, in bytes.</summary>
    public int LeastCoinbaseScript { get; init; } = 2;

    /// <summary>Fields to show, in order: numbers and texts.</summary>
    public IReadOnlyList<KeyValuePair<string, object>> Fields { get; init; } = [];
}
