using NBitcoin;

namespace Bitcoin.Chain.Storage;

/// <summary>
/// Where the transactions of blocks are, and what blocks spent. Called under the tree's gate, but for reading, which
/// any thread may do.
/// </summary>
internal interface IBlockStore : IDisposable
{
    BlockPosition Append(byte[] block, int height);

    BlockPosition AppendUndo(byte[] undo, uint256 previous, int file);

    /// <summary>The block's bytes.</summary>
    /// <exception cref="IOException">They cannot be read, or they are not a block.</exception>
    byte[] Read(BlockPosition position);

    /// <summary>What a block spent.</summary>
    /// <exception cref="IOException">It cannot be read, or its checksum is wrong.</exception>
    byte[] ReadUndo(BlockPosition position, uint256 previous);

    void Flush();
}
