using System.Diagnostics;
using Multiprocess.CapnProto.Rpc.Calls;
using Multiprocess.CapnProto.Rpc.Connections;

namespace Multiprocess.CapnProto.Rpc.Capabilities;

/// <summary>A promise of this process: calls wait here until it is resolved.</summary>
internal sealed class LocalPromise : PromiseCapability
{
    public override RpcConnection? Keeper => null;

    protected override void CallPeer(OutgoingCall call) => throw new UnreachableException();

    protected override void LeaveKeeper()
    {
    }
}
