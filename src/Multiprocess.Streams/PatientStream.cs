namespace Multiprocess;

/// <summary>
/// A stream whose read may be abandoned without harm. Cancelling a read of a WebSocket would abort the socket and lose
/// the last bytes that were sent.
/// </summary>
/// <remarks>
/// Reads into its own memory. So a read continues after its caller has given up, and the next read returns its bytes.
/// Only one read and one write at a time, as a connection does.
/// </remarks>
/// <param name="stream">The stream to read and write; disposed with this stream.</param>
internal sealed class PatientStream(Stream stream) : Stream
{
    private readonly byte[] _buffer = new byte[32 * 1024];

    // Used by the reader only: the bytes that were read and not taken yet, and the read in progress.
    private int _start;
    private int _length;
    private Task<int>? _reading;

    public override bool CanRead => stream.CanRead;

    public override bool CanSeek => false;

    public override bool CanWrite => stream.CanWrite;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_length == 0)
        {
            // Kept until its bytes are taken: a reader that gave up has not taken any.
            _reading ??= stream.ReadAsync(_buffer, CancellationToken.None).AsTask();
            _length = await _reading.WaitAsync(cancellationToken).ConfigureAwait(false);
            _reading = null;
            _start = 0;
        }

        int count = Math.Min(_length, buffer.Length);
        _buffer.AsMemory(_start, count).CopyTo(buffer);
        _start += count;
        _length -= count;
        return count;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
        => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        => stream.WriteAsync(buffer, cancellationToken);

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
        => stream.WriteAsync(buffer, offset, count, cancellationToken);

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override Task FlushAsync(CancellationToken cancellationToken) => stream.FlushAsync(cancellationToken);

    public override void Flush() => stream.Flush();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            stream.Dispose();
            _ = _reading?.ContinueWith(
                static read => _ = read.Exception,
                CancellationToken.None,
                TaskContinuationOptions.OnlyOnFaulted,
                TaskScheduler.Default);
        }

        base.Dispose(disposing);
    }
}
