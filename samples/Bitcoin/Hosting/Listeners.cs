using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Bitcoin.Interfaces;

namespace Bitcoin.Hosting;

/// <summary>
/// Those who want to be told something, each in order and on a thread of its own: one that is stuck, or whose process
/// is gone, holds up nobody. Any thread may call.
/// </summary>
public sealed class Listeners<T>
{
    private ImmutableList<Listener> _all = [];

    /// <summary>
    /// Adds one, until the handler is disconnected or disposed: from then on nothing begins to be told.
    /// </summary>
    public IHandler Add(Action<T> listener)
    {
        Listener added = new(this, listener);
        ImmutableInterlocked.Update(ref _all, static (list, added) => list.Add(added), added);
        return added;
    }

    /// <summary>Tells all, without waiting for any.</summary>
    public void Tell(T value) => _all.ForEach(listener => listener.Tell(value));

    private sealed class Listener(Listeners<T> listeners, Action<T> listener) : IHandler
    {
        /// <summary>One this far behind misses the oldest.</summary>
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
                // The system has no thread left. Told with the next thing.
                lock (_waiting)
                {
                    _isTelling = false;
                }
            }
        }

        [SuppressMessage("Design", "CA1031", Justification = "Whatever a listener throws concerns that listener only; it may be gone, and its handler goes with its connection.")]
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
                    // It is told the next thing all the same.
                }
            }
        }
    }
}
