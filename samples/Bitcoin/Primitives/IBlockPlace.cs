namespace Bitcoin.Primitives;

/// <summary>A block's place in a chain, as rules about targets and rewards see it.</summary>
public interface IBlockPlace
{
    /// <summary>The distance from the first block.</summary>
    int Height { get; }

    /// <summary>Seconds since 1970.</summary>
    uint Time { get; }

    /// <summary>The target, in its compact form.</summary>
    uint Bits { get; }

    /// <summary>The ancestor at a height, or the block itself.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The height is negative, or above the block.</exception>
    IBlockPlace At(int height);
}
