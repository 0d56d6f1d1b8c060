namespace Multiprocess.Streaming;

/// <summary>
/// One direction of a remote pipe, as the stream that the framework's pipe reader and writer are made over.
/// </summary>
internal sealed class PipeEnd(BytePipeProxy pipe, uint completeId) : Stream
{
    private int _isCompleted;

    /// <summary>Whether the other side reads no more of what is written.</summary>
    public bool IsReaderGone { get; private set; }

    /// <summary>
    /// What this end is completed with. The framework's reader and writer over a stream keep it to themselves.
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
    /// Only reached when a writer is completed with bytes that were never flushed; it waits for them on the pool.
    /// </summary>
    public override void Write(byte[] buffer, int offset, int count)
        => WriteAsync(buffer.AsMemory(offset, count)).AsTask().GetAwaiter().GetResult();

    public override void Flush()
    {
        // Each piece is flushed by the side that has the pipe.
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
