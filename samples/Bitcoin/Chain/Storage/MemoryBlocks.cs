using System.Collections.Concurrent;
using NBitcoin;

namespace Bitcoin.Chain.Storage;

/// <summary>Blocks in memory, for a tree without a directory.</summary>
internal sealed class MemoryBlocks : IBlockStore
{
    private readonly ConcurrentDictionary<BlockPosition, byte[]> _parts = new();
    private int _count;

    public BlockPosition Append(byte[] block, int height) => Add(block);

    public BlockPosition AppendUndo(byte[] undo, uint256 previous, int file) => Add(undo);

    public byte[] Read(BlockPosition position) => _parts[position];

    public byte[] ReadUndo(BlockPosition position, uint256 previous) => _parts[position];

    public void Flush()
    {
    }

    public void Dispose()
    {
    }

    private BlockPosition Add(byte[] part)
    {
        BlockPosition position = new(0, Interlocked.Increment(ref _count));
        _parts[position] = part;
        return position;
    }
}
