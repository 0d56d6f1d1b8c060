namespace Bitcoin.Chain;

/// <summary>What the tree knows about a block.</summary>
[Flags]
public enum BlockStatus
{
    /// <summary>Only its header, which is valid.</summary>
    None = 0,

    /// <summary>Its transactions are there, and valid by themselves.</summary>
    HasTransactions = 1,

    /// <summary>It was connected once: its scripts and those of its ancestors are valid.</summary>
    ScriptsChecked = 2,

    /// <summary>It is stored in a block file.</summary>
    HasData = 4,

    /// <summary>The outputs that it spent are stored in an undo file.</summary>
    HasUndo = 8,

    /// <summary>It broke a rule, or was declared invalid.</summary>
    Failed = 16,

    /// <summary>One of its ancestors failed.</summary>
    ChildOfFailed = 32,

    /// <summary>Its witnesses were checked when it was accepted.</summary>
    HasWitnesses = 64,

    /// <summary>Both kinds of failure.</summary>
    AnyFailure = Failed | ChildOfFailed,
}
