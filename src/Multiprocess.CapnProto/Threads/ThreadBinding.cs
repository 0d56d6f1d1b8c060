using Multiprocess.CapnProto.Rpc;

namespace Multiprocess.CapnProto.Threads;

/// <summary>A thread of this process and the thread of the peer that runs its calls.</summary>
/// <param name="Thread">The thread of this process.</param>
/// <param name="Local">The reference to it, on which the peer makes callbacks.</param>
internal sealed record ThreadBinding(CallThread Thread, CapnpReference Local) : IDisposable
{
    /// <summary>
    /// The thread of the peer; null while it is not needed, or if the peer has no thread map. Guarded by the session.
    /// </summary>
    public CapnpReference? Remote { get; set; }

    public void Dispose()
    {
        Local.Dispose();
        Remote?.Dispose();
    }
}
