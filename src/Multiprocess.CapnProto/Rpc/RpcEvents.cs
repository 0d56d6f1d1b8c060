using System.Diagnostics.Tracing;

namespace Multiprocess.CapnProto.Rpc;

/// <summary>Events that concern no waiting caller, written for diagnostics.</summary>
[EventSource(Name = "Multiprocess.CapnProto")]
internal sealed class RpcEvents : EventSource
{
    public static RpcEvents Log { get; } = new();

    /// <summary>An object without references could not be disposed.</summary>
    [Event(1, Level = EventLevel.Warning, Message = "{0}: Disposal failed: {1}")]
    public void DisposalFailed(string type, string message) => WriteEvent(1, type, message);

    /// <summary>A callback of a method's cancellation token has thrown.</summary>
    [Event(2, Level = EventLevel.Warning, Message = "Cancellation failed: {0}")]
    public void CancellationFailed(string message) => WriteEvent(2, message);
}
