using Multiprocess.CapnProto.Rpc.Calls;

namespace Multiprocess.CapnProto.Rpc.Connections;

/// <summary>A call that was sent, until the peer has answered it.</summary>
/// <remarks>
/// Used under the gate. States: sent, then finished (the answer is no longer needed), then returned; "finished" may be
/// skipped. A returned question that was not finished can be sent again with the next call of its answer.
/// </remarks>
internal sealed class Question(Answer answer)
{
    public RpcConnection Connection { get; private set; } = null!;

    public Answer Answer => answer;

    public uint Id { get; set; }

    /// <summary>Exports in the parameters, once for each time they occur. A Return may release them.</summary>
    public List<uint> Exports { get; } = [];

    /// <summary>
    /// Whether the peer was told that the answer is no longer needed. Its Return has not arrived yet.
    /// </summary>
    public bool IsFinished { get; private set; }

    /// <summary>Whether the peer's Return has arrived. The answer may still come from elsewhere.</summary>
    public bool IsReturned { get; set; }

    /// <summary>Called before the call is sent.</summary>
    public void Begin(RpcConnection connection)
    {
        Connection = connection;
        Exports.Clear();
        IsReturned = false;
    }

    /// <summary>Tells the peer that the answer is no longer needed.</summary>
    public void Cancel()
    {
        if (!IsFinished)
        {
            IsFinished = true;
            if (!IsReturned)
            {
                Connection.SendFinish(Id, releaseResults: true);
            }
        }
    }
}
