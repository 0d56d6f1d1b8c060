using System.Diagnostics.CodeAnalysis;

namespace Bitcoin.Chain;

/// <summary>
/// A subscription to the changes of a chain. Disposing it ends it: no notification begins afterwards, one in progress
/// may still be running on another thread.
/// </summary>
public sealed class ChainSubscription : IDisposable
{
    private readonly ChainNotifications _notifications;
    private readonly IChainSubscriber _subscriber;
    private volatile bool _ended;

    internal ChainSubscription(ChainNotifications notifications, IChainSubscriber subscriber, ChainBlock tip)
    {
        _notifications = notifications;
        _subscriber = subscriber;
        Tip = tip;
    }

    /// <summary>The tip at the moment of subscribing: the notifications begin exactly behind it.</summary>
    public ChainBlock Tip { get; }

    /// <summary>What the subscriber threw, which ended the subscription; null otherwise.</summary>
    public Exception? Fault { get; private set; }

    /// <inheritdoc/>
    public void Dispose()
    {
        _ended = true;
        _notifications.Remove(this);
    }

    [SuppressMessage("Design", "CA1031", Justification = "A subscriber may throw anything; the chain and the other subscribers must not suffer for it.")]
    internal void Notify(Action<IChainSubscriber> what)
    {
        if (_ended)
        {
            return;
        }

        try
        {
            what(_subscriber);
        }
        catch (Exception exception)
        {
            Fault = exception;
            Dispose();
        }
    }
}
