namespace Bitcoin.Chain.Storage;

/// <summary>What a block file and its undo file hold.</summary>
internal sealed class BlockFileInfo
{
    internal int Blocks { get; set; }

    /// <summary>Bytes of the block file that are in use.</summary>
    internal long Size { get; set; }

    /// <summary>Bytes of the undo file that are in use.</summary>
    internal long UndoSize { get; set; }

    internal int FirstHeight { get; set; } = int.MaxValue;

    internal int LastHeight { get; set; }

    internal bool IsDirty { get; set; }

    internal void Add(int height)
    {
        Blocks++;
        FirstHeight = Math.Min(FirstHeight, height);
        LastHeight = Math.Max(LastHeight, height);
        IsDirty = true;
    }
}
