using Multiprocess.CapnProto.Rpc.Calls;

namespace Multiprocess.CapnProto.Rpc.Connections;

/// <summary>A call that was sent, until the peer has answered it.</summary>
/// <remarks>
/// Used under the gate. States: sent, then finished (the answer is no longer needed), then returned; "finished" may be
/// skipped.
/// </remarks>
internal sealed class Question(RpcConnection connection, Answer answer)
{
    public RpcConnection Connection => connection;

    public Answer Answer => answer;

    public uint Id { get; set; }

    /// <summary>Exports in the parameters, once for each time they occur. A Return may release them.</summary>
    public List<uint> Exports { get; } = [];

    /// <summary>
    /// Whether the peer was told that the answer is no longer needed. Its Return has not arrived yet.
    /// </summary>
    public bool IsFinished { get; private set; }

    /// <summary>Tells the peer that the answer is no longer needed.</summary>
    public void Cancel()
    {
        if (!IsFinished)
        {
            IsFinished = true;
            connection.SendFinish(Id, releaseResults: true);
        }
    }
}
