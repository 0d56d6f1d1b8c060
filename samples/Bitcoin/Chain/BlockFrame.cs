namespace Bitcoin.Chain;

/// <summary>What stands behind a network's magic in a block file.</summary>
/// <param name="Offset">Where the magic stands in the file, in bytes.</param>
/// <param name="AnnouncedBytes">How long the block is said to be.</param>
/// <param name="Block">
/// The bytes of the block, valid until the next read; shorter than announced where the file ends.
/// </param>
public readonly record struct BlockFrame(long Offset, int AnnouncedBytes, ReadOnlyMemory<byte> Block)
{
    /// <summary>Whether the file ends before the block does.</summary>
    public bool IsCutShort => Block.Length < AnnouncedBytes;
}
