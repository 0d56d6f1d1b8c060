namespace Bitcoin.Chain;

/// <summary>The data after a network's magic in a block file.</summary>
/// <param name="Offset">The position of the magic in the file, in bytes.</param>
/// <param name="AnnouncedBytes">The length of the block, as the file says.</param>
/// <param name="Block">
/// The bytes of the block, valid until the next read. Fewer than announced if the file ends early.
/// </param>
public readonly record struct BlockFrame(long Offset, int AnnouncedBytes, ReadOnlyMemory<byte> Block)
{
    /// <summary>Whether the file ends before the block does.</summary>
    public bool IsCutShort => Block.Length < AnnouncedBytes;
}
