using System.Collections.Immutable;
using Bitcoin.Hosting;
using Bitcoin.Interfaces;
using NBitcoin;

namespace Bitcoin.Node;

/// <summary>The listeners to the chain. Thread-safe.</summary>
internal sealed class ChainListeners(NodeContext node, DebugLog log, Func<Exception, bool> isDisconnection)
{
    private ImmutableList<ListenerQueue> _listeners = [];
    private int _number;

    internal bool Any => !_listeners.IsEmpty;

    internal ListenerQueue Add(IChainNotifications notifications, bool withTransactions)
    {
        int number = Interlocked.Increment(ref _number);
        ListenerQueue listener = new(
            $"b-notify.{number}", notifications, withTransactions, node.Tree, Pooled, log, isDisconnection, Forget);
        listener.Start();
        ImmutableInterlocked.Update(ref _listeners, static (list, added) => list.Add(added), listener);
        if (listener.HasEnded)
        {
            // The listener ended before it was added to the list, so it could not remove itself.
            Forget(listener);
        }

        return listener;
    }

    /// <summary>
    /// Waits until all listeners have processed all that has happened so far; false if one of them took too long.
    /// </summary>
    internal bool WaitUntilTold(TimeSpan bound)
        => node.Tree.WaitForDelivery(bound) && _listeners.All(listener => listener.WaitUntilTold(bound));

    private Transaction[] Pooled()
    {
        lock (node.Tree.Gate)
        {
            // Those that others spend come first.
            return
            [
                .. node.Pool.Entries.OrderBy(static entry => entry.Ancestors().Count).Select(
                    static entry => entry.Transaction),
            ];
        }
    }

    private void Forget(ListenerQueue listener)
    {
        ImmutableInterlocked.Update(ref _listeners, static (list, gone) => list.Remove(gone), listener);
    }
}
