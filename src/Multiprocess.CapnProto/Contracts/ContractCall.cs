using Multiprocess.CapnProto.Contracts;
using Multiprocess.CapnProto.Messages;
using Multiprocess.CapnProto.Rpc;
using Multiprocess.CapnProto.Rpc.Capabilities;
using Multiprocess.CapnProto.Rpc.Connections;
using Multiprocess.CapnProto.Rpc.Sockets;
using Multiprocess.CapnProto.Rpc.Wire;
using Multiprocess.CapnProto.Threads;
using Multiprocess.Threads;

namespace Multiprocess.CapnProto.Generated;

/// <summary>
/// A call of a contract that goes to the thread that it names as soon as it is received, and that the thread answers
/// itself: no other thread is involved. Used again for later calls.
/// </summary>
internal sealed class ContractCall(CapnpCall call) : ThreadWork
{
    private readonly CapnpIncomingCall _exchange = new(call);
    private IStub _stub = null!;
    private CapnpSession _session = null!;
    private Capability? _caller;

    /// <summary>Posts the call to the thread that its context names. Under the gate.</summary>
    /// <param name="stub">The object.</param>
    /// <param name="pointer">The pointer of the context in the parameters.</param>
    /// <returns>
    /// False if the call names no thread, or one that is not known yet. The call then takes its turn in the queue of
    /// its object, as a malformed one does.
    /// </returns>
    public bool TryPost(IStub stub, uint pointer)
    {
        if (call.Origin is not { } origin)
        {
            return false;
        }

        CapnpSession session = origin.Session;
        Capability? named;
        Capability? caller;
        try
        {
            Payload parameters = call.ParametersPayload;
            CapnpStructReader context = parameters.Content.ReadStruct().Pointer(pointer).ReadStruct();
            named = Of(parameters, context.Pointer(0));
            caller = Of(parameters, context.Pointer(1));
        }
        catch (IpcException)
        {
            return false;
        }

        if (named?.Current is not LocalCapability { Target: LocalThread thread } || thread.Session != session)
        {
            return false;
        }

        thread.KeepCaller(caller);
        caller?.AddReference();
        (_stub, _session, _caller) = (stub, session, caller);
        thread.Thread.Post(session, this);
        return true;
    }

    public override void Run()
    {
        Exception? failure = null;
        try
        {
            call.ThrowIfCancelled();
            _exchange.Begin();
            CallThread thread = CallThread.Current;
            thread.BeginRun(_session, _caller);
            try
            {
                _stub.RunHere(_exchange);
            }
            finally
            {
                thread.EndRun();
            }
        }
        catch (Exception exception)
        {
            failure = exception;
        }

        Complete(failure, mayWait: true);
    }

    public override void Refuse(Exception reason) => Complete(reason, mayWait: false);

    public override TimeAway? TimeIn(SocketReadingRole role) => role.TimeOf(call.InterfaceId, call.MethodId);

    // The last act: another thread may use the object again as soon as the gate is free.
    private void Complete(Exception? failure, bool mayWait)
    {
        AfterGate.Enter();
        try
        {
            lock (Gate.Lock)
            {
                IncomingCall? incoming = call.Incoming;
                _caller?.Release();
                _caller = null;
                call.Complete(failure);
                call.TryRecycle(incoming);
            }
        }
        finally
        {
            AfterGate.Leave(mayWait);
        }
    }

    // Without a new reference: the parameters have one.
    private static Capability? Of(Payload parameters, CapnpPointerReader pointer)
        => pointer.ReadCapabilityIndex() is { } index && index < parameters.Capabilities.Count
            ? parameters.Capabilities[(int)index]
            : null;
}
