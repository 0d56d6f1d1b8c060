using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Bitcoin.Interfaces;

namespace Bitcoin.Hosting;

/// <summary>
/// Listeners. Each is called in order on its own thread, so a listener that blocks, or whose process is gone, delays no
/// other. Thread-safe.
/// </summary>
public sealed class Listeners<T>
{
    private ImmutableList<Listener> _all = [];

    /// <summary>
    /// Adds a listener, until the handler is disconnected or disposed. No call to the listener starts afterwards.
    /// </summary>
    public IHandler Add(Action<T> listener)
    {
        Listener added = new(this, listener);
        ImmutableInterlocked.Update(ref _all, static (list, added) => list.Add(added), added);
        return added;
    }

    /// <summary>Tells all listeners, without waiting for them.</summary>
    public void Tell(T value) => _all.ForEach(listener => listener.Tell(value));

    private sealed class Listener(Listeners<T> listeners, Action<T> listener) : IHandler
    {
        /// <summary>A listener with this many waiting values loses the oldest.</summary>
        private const int MaxWaiting = 1000;

        private readonly Queue<T> _waiting = new();
        private bool _isTelling;
        private bool _hasEnded;

        public void Disconnect()
        {
            ImmutableInterlocked.Update(ref listeners._all, static (list, gone) => list.Remove(gone), this);
            lock (_waiting)
            {
                _hasEnded = true;
                _waiting.Clear();
            }
        }

        public void Dispose() => Disconnect();

        internal void Tell(T value)
        {
            lock (_waiting)
            {
                if (_hasEnded)
                {
                    return;
                }

                if (_waiting.Count == MaxWaiting)
                {
                    _waiting.Dequeue();
                }

                _waiting.Enqueue(value);
                if (_isTelling)
                {
                    return;
                }

                _isTelling = true;
            }

            try
            {
                new Thread(TellWaiting) { IsBackground = true, Name = "b-tell" }.Start();
            }
            catch (OutOfMemoryException)
            {
                // The system cannot start a thread. The value is delivered together with the next one.
                lock (_waiting)
                {
                    _isTelling = false;
                }
            }
        }

        [SuppressMessage(
            "Design",
            "CA1031",
            Justification =
                "Whatever a listener throws concerns that listener only; it may be gone, and its handler goes with its connection.")]
        private void TellWaiting()
        {
            while (true)
            {
                T? value;
                lock (_waiting)
                {
                    if (!_waiting.TryDequeue(out value))
                    {
                        _isTelling = false;
                        return;
                    }
                }

                try
                {
                    listener(value);
                }
                catch (Exception)
                {
                    // The listener gets the next value all the same.
                }
            }
        }
    }
}
