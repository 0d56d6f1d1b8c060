using Multiprocess.CapnProto.Rpc.Calls;

namespace Multiprocess.CapnProto.Rpc.Capabilities;

/// <summary>A capability whose calls all fail in the same way.</summary>
internal sealed class BrokenCapability(Exception reason) : Capability
{
    public Exception Reason { get; } = reason;

    public override void Call(OutgoingCall call) => call.Fail(Reason);

    protected override void Drop()
    {
    }
}
