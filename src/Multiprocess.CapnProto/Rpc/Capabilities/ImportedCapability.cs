using Multiprocess.CapnProto.Messages;
using Multiprocess.CapnProto.Rpc.Calls;
using Multiprocess.CapnProto.Rpc.Connections;

namespace Multiprocess.CapnProto.Rpc.Capabilities;

/// <summary>An object of a peer.</summary>
internal sealed class ImportedCapability(RpcConnection connection, uint id) : Capability
{
    public RpcConnection Connection => connection;

    public uint Id => id;

    public override void Call(OutgoingCall call) => connection.SendCall(call, this);

    public override void WriteTarget(CapnpStructBuilder target) => target.WriteUInt32(0, id);

    protected override void Drop() => connection.Imports.Release(id, this);
}
