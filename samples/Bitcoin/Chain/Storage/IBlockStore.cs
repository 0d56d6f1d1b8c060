using NBitcoin;

namespace Bitcoin.Chain.Storage;

/// <summary>
/// Stores the transactions of blocks, and the outputs that blocks spent. Called under the tree's gate, except for
/// reading, which is thread-safe.
/// </summary>
internal interface IBlockStore : IDisposable
{
    BlockPosition Append(byte[] block, int height);

    BlockPosition AppendUndo(byte[] undo, uint256 previous, int file);

    /// <summary>The block's bytes.</summary>
    /// <exception cref="IOException">They cannot be read, or they are not a block.</exception>
    byte[] Read(BlockPosition position);

    /// <summary>The outputs that a block spent.</summary>
    /// <exception cref="IOException">They cannot be read, or their checksum is wrong.</exception>
    byte[] ReadUndo(BlockPosition position, uint256 previous);

    void Flush();
}
