using System.ComponentModel;
using Multiprocess.Calls;
using Multiprocess.Messages;

namespace Multiprocess.Contracts;

/// <summary>The base of generated proxies: stands on this side for an object of the other.</summary>
/// <remarks>Thread-safe. A proxy that is no longer used releases its reference when it is collected.</remarks>
[EditorBrowsable(EditorBrowsableState.Never)]
public abstract class IpcProxy
{
    /// <summary>Creates the proxy for a reference that arrived.</summary>
    protected IpcProxy(IpcReference reference) => Reference = reference;

    /// <summary>Releases the reference in the background; never waits.</summary>
    ~IpcProxy()
    {
        // The constructor of a derived class may have thrown.
        if (Reference is { } reference && reference.BeginRelease())
        {
            reference.Channel.ReleaseInBackground(reference);
        }
    }

    internal IpcReference Reference { get; }

    /// <summary>The delegate that this proxy stands for, or null when it stands for an interface.</summary>
    protected virtual Delegate? Delegate => null;

    /// <summary>What user code holds: the delegate, or this proxy itself.</summary>
    internal object Face => Delegate ?? (object)this;

    /// <summary>Starts a call that waits for its answer on the calling thread.</summary>
    protected OutgoingCall StartCall(uint methodId, int argumentCount, CancellationToken cancellationToken = default, int timeoutMilliseconds = 0)
        => new(Live(), methodId, argumentCount, MessageFlags.None, cancellationToken, timeoutMilliseconds);

    /// <summary>Starts a call whose answer completes a task.</summary>
    protected OutgoingCall StartAsyncCall(uint methodId, int argumentCount, CancellationToken cancellationToken = default, int timeoutMilliseconds = 0)
        => new(Live(), methodId, argumentCount, MessageFlags.Asynchronous, cancellationToken, timeoutMilliseconds);

    /// <summary>Starts a call without an answer.</summary>
    protected OutgoingCall StartOneWayCall(uint methodId, int argumentCount)
        => new(Live(), methodId, argumentCount, MessageFlags.OneWay, CancellationToken.None, timeoutMilliseconds: 0);

    /// <summary>Runs the remote <c>Dispose</c> on the mapped thread, bounded in time and silent when the peer is gone, and releases the reference.</summary>
    /// <remarks>What the remote <c>Dispose</c> throws is thrown here, as in one process.</remarks>
    protected void DisposeRemote(uint methodId)
    {
        if (!Reference.BeginRelease())
        {
            return;
        }

        GC.SuppressFinalize(this);
        CallChannel channel = Reference.Channel;
        try
        {
            if (!channel.IsClosed)
            {
                var call = new OutgoingCall(this, methodId, argumentCount: 0, MessageFlags.Disposes, CancellationToken.None, channel.DisposeTimeoutMilliseconds);
                try
                {
                    call.Send();
                }
                finally
                {
                    call.Dispose();
                }
            }
        }
        catch (IpcException exception) when (exception is IpcDisconnectedException or IpcTimeoutException)
        {
            Logging.IpcLog.DisposeFailed(channel.Logger, Reference.Contract.Name, Reference.Handle, exception.Message);
        }
        finally
        {
            channel.Release(Reference);
        }
    }

    /// <summary>Runs the remote <c>DisposeAsync</c>, bounded in time and silent when the peer is gone, and releases the reference.</summary>
    protected async ValueTask DisposeRemoteAsync(uint methodId)
    {
        if (!Reference.BeginRelease())
        {
            return;
        }

        GC.SuppressFinalize(this);
        CallChannel channel = Reference.Channel;
        try
        {
            if (!channel.IsClosed)
            {
                await SendDisposeAsync(methodId, channel.DisposeTimeoutMilliseconds).ConfigureAwait(false);
            }
        }
        catch (IpcException exception) when (exception is IpcDisconnectedException or IpcTimeoutException)
        {
            Logging.IpcLog.DisposeFailed(channel.Logger, Reference.Contract.Name, Reference.Handle, exception.Message);
        }
        finally
        {
            channel.Release(Reference);
        }
    }

    private IpcProxy Live()
        => Reference.IsReleased ? throw new ObjectDisposedException(Reference.Contract.Name, "The proxy was disposed.") : this;

    private Task SendDisposeAsync(uint methodId, int timeoutMilliseconds)
    {
        var call = new OutgoingCall(this, methodId, argumentCount: 0, MessageFlags.Asynchronous | MessageFlags.Disposes, CancellationToken.None, timeoutMilliseconds);
        try
        {
            return call.SendAsync();
        }
        finally
        {
            call.Dispose();
        }
    }
}
