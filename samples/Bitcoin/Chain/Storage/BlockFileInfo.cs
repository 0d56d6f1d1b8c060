namespace Bitcoin.Chain.Storage;

/// <summary>The contents of a block file and its undo file.</summary>
internal sealed class BlockFileInfo
{
    internal int Blocks { get; set; }

    /// <summary>The used bytes of the block file.</summary>
    internal long Size { get; set; }

    /// <summary>The used bytes of the undo file.</summary>
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
