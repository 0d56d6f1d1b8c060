namespace Bitcoin.Chain;

/// <summary>Why a block was not taken.</summary>
/// <param name="Reason">The word Bitcoin Core has for it, for example "high-hash".</param>
/// <param name="Details">What was expected and what came, for people.</param>
public sealed record Refusal(string Reason, string Details)
{
    /// <summary>Reason and details.</summary>
    public override string ToString() => $"{Reason}: {Details}";
}
