using Bitcoin.Primitives;

namespace Bitcoin.Chain;

/// <summary>Keeps the blocks that a tree takes.</summary>
public interface IBlockStore
{
    /// <summary>Stores a block before the tree takes it, under the tree's lock: the order stored is the order taken.</summary>
    /// <exception cref="IOException">It could not be stored; the tree does not take it then.</exception>
    void Append(Block block);
}
