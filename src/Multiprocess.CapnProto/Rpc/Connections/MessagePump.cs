using System.Buffers;
using System.IO.Pipelines;
using Multiprocess.CapnProto.Framing;
using Multiprocess.CapnProto.Rpc.Wire;

namespace Multiprocess.CapnProto.Rpc.Connections;

/// <summary>Writes messages to the pipe and reads messages from it.</summary>
/// <remarks>
/// Posted messages are written in order, by at most one work item of the thread pool at a time; all waiting messages go
/// out with one flush. Received messages are passed on one by one, on the thread pool.
/// </remarks>
internal sealed class MessagePump(IDuplexPipe pipe, CapnpConnectionOptions options) : IThreadPoolWorkItem
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

    /// <summary>Reads until the pipe ends, the connection is lost, or a message is refused, which throws.</summary>
    /// <exception cref="IpcProtocolException">The peer broke the protocol.</exception>
    /// <exception cref="IpcException">A limit is exceeded.</exception>
    /// <exception cref="IOException">The pipe has failed, or ends inside of a message.</exception>
    public async Task ReadAsync(Action<IncomingMessage> handle)
    {
        while (true)
        {
            ReadResult result = await pipe.Input.ReadAsync().ConfigureAwait(false);
            ReadOnlySequence<byte> buffer = result.Buffer;
            while (TryTake(ref buffer, out IncomingMessage? message))
            {
                handle(message!);
            }

            pipe.Input.AdvanceTo(buffer.Start, buffer.End);
            if (result.IsCanceled)
            {
                return;
            }

            if (result.IsCompleted)
            {
                if (!buffer.IsEmpty)
                {
                    throw new EndOfStreamException(
                        $"Connection: Expected a whole message, got {buffer.Length:N0} bytes of one.");
                }

                return;
            }
        }
    }

    /// <summary>
    /// Called when the connection has ended. Waits at most a second until the last messages are written, and then
    /// releases the pipe.
    /// </summary>
    public async Task EndAsync()
    {
        pipe.Input.CancelPendingRead();
        try
        {
            await _written.Task.WaitAsync(s_lastWords).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            CancelWriting();
        }
    }

    void IThreadPoolWorkItem.Execute() => _ = WriteAsync();

    private void CancelWriting()
    {
        try
        {
            pipe.Output.CancelPendingFlush();
        }
        catch (ObjectDisposedException)
        {
            // The output was completed in this moment.
        }
    }

    private void StartWriting()
    {
        if (!_isWriting)
        {
            _isWriting = true;
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
    }

    private async Task WriteAsync()
    {
        Exception? failure = null;
        while (true)
        {
            Queue<OutgoingMessage> batch;
            lock (Gate.Lock)
            {
                if (_waiting.Count == 0)
                {
                    _isWriting = false;
                    if (!_isComplete)
                    {
                        return;
                    }

                    break;
                }

                batch = _waiting;
                _waiting = _spare;
            }

            long bytes = 0;
            while (batch.TryDequeue(out OutgoingMessage? message))
            {
                bytes += message.Bytes;
                if (failure is null)
                {
                    failure = Write(message);
                }

                message.Release();
            }

            failure ??= await FlushAsync().ConfigureAwait(false);
            lock (Gate.Lock)
            {
                _spare = batch;
                WaitingBytes -= bytes;
            }

            if (failure is not null)
            {
                Lost(failure);
            }
        }

        try
        {
            await pipe.Output.CompleteAsync().ConfigureAwait(false);
        }
        catch
        {
            // Whatever the application's stream throws: the connection has ended, and the exception cannot be reported.
        }

        _written.TrySetResult();
    }

    private Exception? Write(OutgoingMessage message)
    {
        try
        {
            message.Builder.WriteTo(pipe.Output);
            return null;
        }
        catch (Exception exception)
        {
            return exception;
        }
    }

    private async ValueTask<Exception?> FlushAsync()
    {
        try
        {
            FlushResult result = await pipe.Output.FlushAsync().ConfigureAwait(false);
            return result.IsCompleted || result.IsCanceled
                ? new EndOfStreamException("The peer does not read any more.")
                : null;
        }
        catch (Exception exception)
        {
            return exception;
        }
    }

    private bool TryTake(ref ReadOnlySequence<byte> buffer, out IncomingMessage? message)
    {
        message = null;
        if (!TryReadTable(buffer, out SegmentTable table) || buffer.Length < table.FrameBytes)
        {
            return false;
        }

        byte[] frame = ArrayPool<byte>.Shared.Rent(table.FrameBytes);
        buffer.Slice(0, table.FrameBytes).CopyTo(frame);
        buffer = buffer.Slice(table.FrameBytes);
        message = new IncomingMessage(frame, table.FrameBytes, options.Message);
        return true;
    }

    private bool TryReadTable(ReadOnlySequence<byte> buffer, out SegmentTable table)
    {
        ReadOnlySpan<byte> first = buffer.FirstSpan;
        if (buffer.IsSingleSegment || SegmentTable.TryRead(first, options.Message, out table))
        {
            return SegmentTable.TryRead(first, options.Message, out table);
        }

        // The table spans two pieces of the buffer. This is rare, and a table is small.
        int most = SegmentTable.HeaderBytesFor(options.Message.MaxSegments);
        byte[] copy = buffer.Slice(0, Math.Min(buffer.Length, most)).ToArray();
        return SegmentTable.TryRead(copy, options.Message, out table);
    }
}
