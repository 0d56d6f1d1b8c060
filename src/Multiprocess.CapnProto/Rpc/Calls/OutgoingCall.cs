using Multiprocess.CapnProto.Rpc.Wire;

namespace Multiprocess.CapnProto.Rpc.Calls;

/// <summary>A call on its way to an object, of this process or of a peer.</summary>
/// <param name="InterfaceId">The interface that has the method.</param>
/// <param name="MethodId">The method's ordinal in the interface.</param>
/// <param name="Parameters">Belongs to the call: whoever runs or sends it disposes the payload.</param>
/// <param name="Answer">Is completed exactly once.</param>
internal sealed record OutgoingCall(ulong InterfaceId, ushort MethodId, Payload Parameters, Answer Answer)
{
    /// <summary>Ends the call without it having been run. Under the gate.</summary>
    public void Fail(Exception reason)
    {
        Parameters.Dispose();
        Answer.Fail(reason);
    }
}
