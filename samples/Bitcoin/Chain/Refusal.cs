namespace Bitcoin.Chain;

/// <summary>Why a block or a transaction was not taken.</summary>
/// <param name="Reason">The word Bitcoin Core has for it, for example "high-hash".</param>
/// <param name="Details">What Bitcoin Core says beside it; empty for nothing.</param>
/// <param name="Kind">What it means for whoever sent it.</param>
public sealed record Refusal(string Reason, string Details = "", RefusalKind Kind = RefusalKind.Consensus)
{
    /// <summary>Reason and details, as Bitcoin Core logs them.</summary>
    public override string ToString() => Details.Length == 0 ? Reason : $"{Reason}, {Details}";
}
