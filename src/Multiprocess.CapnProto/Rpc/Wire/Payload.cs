using Multiprocess.CapnProto.Messages;
using Multiprocess.CapnProto.Rpc.Capabilities;

namespace Multiprocess.CapnProto.Rpc.Wire;

/// <summary>Parameters or results: a value, and the capabilities in it. Built on this side or received.</summary>
internal sealed class Payload
{
    private readonly CapnpStructBuilder _built;
    private readonly CapnpPointerReader _received;
    private readonly IncomingMessage? _incoming;
    private bool _isDisposed;

    private Payload(OutgoingMessage message, CapnpStructBuilder built, List<Capability?> capabilities)
    {
        Message = message;
        _built = built;
        Capabilities = capabilities;
    }

    private Payload(IncomingMessage? incoming, CapnpPointerReader content, List<Capability?> capabilities)
    {
        _incoming = incoming;
        _received = content;
        Capabilities = capabilities;
    }

    /// <summary>The message that contains a payload built on this side; null for a received payload.</summary>
    public OutgoingMessage? Message { get; }

    /// <summary>
    /// The capabilities; the payload owns a reference to each. Guarded by the gate once more than one thread knows the
    /// payload.
    /// </summary>
    public List<Capability?> Capabilities { get; }

    public CapnpPointerReader Content => Message is null ? _received : _built.Pointer(0).AsReader();

    public CapnpPointerBuilder Target => _built.Pointer(0);

    public static Payload ForCall()
    {
        var message = OutgoingMessage.Begin(MessageKind.Call, RpcFormat.Call);
        return new(message, message.Body.Pointer(1).InitStruct(RpcFormat.Payload), []);
    }

    public static Payload ForReturn()
    {
        var message = OutgoingMessage.Begin(MessageKind.Return, RpcFormat.Return);
        return new(message, message.Body.Pointer(0).InitStruct(RpcFormat.Payload), []);
    }

    /// <summary>Creates a payload that was received. It takes over the message's memory.</summary>
    public static Payload Of(IncomingMessage incoming, CapnpPointerReader content, List<Capability?> capabilities)
        => new(incoming, content, capabilities);

    /// <summary>Adds a capability, takes over its reference, and returns its index.</summary>
    public uint Add(Capability? capability)
    {
        Capabilities.Add(capability);
        return (uint)Capabilities.Count - 1;
    }

    /// <summary>
    /// Returns the same value in a message that can be sent: this payload if it was built for that, otherwise a copy.
    /// Call under the gate.
    /// </summary>
    /// <exception cref="IpcException">The received payload is malformed or too large.</exception>
    public Payload ToSend(Func<Payload> begin)
    {
        return Message is null ? Copy(begin) : this;
    }

    /// <summary>Copies results for another call. Call under the gate.</summary>
    /// <exception cref="IpcException">The received payload is malformed or too large.</exception>
    public Payload Copy() => Copy(ForReturn);

    private Payload Copy(Func<Payload> begin)
    {
        Payload copy = begin();
        copy.Target.Write(Content);
        foreach (Capability? capability in Capabilities)
        {
            capability?.AddReference();
            copy.Add(capability);
        }

        return copy;
    }

    /// <summary>Writes the table of capabilities. Call under the gate.</summary>
    public void WriteTable(Action<CapnpStructBuilder, Capability?> describe)
    {
        if (Capabilities.Count == 0)
        {
            return;
        }

        CapnpListBuilder table = _built.Pointer(1).InitStructList(RpcFormat.Descriptor, Capabilities.Count);
        for (int i = 0; i < Capabilities.Count; i++)
        {
            describe(table.Struct(i), Capabilities[i]);
        }
    }

    /// <summary>
    /// Finds the capability behind a pointer, and returns a new reference; null for a null pointer. Call under the
    /// gate.
    /// </summary>
    /// <exception cref="IpcProtocolException">The pointer is not a capability of the payload.</exception>
    public Capability? Find(CapnpPointerReader pointer)
    {
        if (pointer.ReadCapabilityIndex() is not { } index)
        {
            return null;
        }

        if (index >= Capabilities.Count)
        {
            throw new IpcProtocolException(
                $"Capability: Expected one of {Capabilities.Count:N0} in the message, got number {index:N0}.");
        }

        Capabilities[(int)index]?.AddReference();
        return Capabilities[(int)index];
    }

    /// <summary>
    /// Finds the capability at the end of a path of pointers through structs, and returns a new reference. Returns a
    /// broken capability if there is none. Call under the gate.
    /// </summary>
    public Capability FindAt(ReadOnlySpan<ushort> path)
    {
        try
        {
            CapnpPointerReader pointer = Content;
            foreach (ushort field in path)
            {
                pointer = pointer.ReadStruct().Pointer(field);
            }

            return Find(pointer) ?? new BrokenCapability(new CapnpException(
                CapnpExceptionType.Failed, "Capability: Expected an object, got null."));
        }
        catch (IpcProtocolException exception)
        {
            return new BrokenCapability(exception);
        }
    }

    /// <summary>Releases the capabilities and returns the memory. May be called again. Any thread.</summary>
    public void Dispose()
    {
        lock (Gate.Lock)
        {
            if (_isDisposed)
            {
                return;
            }

            _isDisposed = true;
            foreach (Capability? capability in Capabilities)
            {
                capability?.Release();
            }

            Capabilities.Clear();
        }

        Message?.Release();
        _incoming?.Release();
    }
}
