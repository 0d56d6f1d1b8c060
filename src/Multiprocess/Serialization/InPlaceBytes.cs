namespace Multiprocess.Serialization;

/// <summary>A large blob at the very end of a message, which is sent from where the caller has it.</summary>
/// <remarks>
/// Stands beside the package's writer, which could only copy. Lives on the stack of the thread that writes the message;
/// the caller leaves the bytes unchanged until the message was sent. Whatever is written behind them has
/// <see cref="Settle"/> called first, which copies them after all.
/// </remarks>
internal ref struct InPlaceBytes
{
    // Below this a copy costs less than a second piece in the system call.
    private const int MinBytes = 16 * 1024;

    private ReadOnlySpan<byte> _bytes;

    /// <summary>Writes bytes, or only their header and keeps them.</summary>
    /// <exception cref="IpcException">The frame would exceed its limit.</exception>
    public void Write(scoped ref MessagePackWriter writer, PooledBufferWriter output, ReadOnlySpan<byte> bytes)
    {
        Settle(ref writer);
        if (bytes.Length < MinBytes)
        {
            writer.WriteBinary(bytes);
            return;
        }

        writer.WriteBinHeader(bytes.Length);
        writer.Flush();
        output.Allow(bytes.Length);
        _bytes = bytes;
    }

    /// <summary>Puts the bytes into the buffer, because something comes after them.</summary>
    public void Settle(scoped ref MessagePackWriter writer)
    {
        if (!_bytes.IsEmpty)
        {
            writer.WriteWhole(_bytes);
            _bytes = default;
        }
    }

    /// <summary>Ends the message: all that was written is in the buffer, but for the bytes that are returned.</summary>
    public ReadOnlySpan<byte> Take(scoped ref MessagePackWriter writer)
    {
        writer.Flush();
        ReadOnlySpan<byte> bytes = _bytes;
        _bytes = default;
        return bytes;
    }
}
