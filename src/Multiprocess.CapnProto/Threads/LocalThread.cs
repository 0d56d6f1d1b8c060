using Multiprocess.CapnProto.Messages;
using Multiprocess.CapnProto.Rpc;

namespace Multiprocess.CapnProto.Threads;

/// <summary>A thread of this process that a peer may name: libmultiprocess's <c>Thread</c>.</summary>
internal sealed class LocalThread(CapnpSession session, CallThread thread, bool isOwned) : ICapnpObject, IDisposable
{
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

    /// <summary>Called when the peer refers to the thread no more. A worker that was made for the peer ends.</summary>
    public void Dispose()
    {
        if (isOwned)
        {
            thread.End();
            session.Left();
        }
    }
}
