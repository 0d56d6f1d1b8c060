using Multiprocess.CapnProto.Messages;
using Multiprocess.CapnProto.Rpc.Calls;
using Multiprocess.CapnProto.Rpc.Capabilities;
using Multiprocess.CapnProto.Rpc.Wire;

namespace Multiprocess.CapnProto.Rpc.Connections;

/// <summary>
/// The capabilities of the peer that this side may call. For each capability: how often it arrived and was not
/// released.
/// </summary>
/// <remarks>
/// Used under the gate. An import holds no reference to its capability: the last release of the capability releases the
/// import.
/// </remarks>
internal sealed class Imports(RpcConnection connection, int maxObjects)
{
    private const uint MaxCount = 1 << 20;

    private readonly Dictionary<uint, Import> _imports = [];

    public int Count => _imports.Count;

    /// <summary>Returns a new reference to the capability that the peer describes; null for null.</summary>
    /// <exception cref="IpcProtocolException">The description is wrong.</exception>
    /// <exception cref="IpcException">The peer has sent more capabilities than the limit.</exception>
    public Capability? Receive(CapnpStructReader descriptor)
    {
        uint id = descriptor.ReadUInt32(1);
        switch ((DescriptorKind)descriptor.ReadUInt16(0))
        {
            case DescriptorKind.None:
                return null;
            case DescriptorKind.SenderHosted:
                return Add(id, isPromise: false);
            case DescriptorKind.SenderPromise:
                return Add(id, isPromise: true);
            case DescriptorKind.ReceiverHosted:
                Capability own = connection.Exports[id];
                own.AddReference();
                return own;
            case DescriptorKind.ReceiverAnswer:
                (uint questionId, ushort[] path) = PromisedAnswers.Read(descriptor.Pointer(0));
                return connection.FindPromised(questionId, path);
            case DescriptorKind.ThirdPartyHosted:
                // A peer that does not support third parties uses the vine: an object of the sender that passes calls
                // on.
                return Add(descriptor.Pointer(0).ReadStruct().ReadUInt32(0), isPromise: false);
            default:
                return new BrokenCapability(new CapnpException(
                    CapnpExceptionType.Unimplemented,
                    $"Capability: Expected a kind that this side knows, got {descriptor.ReadUInt16(0)}."));
        }
    }

    /// <summary>Resolves a promise of the peer, and takes over the reference.</summary>
    /// <exception cref="IpcProtocolException">The import is not a promise.</exception>
    public void Resolve(uint promiseId, Capability resolution)
    {
        if (!_imports.TryGetValue(promiseId, out Import? import))
        {
            // This side released the promise before the peer could know.
            resolution.Release();
        }
        else if (import.Capability is ImportedPromise promise)
        {
            promise.Resolve(resolution);
        }
        else
        {
            resolution.Release();
            throw new IpcProtocolException($"Resolve: Expected a promise, got import {promiseId}, which is an object.");
        }
    }

    /// <summary>Called when the import has no references any more.</summary>
    public void Release(uint id, Capability capability)
    {
        if (!_imports.TryGetValue(id, out Import? import) || import.Capability != capability)
        {
            return;
        }

        _imports.Remove(id);
        SendRelease(id, import.Count);
    }

    /// <summary>Called when the connection has ended: the peer will not resolve its promises.</summary>
    public void Clear(Exception reason)
    {
        Import[] all = [.. _imports.Values];
        _imports.Clear();
        foreach (Import import in all)
        {
            (import.Capability as ImportedPromise)?.Resolve(new BrokenCapability(reason));
        }
    }

    private void SendRelease(uint id, uint count)
    {
        OutgoingMessage message = OutgoingMessage.Begin(MessageKind.Release, RpcFormat.Release);
        message.Body.WriteUInt32(0, id);
        message.Body.WriteUInt32(1, count);
        connection.Send(message);
    }

    private Capability Add(uint id, bool isPromise)
    {
        if (_imports.TryGetValue(id, out Import? known))
        {
            if (++known.Count == MaxCount)
            {
                // A capability that stays here arrives again with each call; the peer's count must not overflow.
                SendRelease(id, MaxCount - 1);
                known.Count = 1;
            }

            known.Capability.AddReference();
            return known.Capability;
        }

        if (_imports.Count >= maxObjects)
        {
            throw new IpcException(
                IpcErrorKind.LimitExceeded,
                $"Capabilities: Expected at most {maxObjects:N0} of the peer, got one more.");
        }

        Capability made = isPromise ? new ImportedPromise(connection, id) : new ImportedCapability(connection, id);
        _imports.Add(id, new Import(made));
        return made;
    }

    private sealed class Import(Capability capability)
    {
        public Capability Capability => capability;

        public uint Count { get; set; } = 1;
    }
}
