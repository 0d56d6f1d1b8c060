using Multiprocess.CapnProto.Messages;
using Multiprocess.CapnProto.Rpc.Capabilities;
using Multiprocess.CapnProto.Rpc.Wire;

namespace Multiprocess.CapnProto.Rpc.Connections;

/// <summary>
/// The capabilities that the peer may call. For each capability that was sent: how often it was sent and not released.
/// </summary>
/// <remarks>Used under the gate.</remarks>
internal sealed class Exports(RpcConnection connection)
{
    private readonly Slots<Export> _exports = new();
    private readonly Dictionary<Capability, uint> _ids = [];

    public int Count => _exports.Count;

    /// <summary>Returns the capability of an export, without a new reference.</summary>
    /// <exception cref="IpcProtocolException">There is no such export.</exception>
    public Capability this[uint id] => Get(id).Capability;

    /// <summary>Describes a capability to the peer, and exports it if it is not the peer's own.</summary>
    /// <param name="descriptor">Receives the description.</param>
    /// <param name="capability">The capability. Null is written as null.</param>
    /// <param name="exported">Receives the number of the export, if there is one.</param>
    public void Describe(CapnpStructBuilder descriptor, Capability? capability, List<uint> exported)
    {
        switch (capability?.Current)
        {
            case null:
                descriptor.WriteUInt16(0, (ushort)DescriptorKind.None);
                break;
            case ImportedCapability imported when imported.Connection == connection:
                Write(descriptor, DescriptorKind.ReceiverHosted, imported.Id);
                break;
            case ImportedPromise { IsOpen: true } promise when promise.Keeper == connection:
                Write(descriptor, DescriptorKind.ReceiverHosted, promise.Id);
                break;
            case PipelinedCapability { IsOpen: true } pipelined when pipelined.Keeper == connection:
                descriptor.WriteUInt16(0, (ushort)DescriptorKind.ReceiverAnswer);
                pipelined.WritePromisedAnswer(descriptor.Pointer(0));
                break;
            case { } other:
                uint id = Add(other);
                exported.Add(id);
                Write(descriptor, other.IsPromise ? DescriptorKind.SenderPromise : DescriptorKind.SenderHosted, id);
                break;
        }
    }

    /// <summary>Releases references to an export: of the peer, or of a message that the peer has answered.</summary>
    /// <exception cref="IpcProtocolException">There is no such export, or it was sent fewer times.</exception>
    public void Release(uint id, uint count)
    {
        Export export = Get(id);
        if (count > export.Count)
        {
            throw new IpcProtocolException(
                $"Release of export {id}: Expected at most {export.Count:N0} references, got {count:N0}.");
        }

        export.Count -= count;
        if (export.Count == 0)
        {
            _exports.Remove(id);
            Forget(export);
            export.Capability.Release();
        }
    }

    public void ReleaseAll(List<uint> ids)
    {
        foreach (uint id in ids)
        {
            Release(id, 1);
        }

        ids.Clear();
    }

    /// <summary>Called when the connection has ended.</summary>
    public void Clear()
    {
        _ids.Clear();
        foreach (Export export in _exports.TakeAll())
        {
            export.Count = 0;
            export.Capability.Release();
        }
    }

    private static void Write(CapnpStructBuilder descriptor, DescriptorKind kind, uint id)
    {
        descriptor.WriteUInt16(0, (ushort)kind);
        descriptor.WriteUInt32(1, id);
    }

    private uint Add(Capability capability)
    {
        if (!_ids.TryGetValue(capability, out uint known))
        {
            return AddNew(capability);
        }

        Get(known).Count++;
        return known;
    }

    // Apart, so that a known capability allocates no closure.
    private uint AddNew(Capability capability)
    {
        capability.AddReference();
        var export = new Export(capability);
        uint id = export.Id = _exports.Add(export);
        _ids.Add(capability, id);
        if (capability.IsPromise)
        {
            capability.WhenResolved(resolution => Resolved(export, resolution.Current));
        }

        return id;
    }

    // The peer is told once what a promise is resolved to. It may continue to call the promise, and its calls go to
    // that object.
    private void Resolved(Export export, Capability resolution)
    {
        if (export.Count == 0 || !connection.IsOpen)
        {
            return;
        }

        Forget(export);
        OutgoingMessage message = OutgoingMessage.Begin(MessageKind.Resolve, RpcFormat.Resolve);
        message.Body.WriteUInt32(0, export.Id);
        if (resolution is BrokenCapability broken)
        {
            message.Body.WriteUInt16(2, 1);
            Exceptions.Write(message.Body.Pointer(0), broken.Reason);
        }
        else
        {
            Describe(message.Body.Pointer(0).InitStruct(RpcFormat.Descriptor), resolution, []);
        }

        connection.Send(message);
    }

    private void Forget(Export export)
    {
        if (_ids.TryGetValue(export.Capability, out uint id) && id == export.Id)
        {
            _ids.Remove(export.Capability);
        }
    }

    private Export Get(uint id)
        => _exports.TryGet(id, out Export? export)
            ? export
            : throw new IpcProtocolException($"Export: Expected one of this side's, got number {id:N0}.");

    private sealed class Export(Capability capability)
    {
        public Capability Capability => capability;

        public uint Id { get; set; }

        public uint Count { get; set; } = 1;
    }
}
