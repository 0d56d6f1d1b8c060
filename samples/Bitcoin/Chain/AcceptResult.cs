namespace Bitcoin.Chain;

/// <summary>The result of submitting a block.</summary>
/// <param name="Block">The block's place in the tree; null if it has none.</param>
/// <param name="Refusal">The reason of a refusal; null if the block was accepted.</param>
public sealed record AcceptResult(ChainBlock? Block, Refusal? Refusal)
{
    /// <summary>The reason for a block that is already known.</summary>
    public const string Duplicate = "duplicate";

    /// <summary>The reason for a block whose parent is unknown.</summary>
    public const string ParentNotFound = "prev-blk-not-found";

    /// <summary>Whether the block was accepted, on the best branch or on another one.</summary>
    public bool IsTaken => Refusal is null;

    /// <summary>"taken" or the reason of the refusal.</summary>
    public override string ToString() => Refusal?.ToString() ?? $"taken: {Block}";
}
