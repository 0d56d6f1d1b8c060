namespace Multiprocess.Hosting.Contracts;

/// <summary>What the parent's host serves to its child, beside the root that the child serves to the parent.</summary>
/// <remarks>
/// The child calls <see cref="Begin"/> first and <see cref="Ready"/> once; until then the parent does not call the
/// child. Wire contract: members are added, never changed.
/// </remarks>
[IpcInterface]
internal interface IParentHost
{
    /// <summary>The child's first call. Returns what the child needs before its host is built.</summary>
    ChildStartup Begin();

    /// <summary>The child's host has started, and its root exists.</summary>
    void Ready(IHostedChild child);

    /// <summary>
    /// Takes log records, in the order in which they were written. Returns when the parent's loggers have them.
    /// </summary>
    void Log(ChildLogRecord[] records);
}
