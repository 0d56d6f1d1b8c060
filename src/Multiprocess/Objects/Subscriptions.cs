using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using Multiprocess.Locks;
using Multiprocess.Logging;

namespace Multiprocess.Objects;

/// <summary>
/// The handlers of the peer in events of this side's objects, so that they can be removed when the connection ends.
/// </summary>
/// <remarks>
/// Thread-safe. Objects are held weakly: an unused source is collected together with its handlers. Removing a handler
/// from an event runs user code, and is done under no lock.
/// </remarks>
internal sealed class Subscriptions(ILogger logger)
{
    private readonly ConditionalWeakTable<object, List<Subscription>> _bySource = [];
    private readonly Lock _lock = new();
    private bool _closed;

    /// <summary>
    /// Records that a handler was added. After the connection has ended, the handler is removed at once.
    /// </summary>
    public void Added(object source, string name, Delegate handler, Action remove)
    {
        using (Uninterruptible.Enter(_lock))
        {
            if (!_closed)
            {
                _bySource.GetOrCreateValue(source).Add(new Subscription(name, handler, remove));
                return;
            }
        }

        Remove(name, remove);
    }

    /// <summary>Records that a handler was removed: the last equal one that was added.</summary>
    public void Removed(object source, string name, Delegate handler)
    {
        using (Uninterruptible.Enter(_lock))
        {
            if (!_closed && _bySource.TryGetValue(source, out List<Subscription>? subscriptions))
            {
                int last = subscriptions.FindLastIndex(known => known.Name == name && known.Handler.Equals(handler));
                if (last >= 0)
                {
                    subscriptions.RemoveAt(last);
                }

                if (subscriptions.Count == 0)
                {
                    _bySource.Remove(source);
                }
            }
        }
    }

    /// <summary>
    /// Called when the connection has ended. Returns an action that removes the handlers from their events; null when
    /// there are none.
    /// </summary>
    public Action? Close()
    {
        using (Uninterruptible.Enter(_lock))
        {
            _closed = true;
            List<Subscription> left = [];
            foreach ((_, List<Subscription> subscriptions) in _bySource)
            {
                left.AddRange(subscriptions);
            }

            _bySource.Clear();
            return left.Count == 0 ? null : () => left.ForEach(each => Remove(each.Name, each.Remove));
        }
    }

    private void Remove(string name, Action remove)
    {
        try
        {
            remove();
        }
        catch (Exception exception)
        {
            IpcLog.CallbackFailed(logger, $"Removing a handler from {name}", exception);
        }
    }

    private sealed record Subscription(string Name, Delegate Handler, Action Remove);
}
