namespace Bitcoin.Chain;

/// <summary>Reads a stream that stays open when the reader is closed.</summary>
internal sealed class UnownedStream(Stream inner) : Stream
{
    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException("Only to be read in order.");

    public override long Position
    {
        get => throw new NotSupportedException("Only to be read in order.");
        set => throw new NotSupportedException("Only to be read in order.");
    }

    public override int Read(byte[] buffer, int offset, int count) => inner.Read(buffer, offset, count);

    public override int Read(Span<byte> buffer) => inner.Read(buffer);

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException("Only to be read in order.");

    public override void SetLength(long value) => throw new NotSupportedException("Only to be read.");

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("Only to be read.");
}
