using Multiprocess.CapnProto.Rpc.Calls;

namespace Multiprocess.CapnProto.Rpc.Capabilities;

/// <summary>A capability of which each call fails in the same way.</summary>
internal sealed class BrokenCapability(Exception reason) : Capability
{
    public Exception Reason { get; } = reason;

    public override void Call(OutgoingCall call) => call.Fail(Reason);

    protected override void Drop()
    {
    }
}
