using System.Diagnostics.Tracing;

namespace Multiprocess.CapnProto.Rpc;

/// <summary>What nobody waits for and somebody may want to know.</summary>
[EventSource(Name = "Multiprocess.CapnProto")]
internal sealed class RpcEvents : EventSource
{
    public static RpcEvents Log { get; } = new();

    /// <summary>An object that nobody refers to any more could not be disposed.</summary>
    [Event(1, Level = EventLevel.Warning, Message = "{0}: Disposal failed: {1}")]
    public void DisposalFailed(string type, string message) => WriteEvent(1, type, message);

    /// <summary>A method's own reaction to the cancellation of its call has thrown.</summary>
    [Event(2, Level = EventLevel.Warning, Message = "Cancellation failed: {0}")]
    public void CancellationFailed(string message) => WriteEvent(2, message);
}
