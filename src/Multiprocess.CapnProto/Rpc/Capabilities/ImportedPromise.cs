using Multiprocess.CapnProto.Messages;
using Multiprocess.CapnProto.Rpc.Calls;
using Multiprocess.CapnProto.Rpc.Connections;

namespace Multiprocess.CapnProto.Rpc.Capabilities;

/// <summary>A promise that a peer has sent. The peer resolves it with a Resolve message.</summary>
internal sealed class ImportedPromise(RpcConnection connection, uint id) : PromiseCapability
{
    private bool _hasLeft;

    public uint Id => id;

    public override RpcConnection? Keeper => connection;

    public override void WriteTarget(CapnpStructBuilder target) => target.WriteUInt32(0, id);

    protected override void CallPeer(OutgoingCall call) => connection.SendCall(call, this);

    protected override void LeaveKeeper()
    {
        if (!_hasLeft)
        {
            _hasLeft = true;
            connection.Imports.Release(id, this);
        }
    }
}
