using Multiprocess.CapnProto.Rpc.Connections;
using Multiprocess.CapnProto.Rpc.Wire;

namespace Multiprocess.CapnProto.Rpc.Calls;

/// <summary>A call on its way to an object of this process or of a peer.</summary>
/// <param name="InterfaceId">The interface of the method.</param>
/// <param name="MethodId">The method's ordinal in the interface.</param>
/// <param name="Parameters">Owned by the call: the side that runs or sends the call disposes the payload.</param>
/// <param name="Answer">Completed exactly once.</param>
/// <param name="Origin">The connection whose peer makes the call; null for a call of this process.</param>
internal sealed record OutgoingCall(
    ulong InterfaceId, ushort MethodId, Payload Parameters, Answer Answer, RpcConnection? Origin = null)
{
    /// <summary>Ends the call before it is run. Under the gate.</summary>
    public void Fail(Exception reason)
    {
        Parameters.Dispose();
        Answer.Fail(reason);
    }
}
