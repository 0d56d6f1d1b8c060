namespace Bitcoin.Chain;

/// <summary>What is known of a block.</summary>
[Flags]
public enum BlockStatus
{
    /// <summary>Its header alone, which is good.</summary>
    None = 0,

    /// <summary>Its transactions are there and good by themselves.</summary>
    HasTransactions = 1,

    /// <summary>It was connected once: its scripts are good, and so are its ancestors'.</summary>
    ScriptsChecked = 2,

    /// <summary>It stands in a block file.</summary>
    HasData = 4,

    /// <summary>What it spent stands in an undo file.</summary>
    HasUndo = 8,

    /// <summary>It broke a rule, or was said to be invalid.</summary>
    Failed = 16,

    /// <summary>One of its ancestors failed.</summary>
    ChildOfFailed = 32,

    /// <summary>Its witnesses counted when it was taken.</summary>
    HasWitnesses = 64,

    /// <summary>Either.</summary>
    AnyFailure = Failed | ChildOfFailed,
}
