namespace Multiprocess.Streaming;

/// <summary>The abilities of a stream, which cross with its reference.</summary>
[Flags]
internal enum StreamAbilities : byte
{
    None = 0,
    Read = 1,
    Write = 2,
    Seek = 4,
}

/// <summary>
/// A stream of the other side. Each piece is requested or waited for, so that no data piles up in between.
/// </summary>
internal sealed class RemoteStream(ByteStreamProxy proxy) : Stream
{
    public ByteStreamProxy Proxy => proxy;

    /// <summary>
    /// The abilities of the stream when its reference last arrived; none once the stream is disposed.
    /// </summary>
    public StreamAbilities Abilities { get; set; }

    public override bool CanRead => (Abilities & StreamAbilities.Read) != 0;

    public override bool CanWrite => (Abilities & StreamAbilities.Write) != 0;

    public override bool CanSeek => (Abilities & StreamAbilities.Seek) != 0;

    public override long Length => proxy.GetLength();

    public override long Position
    {
        get => proxy.Seek(0, SeekOrigin.Current);
        set => proxy.Seek(value, SeekOrigin.Begin);
    }

    public static StreamAbilities AbilitiesOf(Stream stream)
        => (stream.CanRead ? StreamAbilities.Read : 0) | (
            stream.CanWrite ? StreamAbilities.Write : 0) | (stream.CanSeek ? StreamAbilities.Seek : 0);

    /// <summary>Copies received bytes into the caller's buffer and returns their array.</summary>
    public static int Take(RentedBytes bytes, Span<byte> buffer)
    {
        ReadOnlySpan<byte> source = bytes.Memory.Span;
        if (source.Length > buffer.Length)
        {
            bytes.Return();
            throw new IOException($"Read: Expected at most {buffer.Length:N0} bytes, got {source.Length:N0}.");
        }

        source.CopyTo(buffer);
        bytes.Return();
        return source.Length;
    }

    public override int Read(byte[] buffer, int offset, int count)
    {
        ValidateBufferArguments(buffer, offset, count);
        return Read(buffer.AsSpan(offset, count));
    }

    public override int Read(Span<byte> buffer)
    {
        RentedBytes bytes = proxy.Read(Math.Min(buffer.Length, RentedBytes.MaxCount));
        return Take(bytes, buffer);
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
    {
        ValidateBufferArguments(buffer, offset, count);
        return ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        RentedBytes bytes = await proxy.ReadAsync(
            Math.Min(buffer.Length, RentedBytes.MaxCount), cancellationToken).ConfigureAwait(false);
        return Take(bytes, buffer.Span);
    }

    public override void Write(byte[] buffer, int offset, int count)
    {
        ValidateBufferArguments(buffer, offset, count);
        Write(buffer.AsSpan(offset, count));
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        for (; buffer.Length > RentedBytes.MaxCount; buffer = buffer[RentedBytes.MaxCount..])
        {
            proxy.Write(buffer[..RentedBytes.MaxCount]);
        }

        proxy.Write(buffer);
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
    {
        ValidateBufferArguments(buffer, offset, count);
        return WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();
    }

    public override async ValueTask WriteAsync(
        ReadOnlyMemory<byte> buffer,
        CancellationToken cancellationToken = default)
    {
        for (; buffer.Length > RentedBytes.MaxCount; buffer = buffer[RentedBytes.MaxCount..])
        {
            await proxy.WriteAsync(buffer[..RentedBytes.MaxCount], cancellationToken).ConfigureAwait(false);
        }

        await proxy.WriteAsync(buffer, cancellationToken).ConfigureAwait(false);
    }

    public override void Flush() => proxy.Flush();

    public override Task FlushAsync(CancellationToken cancellationToken) => proxy.FlushAsync(cancellationToken);

    public override long Seek(long offset, SeekOrigin origin) => proxy.Seek(offset, origin);

    public override void SetLength(long value) => proxy.SetLength(value);

    public override ValueTask DisposeAsync()
    {
        Abilities = StreamAbilities.None;
        return proxy.DisposeAsync();
    }

    protected override void Dispose(bool disposing)
    {
        Abilities = StreamAbilities.None;
        if (disposing)
        {
            proxy.Dispose();
        }

        base.Dispose(disposing);
    }
}
