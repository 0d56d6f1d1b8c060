using Multiprocess.CapnProto.Rpc.Sockets;
using Multiprocess.CapnProto.Rpc.Wire;

namespace Multiprocess.CapnProto.Rpc.Connections;

/// <summary>Sends the messages of a connection in order, and passes on those that arrive.</summary>
internal abstract class MessagePump(CapnpConnectionOptions options)
{
    /// <summary>
    /// How many times the limit of bytes may wait: only calls of this side can be refused, not other messages.
    /// </summary>
    private const int AnswersOverLimit = 4;

    private static readonly TimeSpan s_lastWords = TimeSpan.FromSeconds(1);

    private readonly TaskCompletionSource _written = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Under the gate, like the fields below.
    private Queue<OutgoingMessage> _waiting = new();
    private Queue<OutgoingMessage> _spare = new();
    private bool _isWriting;
    private bool _isComplete;

    /// <summary>
    /// Bytes that wait for the peer to receive them, including those that are being written. Under the gate.
    /// </summary>
    public long WaitingBytes { get; private set; }

    /// <summary>Ends the connection because of an error on this side. Set once, before anything is posted.</summary>
    public Action<Exception> Lost { get; set; } = _ => { };

    /// <summary>
    /// The role of reading, which threads take that wait for an answer; null if only the pump itself reads.
    /// </summary>
    public virtual SocketReadingRole? Role => null;

    protected CapnpConnectionOptions Options => options;

    /// <summary>Takes over a message. Under the gate.</summary>
    public void Post(OutgoingMessage message)
    {
        if (_isComplete)
        {
            message.Release();
            return;
        }

        WaitingBytes += message.Bytes;
        _waiting.Enqueue(message);
        if (WaitingBytes - message.Bytes > (long)options.MaxWaitingBytes * AnswersOverLimit)
        {
            // Not on this thread, because the caller is in the middle of a change of state.
            ThreadPool.UnsafeQueueUserWorkItem(
                static pump => pump.Lost(new IpcDisconnectedException(
                    "Connection: Expected a peer that receives answers, got one that does not.")),
                this,
                preferLocal: false);
        }

        StartWriting();
    }

    /// <summary>
    /// Called when no further message follows: the output is completed after the waiting messages. Under the gate.
    /// </summary>
    public void Complete()
    {
        _isComplete = true;
        StartWriting();
    }

    /// <summary>Reads until the stream ends, the connection is lost, or a message is refused, which throws.</summary>
    /// <param name="handle">Handles a message. Takes the gate.</param>
    /// <exception cref="IpcProtocolException">The peer broke the protocol.</exception>
    /// <exception cref="IpcException">A limit is exceeded.</exception>
    /// <exception cref="IOException">The stream has failed, or ends inside of a message.</exception>
    public abstract Task ReadAsync(Action<IncomingMessage> handle);

    /// <summary>Ends reading. Any thread.</summary>
    public abstract void StopReading();

    /// <summary>
    /// Called when the connection has ended. Waits at most a second until the last messages are written.
    /// </summary>
    public async Task EndAsync()
    {
        StopReading();
        try
        {
            await _written.Task.WaitAsync(s_lastWords).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            CancelWriting();
        }
    }

    /// <summary>Releases the stream. Nothing is read or written any more.</summary>
    public abstract ValueTask ReleaseAsync();

    /// <summary>Begins to write: called under the gate, so it writes nothing itself.</summary>
    protected abstract void BeginWriting();

    protected abstract void CancelWriting();

    /// <summary>Takes all waiting messages. The writer gives the queue back once it is empty.</summary>
    /// <returns>
    /// Null if there are none: then this writer has ended, and the next message begins another one.
    /// </returns>
    protected Queue<OutgoingMessage>? TakeWaiting(out bool isComplete)
    {
        lock (Gate.Lock)
        {
            isComplete = false;
            if (_waiting.Count == 0)
            {
                _isWriting = false;
                isComplete = _isComplete;
                return null;
            }

            Queue<OutgoingMessage> batch = _waiting;
            _waiting = _spare;
            return batch;
        }
    }

    /// <summary>Called when messages were written, or dropped.</summary>
    /// <param name="bytes">Their bytes.</param>
    /// <param name="batch">The empty queue that they were in; null while it is not empty.</param>
    protected void Written(long bytes, Queue<OutgoingMessage>? batch)
    {
        lock (Gate.Lock)
        {
            _spare = batch ?? _spare;
            WaitingBytes -= bytes;
        }
    }

    /// <summary>Called when the output is complete.</summary>
    protected void AllWritten() => _written.TrySetResult();

    private void StartWriting()
    {
        if (!_isWriting)
        {
            _isWriting = true;
            BeginWriting();
        }
    }
}
