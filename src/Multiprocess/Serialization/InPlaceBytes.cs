using Multiprocess.Buffers;

namespace Multiprocess.Serialization;

/// <summary>A large byte array at the very end of a message, sent directly from the caller's memory.</summary>
/// <remarks>
/// Used beside the package's writer, which could only copy the bytes. Lives on the stack of the thread that writes the
/// message; the caller must not change the bytes until the message was sent. Before anything is written after the
/// bytes, <see cref="Settle"/> must be called, which copies them.
/// </remarks>
internal ref struct InPlaceBytes
{
    // Below this size a copy costs less than a second piece in the system call.
    private const int MinBytes = 16 * 1024;

    private ReadOnlySpan<byte> _bytes;

    /// <summary>
    /// Writes bytes. For a large array, writes only the header and keeps the bytes for <see cref="Take"/>.
    /// </summary>
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

    /// <summary>Copies the kept bytes into the buffer, because more data follows them.</summary>
    public void Settle(scoped ref MessagePackWriter writer)
    {
        if (!_bytes.IsEmpty)
        {
            writer.WriteWhole(_bytes);
            _bytes = default;
        }
    }

    /// <summary>Ends the message. Everything is in the buffer except the returned bytes, which follow it.</summary>
    public ReadOnlySpan<byte> Take(scoped ref MessagePackWriter writer)
    {
        writer.Flush();
        ReadOnlySpan<byte> bytes = _bytes;
        _bytes = default;
        return bytes;
    }
}
