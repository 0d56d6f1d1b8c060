using Multiprocess.CapnProto.Messages;
using Multiprocess.CapnProto.Rpc.Calls;
using Multiprocess.CapnProto.Rpc.Connections;

namespace Multiprocess.CapnProto.Rpc.Capabilities;

/// <summary>A capability in the results of an unanswered call, at a path of pointers.</summary>
internal sealed class PipelinedCapability(Answer answer, ushort[] path) : PromiseCapability
{
    public ushort[] Path { get; } = path;

    /// <summary>The call whose results will contain the capability, as the peer knows it.</summary>
    public Question? Question => answer.Question;

    public override RpcConnection? Keeper => answer.Question?.Connection;

    public override void WriteTarget(CapnpStructBuilder target)
    {
        target.WriteUInt16(2, 1);
        WritePromisedAnswer(target.Pointer(0));
    }

    /// <summary>Writes the question and the path.</summary>
    public void WritePromisedAnswer(CapnpPointerBuilder pointer)
        => PromisedAnswers.Write(pointer, answer.Question!.Id, Path);

    protected override void CallPeer(OutgoingCall call) => Keeper!.SendCall(call, this);

    protected override void LeaveKeeper() => answer.Forget(this);
}
