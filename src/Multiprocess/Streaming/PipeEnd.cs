namespace Multiprocess.Streaming;

/// <summary>
/// One direction of a remote pipe, as the stream on which the framework's pipe reader and writer are built.
/// </summary>
internal sealed class PipeEnd(BytePipeProxy pipe, uint completeId) : Stream
{
    private int _isCompleted;

    /// <summary>True when the other side reads no more of the written bytes.</summary>
    public bool IsReaderGone { get; private set; }

    /// <summary>
    /// The exception with which this end is completed. The framework's reader and writer over a stream do not pass it
    /// on.
    /// </summary>
    public Exception? Failure { get; set; }

    public override bool CanRead => completeId == BytePipeStub.CompleteInputId;

    public override bool CanWrite => !CanRead;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        RentedBytes bytes = await pipe.ReadAsync(
            Math.Min(buffer.Length, RentedBytes.MaxCount), cancellationToken).ConfigureAwait(false);
        return RemoteStream.Take(bytes, buffer.Span);
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
        => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count)
        => throw new NotSupportedException("A pipe is read asynchronously.");

    public override async ValueTask WriteAsync(
        ReadOnlyMemory<byte> buffer,
        CancellationToken cancellationToken = default)
    {
        for (; buffer.Length > 0; buffer = buffer[Math.Min(buffer.Length, RentedBytes.MaxCount)..])
        {
            IsReaderGone |= await pipe.WriteAsync(
                buffer[..Math.Min(buffer.Length, RentedBytes.MaxCount)], cancellationToken).ConfigureAwait(false);
        }
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
        => WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <summary>
    /// Called only when a writer is completed with bytes that were never flushed. It blocks until they were written.
    /// </summary>
    public override void Write(byte[] buffer, int offset, int count)
        => WriteAsync(buffer.AsMemory(offset, count)).AsTask().GetAwaiter().GetResult();

    public override void Flush()
    {
        // The side that owns the pipe flushes each piece.
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing && Interlocked.Exchange(ref _isCompleted, 1) == 0)
        {
            pipe.CompleteEnd(completeId, Failure);
        }

        base.Dispose(disposing);
    }
}
