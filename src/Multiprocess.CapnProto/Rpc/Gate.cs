namespace Multiprocess.CapnProto.Rpc;

/// <summary>The lock over all state of RPC: tables, references, promises.</summary>
/// <remarks>
/// There is one gate for the process, not one for each connection. A capability can be passed from one connection to
/// another; a call on it then crosses both, and another call may cross them in the other direction at the same time.
/// Under the gate, no user code runs, no task continues, and nothing is read or written: messages are built before and
/// sent afterwards. No other lock is taken under the gate.
/// </remarks>
internal static class Gate
{
    public static Lock Lock { get; } = new();
}
