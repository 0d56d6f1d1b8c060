using Multiprocess.Calls;
using Multiprocess.Locks;
using Multiprocess.Threads;

namespace Multiprocess.Incoming;

/// <summary>
/// The asynchronous calls of the peer that have not begun: one queue for each thread of the peer. A call begins when
/// the previous call of its queue has reached its first wait.
/// </summary>
/// <remarks>All fields are guarded by the connection's gate.</remarks>
internal sealed class AsynchronousQueues(CallChannel channel)
{
    private readonly Dictionary<long, CallQueue> _queues = [];

    private CallChannel Channel => channel;

    /// <summary>Adds a call. Call under the gate; an empty queue begins to run outside the gate.</summary>
    public void Enqueue(ReceivedMessage message, RoutedWork work)
    {
        if (_queues.TryGetValue(message.Thread, out CallQueue? queue))
        {
            queue.Waiting.Enqueue(message);
            return;
        }

        queue = new CallQueue(this, message.Thread);
        queue.Waiting.Enqueue(message);
        _queues.Add(message.Thread, queue);
        work.Then(queue.RunNext);
    }

    private sealed class CallQueue(AsynchronousQueues queues, long thread)
    {
        private static readonly Action<object?> s_execute = static queue => ((CallQueue)queue!).Execute();

        private readonly CallChannel _channel = queues.Channel;

        /// <summary>Guarded by the gate.</summary>
        public Queue<ReceivedMessage> Waiting { get; } = new();

        /// <summary>Begins the oldest call on the connection's share of the call pool.</summary>
        public void RunNext() => _channel.PeerCalls.Pool.Post(s_execute, this);

        private void Execute()
        {
            if (_channel.Sender.IsHeldBack && !_channel.Sender.HasRoom(RunNext))
            {
                // As for a worker: the peer has not received earlier answers, so this call would make this side hold
                // more bytes.
                return;
            }

            ReceivedMessage? message;
            using (Uninterruptible.Enter(_channel.Threads.Gate))
            {
                message = Waiting.Dequeue();
            }

            _channel.Threads.Begun(message);

            if (_channel.IsClosed)
            {
                // The call was queued when the connection ended: it never starts.
                _channel.PeerCalls.InFlight.End(wasAnswered: false);
            }
            else
            {
                IncomingCalls.Begin(_channel, message);
            }

            using (Uninterruptible.Enter(_channel.Threads.Gate))
            {
                if (Waiting.Count == 0)
                {
                    queues._queues.Remove(thread);
                    return;
                }
            }

            RunNext();
        }
    }
}
