namespace Multiprocess;

/// <summary>One entry of a connection's object tables, to find leaks.</summary>
/// <param name="Type">The contract: an interface or a delegate type.</param>
/// <param name="Handle">The object's number on this connection, unique among the objects of the same side.</param>
/// <param name="IsExport">
/// True for an object of this side that the peer holds; false for an object of the peer that this side holds.
/// </param>
/// <param name="Count">How many references were sent and not yet released.</param>
/// <param name="Age">How long the object has been in the table.</param>
/// <param name="CreationStack">
/// The stack trace of the entry's creation, when <see cref="IpcConnectionOptions.CaptureCreationStacks"/> is set.
/// </param>
public sealed record IpcLiveObject(
    Type Type,
    long Handle,
    bool IsExport,
    long Count,
    TimeSpan Age,
    string? CreationStack)
{
    /// <summary>The contract's full name, as both sides know it.</summary>
    internal string Contract { get; init; } = "";
}
