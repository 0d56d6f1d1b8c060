using Multiprocess.CapnProto.Messages;
using Multiprocess.CapnProto.Rpc;
using Multiprocess.CapnProto.Rpc.Capabilities;

namespace Multiprocess.CapnProto.Threads;

/// <summary>A thread of this process that a peer may name: libmultiprocess's <c>Thread</c>.</summary>
internal sealed class LocalThread(CapnpSession session, CallThread thread, bool isOwned) : ICapnpObject, IDisposable
{
    // Under the gate.
    private Capability? _caller;
    private bool _hasEnded;

    public CapnpSession Session => session;

    public CallThread Thread => thread;

    public ValueTask CallAsync(CapnpCall call)
    {
        if (call.InterfaceId != ThreadFormat.ThreadId || call.MethodId != ThreadFormat.GetName)
        {
            throw call.Unknown();
        }

        call.Results.InitStruct(new CapnpStructSize(0, 1)).Pointer(0).WriteText(thread.Name);
        return ValueTask.CompletedTask;
    }

    /// <summary>
    /// Keeps a reference to the thread of the peer that calls this one. Without it, each call would release that
    /// thread, with a message. Under the gate.
    /// </summary>
    public void KeepCaller(Capability? caller)
    {
        if (caller is not null && caller != _caller && !_hasEnded)
        {
            caller.AddReference();
            _caller?.Release();
            _caller = caller;
        }
    }

    /// <summary>Called when the peer refers to the thread no more. A worker that was made for the peer ends.</summary>
    public void Dispose()
    {
        lock (Gate.Lock)
        {
            _hasEnded = true;
            _caller?.Release();
            _caller = null;
        }

        if (isOwned)
        {
            thread.End();
            session.Left();
        }
    }
}
