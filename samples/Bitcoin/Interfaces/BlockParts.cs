namespace Bitcoin.Interfaces;

/// <summary>Which facts about a block the caller wants. Other facts are neither looked up nor sent.</summary>
[Flags]
public enum BlockParts
{
    /// <summary>Only whether the block is known, and its hash.</summary>
    None = 0,

    /// <summary>Its height.</summary>
    Height = 1,

    /// <summary>Its time, as the miner wrote it.</summary>
    Time = 2,

    /// <summary>The median of the times of the block and of the ten blocks before it.</summary>
    MedianTime = 4,

    /// <summary>Whether it is part of the active chain.</summary>
    Active = 8,

    /// <summary>The block that follows it on the active chain.</summary>
    Next = 16,

    /// <summary>The block itself, serialised.</summary>
    Data = 32,

    /// <summary>The outputs that its transactions spent.</summary>
    Spent = 64,

    /// <summary>The highest time of the block and of all blocks before it.</summary>
    MaxTime = 128,
}
