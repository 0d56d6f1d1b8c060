using System.Buffers;
using System.IO.Pipelines;
using Multiprocess.CapnProto.Framing;
using Multiprocess.CapnProto.Rpc.Wire;

namespace Multiprocess.CapnProto.Rpc.Connections;

/// <summary>Writes messages to a pipe, or the stream under it, and reads messages from it.</summary>
/// <remarks>
/// Posted messages are written in order, by at most one work item of the thread pool at a time; all waiting messages go
/// out with one flush. Received messages are passed on one by one, on the thread pool: an application's stream may run
/// any code, or block.
/// </remarks>
internal sealed class PipePump(IDuplexPipe pipe, Stream? stream, CapnpConnectionOptions options)
    : MessagePump(options), IThreadPoolWorkItem
{
    public override async Task ReadAsync(Action<IncomingMessage> handle)
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

    public override void StopReading() => pipe.Input.CancelPendingRead();

    public override async ValueTask ReleaseAsync()
    {
        await pipe.Input.CompleteAsync().ConfigureAwait(false);
        if (stream is not null)
        {
            await stream.DisposeAsync().ConfigureAwait(false);
        }
    }

    void IThreadPoolWorkItem.Execute() => _ = WriteAsync();

    protected override void BeginWriting() => ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);

    protected override void CancelWriting()
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

    private async Task WriteAsync()
    {
        Exception? failure = null;
        bool isComplete;
        while (TakeWaiting(out isComplete) is { } batch)
        {
            long bytes = 0;
            while (batch.TryDequeue(out OutgoingMessage? message))
            {
                bytes += message.Bytes;
                failure ??= Write(message);
                message.Release();
            }

            failure ??= await FlushAsync().ConfigureAwait(false);
            Written(bytes, batch);
            if (failure is not null)
            {
                Lost(failure);
            }
        }

        if (!isComplete)
        {
            return;
        }

        try
        {
            await pipe.Output.CompleteAsync().ConfigureAwait(false);
        }
        catch
        {
            // Whatever the application's stream throws: the connection has ended, and the exception cannot be reported.
        }

        AllWritten();
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
        message = new IncomingMessage(frame, table.FrameBytes, Options.Message);
        return true;
    }

    private bool TryReadTable(ReadOnlySequence<byte> buffer, out SegmentTable table)
    {
        ReadOnlySpan<byte> first = buffer.FirstSpan;
        if (buffer.IsSingleSegment || SegmentTable.TryRead(first, Options.Message, out table))
        {
            return SegmentTable.TryRead(first, Options.Message, out table);
        }

        // The table spans two pieces of the buffer. This is rare, and a table is small.
        int most = SegmentTable.HeaderBytesFor(Options.Message.MaxSegments);
        byte[] copy = buffer.Slice(0, Math.Min(buffer.Length, most)).ToArray();
        return SegmentTable.TryRead(copy, Options.Message, out table);
    }
}
