namespace Multiprocess;

/// <summary>One entry of a connection's object tables, for finding leaks.</summary>
/// <param name="Type">The contract: an interface or a delegate type.</param>
/// <param name="Handle">The object's number on this connection, unique among those of the same side.</param>
/// <param name="IsExport">True for an object of this side that the peer holds; false for one of the peer's that this side holds.</param>
/// <param name="Count">How many references were sent and not yet released.</param>
/// <param name="Age">How long it has been in the table.</param>
/// <param name="CreationStack">The stack that put it there, when <see cref="IpcConnectionOptions.CaptureCreationStacks"/> is set.</param>
public sealed record IpcLiveObject(Type Type, long Handle, bool IsExport, long Count, TimeSpan Age, string? CreationStack)
{
    /// <summary>The contract's full name, as both sides know it.</summary>
    internal string Contract { get; init; } = "";
}
