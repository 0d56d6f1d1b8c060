using Multiprocess.CapnProto.Rpc.Calls;
using Multiprocess.CapnProto.Rpc.Wire;

namespace Multiprocess.CapnProto.Rpc.Connections;

/// <summary>A call of the peer, until it is both returned and finished.</summary>
/// <remarks>Used under the gate.</remarks>
internal sealed class IncomingCall
{
    private readonly IncomingCalls _calls;

    public IncomingCall(IncomingCalls calls)
    {
        _calls = calls;
        Run = new(Answer);
    }

    public uint Id { get; private set; }

    /// <summary>The size of the call's message, in bytes.</summary>
    public int Bytes { get; private set; }

    /// <summary>Whether the peer will use the results as the answer to one of this side's own calls.</summary>
    public bool KeepsResults { get; private set; }

    public Answer Answer { get; } = new();

    /// <summary>The call on its way to the object.</summary>
    public OutgoingCall Run { get; }

    /// <summary>Exports in the results, once for each time they occur. A Finish may release them.</summary>
    public List<uint> Exports { get; } = [];

    public bool IsReturned { get; set; }

    public bool IsFinished { get; set; }

    /// <summary>Whether the peer was told that it need not finish the call: it is no longer in the table.</summary>
    public bool IsForgotten { get; set; }

    /// <summary>Begins a call; the object is new, or taken back by <see cref="TryRecycle"/>.</summary>
    public void Begin(uint id, int bytes, bool keepsResults)
    {
        (Id, Bytes, KeepsResults) = (id, bytes, keepsResults);
        IsReturned = IsFinished = IsForgotten = false;
    }

    /// <summary>Answers the call when it was run: now if it already was.</summary>
    public void ReturnWhenDone()
    {
        if (Answer.IsDone)
        {
            Return();
        }
        else
        {
            Answer.Incoming = this;
        }
    }

    /// <summary>Called when the call was run.</summary>
    public void Return() => _calls.Return(this);

    /// <summary>
    /// Takes the call and its message back, if nobody refers to them any more. Called by the thread that has run the
    /// call, which then uses them no more.
    /// </summary>
    public void TryRecycle()
    {
        if (IsForgotten && Answer.IsPlain && Exports.Count == 0)
        {
            Payload parameters = Run.Parameters;
            Answer.Reset();
            parameters.RecycleIncoming();
            _calls.Recycle(this);
        }
    }
}
