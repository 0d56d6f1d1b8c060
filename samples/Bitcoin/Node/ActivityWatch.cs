using Bitcoin.Hosting;
using Bitcoin.Interfaces;

namespace Bitcoin.Node;

/// <summary>Tells listeners the node's counters after they have changed. Thread-safe.</summary>
/// <remarks>
/// Some counters change thousands of times a second. So they are compared once a second, and only while somebody
/// listens.
/// </remarks>
/// <param name="read">Reads the counters. It must not wait for a busy node.</param>
internal sealed class ActivityWatch(Func<NodeActivity> read) : IDisposable
{
    private static readonly TimeSpan s_period = TimeSpan.FromSeconds(1);

    private readonly Listeners<NodeActivity> _listeners = new();
    private readonly Lock _lock = new();

    // Guarded by the lock.
    private NodeActivity? _last;
    private Timer? _timer;
    private int _count;
    private bool _isDisposed;

    /// <summary>Whether counters are compared, because somebody listens.</summary>
    internal bool IsWatching
    {
        get
        {
            lock (_lock)
            {
                return _timer is not null;
            }
        }
    }

    /// <summary>Adds a listener. It is called at once, and then after each change, at most once a second.</summary>
    internal IHandler Add(Action<NodeActivity> listener)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            Registration added = new(this, _listeners.Add(listener));
            _count++;
            _timer ??= new Timer(static watch => ((ActivityWatch)watch!).Compare(), this, s_period, s_period);

            // All listeners are told, also those that know these counters already.
            _listeners.Tell(_last = read());
            return added;
        }
    }

    /// <summary>Tells the listeners if a counter has changed since they were told.</summary>
    internal void Compare()
    {
        lock (_lock)
        {
            if (_timer is null)
            {
                return;
            }

            NodeActivity now = read();
            if (now != _last)
            {
                _listeners.Tell(_last = now);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock)
        {
            _isDisposed = true;
            _timer?.Dispose();
            _timer = null;
        }
    }

    private void Remove()
    {
        lock (_lock)
        {
            if (--_count == 0)
            {
                _timer?.Dispose();
                _timer = null;
            }
        }
    }

    private sealed class Registration(ActivityWatch watch, IHandler listener) : IHandler
    {
        private int _isGone;

        public void Disconnect()
        {
            listener.Disconnect();
            if (Interlocked.Exchange(ref _isGone, 1) == 0)
            {
                watch.Remove();
            }
        }

        public void Dispose() => Disconnect();
    }
}
