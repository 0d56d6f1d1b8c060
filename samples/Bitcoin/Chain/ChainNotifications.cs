using System.Collections.Immutable;

namespace Bitcoin.Chain;

/// <summary>
/// Notifies the subscribers, in order, of what happened under the chain's gate, after the gate was released.
/// </summary>
internal sealed class ChainNotifications(Lock gate)
{
    private readonly Lock _gate = gate;

    // Not the chain's gate: delivery must not wait for a validation.
    private readonly Lock _queueGate = new();

    // Guarded by the queue's gate.
    private readonly Queue<(ImmutableArray<ChainSubscription> To, Action<IChainSubscriber> What)> _queue = new();
    private bool _delivering;

    // Replaced under the chain's gate: a notification goes to those who had subscribed when it was queued.
    private ImmutableArray<ChainSubscription> _subscriptions = [];

    internal ChainSubscription Add(IChainSubscriber subscriber, ChainBlock tip)
    {
        ChainSubscription subscription = new(this, subscriber, tip);
        _subscriptions = _subscriptions.Add(subscription);
        return subscription;
    }

    internal void Enqueue(Action<IChainSubscriber> what)
    {
        if (!_subscriptions.IsEmpty)
        {
            lock (_queueGate)
            {
                _queue.Enqueue((_subscriptions, what));
            }
        }
    }

    /// <summary>Whether all that happened has been delivered.</summary>
    internal bool IsIdle
    {
        get
        {
            lock (_queueGate)
            {
                return _queue.Count == 0 && !_delivering;
            }
        }
    }

    internal void Remove(ChainSubscription subscription)
    {
        lock (_gate)
        {
            _subscriptions = _subscriptions.Remove(subscription);
        }
    }

    /// <summary>Delivers the queue. If another thread is delivering, that thread delivers all.</summary>
    internal void Deliver()
    {
        while (TryTake(out ImmutableArray<ChainSubscription> to, out Action<IChainSubscriber>? what))
        {
            foreach (ChainSubscription subscription in to)
            {
                subscription.Notify(what!);
            }

            lock (_queueGate)
            {
                _delivering = false;
            }
        }
    }

    private bool TryTake(out ImmutableArray<ChainSubscription> to, out Action<IChainSubscriber>? what)
    {
        lock (_queueGate)
        {
            if (_delivering || !_queue.TryDequeue(out var next))
            {
                to = [];
                what = null;
                return false;
            }

            _delivering = true;
            (to, what) = next;
            return true;
        }
    }
}
