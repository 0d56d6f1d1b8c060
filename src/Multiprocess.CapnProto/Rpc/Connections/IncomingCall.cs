using Multiprocess.CapnProto.Rpc.Calls;

namespace Multiprocess.CapnProto.Rpc.Connections;

/// <summary>A call of the peer, until it is both returned and finished.</summary>
/// <remarks>Used under the gate.</remarks>
internal sealed class IncomingCall(uint id, int bytes, bool keepsResults)
{
    public uint Id => id;

    /// <summary>The size of the call's message, in bytes.</summary>
    public int Bytes => bytes;

    /// <summary>Whether the peer will use the results as the answer to one of this side's own calls.</summary>
    public bool KeepsResults => keepsResults;

    public Answer Answer { get; } = new();

    /// <summary>Exports in the results, once for each time they occur. A Finish may release them.</summary>
    public List<uint> Exports { get; } = [];

    public bool IsReturned { get; set; }

    public bool IsFinished { get; set; }
}
