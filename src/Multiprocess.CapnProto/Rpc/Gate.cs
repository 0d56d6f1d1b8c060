namespace Multiprocess.CapnProto.Rpc;

/// <summary>The lock over all state of RPC: tables, references, promises.</summary>
/// <remarks>
/// There is one for the process and not one for each connection: a capability goes from one connection to another, a
/// call
/// on it then crosses both, and another may cross them the other way at the same time. Under the gate no user code
/// runs, no
/// task continues, nothing is read or written: messages are built before and sent after. It is taken last.
/// </remarks>
internal static class Gate
{
    public static Lock Lock { get; } = new();
}
