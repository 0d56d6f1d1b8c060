using System.IO.Pipelines;

namespace Multiprocess.Streaming;

/// <summary>
/// Writes a remote pipe. Unlike a writer over any stream, it knows when the reader has completed. When the writer is
/// completed with an exception, it passes the exception to the reader.
/// </summary>
internal sealed class RemotePipeWriter(PipeEnd end) : PipeWriter
{
    private readonly PipeWriter _writer = Create(end);

    public override bool CanGetUnflushedBytes => _writer.CanGetUnflushedBytes;

    public override long UnflushedBytes => _writer.UnflushedBytes;

    public override void Advance(int bytes) => _writer.Advance(bytes);

    public override Memory<byte> GetMemory(int sizeHint = 0) => _writer.GetMemory(sizeHint);

    public override Span<byte> GetSpan(int sizeHint = 0) => _writer.GetSpan(sizeHint);

    public override void CancelPendingFlush() => _writer.CancelPendingFlush();

    public override void Complete(Exception? exception = null)
    {
        end.Failure = exception;
        _writer.Complete(exception);
    }

    public override ValueTask CompleteAsync(Exception? exception = null)
    {
        end.Failure = exception;
        return _writer.CompleteAsync(exception);
    }

    public override async ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        FlushResult result = await _writer.FlushAsync(cancellationToken).ConfigureAwait(false);
        return new FlushResult(result.IsCanceled, end.IsReaderGone);
    }
}
