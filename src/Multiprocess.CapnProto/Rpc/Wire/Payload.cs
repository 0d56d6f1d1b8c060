using Multiprocess.CapnProto.Messages;
using Multiprocess.CapnProto.Rpc.Capabilities;
using Multiprocess.CapnProto.Rpc.Connections;

namespace Multiprocess.CapnProto.Rpc.Wire;

/// <summary>Parameters or results: a value, and the capabilities in it. Built on this side or received.</summary>
internal sealed class Payload
{
    private CapnpStructBuilder _built;
    private CapnpPointerReader _received;
    private IncomingMessage? _incoming;
    private bool _isDisposed = true;

    /// <summary>The message that contains a payload built on this side; null for a received payload.</summary>
    public OutgoingMessage? Message { get; private set; }

    /// <summary>
    /// The capabilities; the payload owns a reference to each. Guarded by the gate once more than one thread knows the
    /// payload.
    /// </summary>
    public List<Capability?> Capabilities { get; } = [];

    public CapnpPointerReader Content => Message is null ? _received : _built.Pointer(0).AsReader();

    public CapnpPointerBuilder Target => _built.Pointer(0);

    public static Payload ForCall()
    {
        var payload = new Payload();
        payload.BeginCall();
        return payload;
    }

    public static Payload ForReturn()
    {
        var payload = new Payload();
        payload.BeginReturn();
        return payload;
    }

    /// <summary>Creates the payload of a received message.</summary>
    public static Payload Of(IncomingMessage incoming) => new() { _incoming = incoming };

    /// <summary>Begins the parameters of a call; the payload is new, or disposed and used by nobody else.</summary>
    public void BeginCall()
    {
        Message = OutgoingMessage.Begin(MessageKind.Call, RpcFormat.Call);
        _built = Message.Body.Pointer(1).InitStruct(RpcFormat.Payload);
        _isDisposed = false;
    }

    /// <summary>Begins the results of a call; the payload is new, or disposed and used by nobody else.</summary>
    public void BeginReturn()
    {
        Message = OutgoingMessage.Begin(MessageKind.Return, RpcFormat.Return);
        _built = Message.Body.Pointer(0).InitStruct(RpcFormat.Payload);
        _isDisposed = false;
    }

    /// <summary>Reads the content of a received payload, whose capabilities follow.</summary>
    public void Receive(CapnpPointerReader content)
    {
        _received = content;
        _isDisposed = false;
    }

    /// <summary>Writes a capability. Null makes the pointer null. Call under the gate.</summary>
    public void Write(CapnpPointerBuilder pointer, Capability? capability)
    {
        if (capability is null)
        {
            pointer.Clear();
            return;
        }

        capability.AddReference();
        pointer.WriteCapabilityIndex(Add(capability));
    }

    /// <summary>Makes the received message available again. Only if nobody has a reader of it any more.</summary>
    public void RecycleIncoming() => _incoming?.Recycle();

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
    /// <param name="exports">Where the capabilities of this side are exported.</param>
    /// <param name="exported">Receives the numbers of the exports.</param>
    public void WriteTable(Exports exports, List<uint> exported)
    {
        if (Capabilities.Count == 0)
        {
            return;
        }

        CapnpListBuilder table = _built.Pointer(1).InitStructList(RpcFormat.Descriptor, Capabilities.Count);
        for (int i = 0; i < Capabilities.Count; i++)
        {
            exports.Describe(table.Struct(i), Capabilities[i], exported);
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
