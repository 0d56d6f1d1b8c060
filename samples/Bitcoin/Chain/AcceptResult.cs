namespace Bitcoin.Chain;

/// <summary>What became of a block that was offered.</summary>
/// <param name="Block">The block's place in the tree; null when it has none.</param>
/// <param name="Refusal">Why it was refused; null when it was taken.</param>
public sealed record AcceptResult(ChainBlock? Block, Refusal? Refusal)
{
    /// <summary>The reason given for a block that is already known.</summary>
    public const string Duplicate = "duplicate";

    /// <summary>The reason given for a block whose parent is not known.</summary>
    public const string ParentNotFound = "prev-blk-not-found";

    /// <summary>Whether the block was taken, on the best branch or on another.</summary>
    public bool IsTaken => Refusal is null;

    /// <summary>"taken" or the reason of the refusal.</summary>
    public override string ToString() => Refusal?.ToString() ?? $"taken: {Block}";
}
