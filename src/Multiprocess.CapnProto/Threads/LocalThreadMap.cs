using Multiprocess.CapnProto.Messages;
using Multiprocess.CapnProto.Rpc;

namespace Multiprocess.CapnProto.Threads;

/// <summary>Makes threads of this process for the peer: libmultiprocess's <c>ThreadMap</c>.</summary>
internal sealed class LocalThreadMap(CapnpSession session) : ICapnpObject
{
    // Names are for logs.
    private const int MaxNameLength = 128;

    public ValueTask CallAsync(CapnpCall call)
    {
        switch (call.InterfaceId, call.MethodId)
        {
            case (ThreadFormat.ThreadMapId, ThreadFormat.MakeThread):
                string name = call.Parameters.ReadStruct().Pointer(0).ReadText() ?? "";
                using (CapnpReference made = session.MakeWorker(name.Length > MaxNameLength
                    ? name[..MaxNameLength]
                    : name))
                {
                    call.Write(call.Results.InitStruct(new CapnpStructSize(0, 1)).Pointer(0), made);
                }

                return ValueTask.CompletedTask;
            case (ThreadFormat.ThreadMapId, ThreadFormat.MakePool):
                session.MakePool(call.Parameters.ReadStruct().ReadUInt32(0));
                call.Results.InitStruct(default);
                return ValueTask.CompletedTask;
            default:
                throw call.Unknown();
        }
    }
}
