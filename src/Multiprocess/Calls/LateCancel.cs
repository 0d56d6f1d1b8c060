using Multiprocess.Generated;
using Multiprocess.Locks;

namespace Multiprocess.Calls;

/// <summary>
/// Watches the caller's token after a call was answered with references. The objects behind them may still use the
/// method's token. While one of the references is held, cancelling the caller's token cancels the method's token, as in
/// one process.
/// </summary>
/// <remarks>
/// Registered with the caller's token, and ended by the last of its references. It holds no proxies, so the proxies can
/// be collected while the token lives.
/// </remarks>
internal sealed class LateCancel
{
    private readonly CallChannel _channel;
    private readonly long _request;

    // Guarded by the object's own lock.
    private CancellationTokenRegistration _registration;
    private int _references;

    private LateCancel(CallChannel channel, long request, int references)
    {
        _channel = channel;
        _request = request;
        _references = references;
    }

    /// <summary>Begins to watch the token of a call whose answer brought references.</summary>
    public static void Begin(
        CallChannel channel,
        long request,
        List<IpcReference> arrived,
        CancellationToken cancellationToken)
    {
        var late = new LateCancel(channel, request, arrived.Count);
        CancellationTokenRegistration registration =
            cancellationToken.UnsafeRegister(static state => ((LateCancel)state!).Cancel(), late);
        using (Uninterruptible.Enter(late))
        {
            late._registration = registration;
        }

        foreach (IpcReference reference in arrived)
        {
            reference.Attach(late);
        }
    }

    /// <summary>Notes that one of the references has ended.</summary>
    public void ReferenceEnded()
    {
        using (Uninterruptible.Enter(this))
        {
            if (--_references == 0)
            {
                _registration.Unregister();
            }
        }
    }

    private void Cancel()
    {
        if (!_channel.IsClosed)
        {
            _channel.Control.SendCancel(thread: 0, _request);
        }
    }
}
