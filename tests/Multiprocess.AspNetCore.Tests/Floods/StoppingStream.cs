namespace Multiprocess.AspNetCore.Tests.Floods;

/// <summary>The stream of a peer that at some time receives nothing more. Asynchronous members only.</summary>
internal sealed class StoppingStream(Stream inner) : Stream
{
    private readonly CancellationTokenSource _closed = new();
    private volatile bool _isStopped;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Nothing is received from now on.</summary>
    public void Stop() => _isStopped = true;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        int read = _isStopped ? 0 : await inner.ReadAsync(buffer, cancellationToken);
        if (_isStopped)
        {
            await Task.Delay(Timeout.Infinite, _closed.Token);
        }

        return read;
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        => inner.WriteAsync(buffer, cancellationToken);

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Flush() => inner.Flush();

    public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _closed.Cancel();
            inner.Dispose();
        }

        base.Dispose(disposing);
    }
}
