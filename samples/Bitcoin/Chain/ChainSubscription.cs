using System.Diagnostics.CodeAnalysis;

namespace Bitcoin.Chain;

/// <summary>
/// A subscription to the changes of a chain. Dispose ends it: no notification starts afterwards. One that is running on
/// another thread may still continue.
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

    /// <summary>The tip at the moment of subscribing. The first notification is about the next change.</summary>
    public ChainBlock Tip { get; }

    /// <summary>The exception of the subscriber, which ended the subscription; null for none.</summary>
    public Exception? Fault { get; private set; }

    /// <inheritdoc/>
    public void Dispose()
    {
        _ended = true;
        _notifications.Remove(this);
    }

    [SuppressMessage(
        "Design",
        "CA1031",
        Justification = "A subscriber may throw anything; the chain and the other subscribers must not suffer for it.")]
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
