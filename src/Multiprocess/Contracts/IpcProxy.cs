using System.ComponentModel;

namespace Multiprocess.Contracts;

/// <summary>The base of generated proxies: stands on this side for an object of the other.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class IpcProxy
{
    /// <summary>Creates the proxy for a reference that arrived.</summary>
    protected IpcProxy(IpcReference reference) => Reference = reference;

    internal IpcReference Reference { get; }

    /// <summary>The delegate that this proxy stands for, or null when it stands for an interface.</summary>
    protected internal virtual Delegate? Delegate => null;

    /// <summary>Starts a call that waits for its answer on the calling thread.</summary>
    protected OutgoingCall StartCall(uint methodId, int argumentCount, CancellationToken cancellationToken = default, int timeoutMilliseconds = 0)
        => throw new NotImplementedException();

    /// <summary>Starts a call whose answer completes a task.</summary>
    protected OutgoingCall StartAsyncCall(uint methodId, int argumentCount, CancellationToken cancellationToken = default, int timeoutMilliseconds = 0)
        => throw new NotImplementedException();

    /// <summary>Starts a call without an answer.</summary>
    protected OutgoingCall StartOneWayCall(uint methodId, int argumentCount)
        => throw new NotImplementedException();

    /// <summary>Runs the remote <c>Dispose</c> on the mapped thread, bounded in time and silent when the peer is gone, and releases the reference.</summary>
    protected void DisposeRemote(uint methodId) => throw new NotImplementedException();

    /// <summary>Runs the remote <c>DisposeAsync</c>, bounded in time and silent when the peer is gone, and releases the reference.</summary>
    protected ValueTask DisposeRemoteAsync(uint methodId) => throw new NotImplementedException();
}
