namespace Bitcoin.Chain.Storage;

/// <summary>Reads a file from its start and decodes its bytes with a repeated key.</summary>
internal sealed class ObfuscatedStream(Stream inner, byte[] key) : Stream
{
    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length => inner.Length;

    public override long Position
    {
        get => inner.Position;
        set => inner.Position = value;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        long start = inner.Position;
        int read = inner.Read(buffer);
        Apply(buffer[..read], key, start);
        return read;
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => inner.Seek(offset, origin);

    public override void SetLength(long value) => throw new NotSupportedException("Only to be read.");

    public override void Write(byte[] buffer, int offset, int count)
        => throw new NotSupportedException("Only to be read.");

    internal static void Apply(Span<byte> bytes, byte[] key, long offset)
    {
        if (Array.TrueForAll(key, static part => part == 0))
        {
            return;
        }

        int at = (int)(offset % key.Length);
        for (int i = 0; i < bytes.Length; i++)
        {
            bytes[i] ^= key[at];
            at = at + 1 == key.Length ? 0 : at + 1;
        }
    }

    protected override void Dispose(bool disposing)
    {
        inner.Dispose();
        base.Dispose(disposing);
    }
}
