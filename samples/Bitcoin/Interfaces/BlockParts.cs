namespace Bitcoin.Interfaces;

/// <summary>What a caller wants to know of a block: the rest is not looked up and does not cross.</summary>
[Flags]
public enum BlockParts
{
    /// <summary>Only whether it is there, and its hash.</summary>
    None = 0,

    /// <summary>Its height.</summary>
    Height = 1,

    /// <summary>Its time, as the miner says.</summary>
    Time = 2,

    /// <summary>The median time of it and the ten blocks before.</summary>
    MedianTime = 4,

    /// <summary>Whether it is part of the active chain.</summary>
    Active = 8,

    /// <summary>The block that follows it on the active chain.</summary>
    Next = 16,

    /// <summary>The block itself, serialised.</summary>
    Data = 32,

    /// <summary>What its transactions spent.</summary>
    Spent = 64,

    /// <summary>The highest time up to the block.</summary>
    MaxTime = 128,
}
