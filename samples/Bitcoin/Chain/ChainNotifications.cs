using System.Collections.Immutable;

namespace Bitcoin.Chain;

/// <summary>The queue between a change of the chain and those who want to know of it.</summary>
/// <remarks>
/// Changes are queued under the chain's lock, which fixes their order, and delivered after it is released by whichever
/// thread finds nobody delivering. A change made from inside a notification is delivered when that notification is done.
/// </remarks>
internal sealed class ChainNotifications(Lock gate)
{
    private readonly Lock _gate = gate;

    // Both under the gate.
    private readonly Queue<(ImmutableArray<ChainSubscription> To, Action<IChainSubscriber> What)> _queue = new();
    private bool _delivering;

    // Replaced under the gate: what is queued goes to those who had subscribed when it happened.
    private ImmutableArray<ChainSubscription> _subscriptions = [];

    /// <summary>To be called under the gate.</summary>
    internal ChainSubscription Add(IChainSubscriber subscriber, ChainBlock tip)
    {
        ChainSubscription subscription = new(this, subscriber, tip);
        _subscriptions = _subscriptions.Add(subscription);
        return subscription;
    }

    /// <summary>To be called under the gate.</summary>
    internal void Enqueue(Action<IChainSubscriber> what)
    {
        if (!_subscriptions.IsEmpty)
        {
            _queue.Enqueue((_subscriptions, what));
        }
    }

    internal void Remove(ChainSubscription subscription)
    {
        lock (_gate)
        {
            _subscriptions = _subscriptions.Remove(subscription);
        }
    }

    /// <summary>To be called outside the gate.</summary>
    internal void Deliver()
    {
        while (TryTake(out ImmutableArray<ChainSubscription> to, out Action<IChainSubscriber>? what))
        {
            foreach (ChainSubscription subscription in to)
            {
                subscription.Notify(what!);
            }

            lock (_gate)
            {
                _delivering = false;
            }
        }
    }

    private bool TryTake(out ImmutableArray<ChainSubscription> to, out Action<IChainSubscriber>? what)
    {
        lock (_gate)
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
