using Multiprocess.CapnProto.Rpc.Connections;
using Multiprocess.CapnProto.Rpc.Wire;

namespace Multiprocess.CapnProto.Rpc.Calls;

/// <summary>A call on its way to an object of this process or of a peer.</summary>
internal sealed class OutgoingCall
{
    // Kept for the next call, if there is one.
    private CapnpCall? _run;

    public OutgoingCall(Answer answer) => Answer = answer;

    public OutgoingCall(ulong interfaceId, ushort methodId, Payload parameters, Answer answer)
        : this(answer) => Begin(interfaceId, methodId, parameters, origin: null);

    /// <summary>The interface of the method.</summary>
    public ulong InterfaceId { get; private set; }

    /// <summary>The method's ordinal in the interface.</summary>
    public ushort MethodId { get; private set; }

    /// <summary>Owned by the call: the side that runs or sends the call disposes the payload.</summary>
    public Payload Parameters { get; private set; } = null!;

    /// <summary>Completed exactly once.</summary>
    public Answer Answer { get; }

    /// <summary>The connection whose peer makes the call; null for a call of this process.</summary>
    public RpcConnection? Origin { get; private set; }

    /// <summary>Begins a call; the object is new, or used by nobody else.</summary>
    public void Begin(ulong interfaceId, ushort methodId, Payload parameters, RpcConnection? origin)
    {
        InterfaceId = interfaceId;
        MethodId = methodId;
        Parameters = parameters;
        Origin = origin;
    }

    /// <summary>The call as an object of this process receives it. Under the gate.</summary>
    public CapnpCall RunOn(Capabilities.LocalCapability target)
    {
        _run ??= new(this);
        _run.Begin(target);
        return _run;
    }

    /// <summary>Ends the call before it is run. Under the gate.</summary>
    public void Fail(Exception reason)
    {
        Parameters.Dispose();
        Answer.Fail(reason);
    }
}
