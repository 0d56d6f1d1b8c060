using System.IO.Pipelines;

namespace Multiprocess.Streaming;

/// <summary>
/// Reads a remote pipe. Unlike a reader over any stream, it tells the writer the exception with which it is completed.
/// </summary>
internal sealed class RemotePipeReader(PipeEnd end) : PipeReader
{
    private readonly PipeReader _reader = Create(end);

    public override bool TryRead(out ReadResult result) => _reader.TryRead(out result);

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
        => _reader.ReadAsync(cancellationToken);

    public override void AdvanceTo(SequencePosition consumed) => _reader.AdvanceTo(consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
        => _reader.AdvanceTo(consumed, examined);

    public override void CancelPendingRead() => _reader.CancelPendingRead();

    public override void Complete(Exception? exception = null)
    {
        end.Failure = exception;
        _reader.Complete(exception);
    }

    protected override ValueTask<ReadResult> ReadAtLeastAsyncCore(int minimumSize, CancellationToken cancellationToken)
        => _reader.ReadAtLeastAsync(minimumSize, cancellationToken);
}
