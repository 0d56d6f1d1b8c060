namespace Bitcoin.Chain;

/// <summary>The reason why a block or a transaction was refused.</summary>
/// <param name="Reason">Bitcoin Core's code for it, for example "high-hash".</param>
/// <param name="Details">Bitcoin Core's further text; empty for none.</param>
/// <param name="Kind">The consequence for the sender.</param>
public sealed record Refusal(string Reason, string Details = "", RefusalKind Kind = RefusalKind.Consensus)
{
    /// <summary>Reason and details, as Bitcoin Core logs them.</summary>
    public override string ToString() => Details.Length == 0 ? Reason : $"{Reason}, {Details}";
}
