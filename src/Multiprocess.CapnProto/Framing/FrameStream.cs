using System.Buffers.Binary;

namespace Multiprocess.CapnProto.Framing;

/// <summary>Reads messages from a stream, one by one.</summary>
internal static class FrameStream
{
    /// <summary>Most bytes of memory that are allocated before the bytes for them have arrived.</summary>
    private const int Ahead = 64 * 1024;

    /// <summary>Reads a message with its segment table. Null if the stream ends before its first byte.</summary>
    /// <exception cref="IpcProtocolException">A limit is exceeded, or the stream ends inside the message.</exception>
    public static async Task<byte[]?> ReadAsync(Stream stream, CapnpLimits limits, CancellationToken cancellationToken)
    {
        byte[] bytes = new byte[SegmentTable.HeaderBytesFor(1)];
        int read = await stream
            .ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
        if (read == 0)
        {
            return null;
        }

        CheckRead(bytes.Length, read);
        if (!SegmentTable.TryRead(bytes, limits, out SegmentTable table))
        {
            int headerBytes = SegmentTable.HeaderBytesFor(BinaryPrimitives.ReadInt32LittleEndian(bytes) + 1);
            Array.Resize(ref bytes, headerBytes);
            await FillAsync(stream, bytes.AsMemory(read), cancellationToken).ConfigureAwait(false);
            SegmentTable.TryRead(bytes, limits, out table);
        }

        // A peer can announce any length, so memory grows only with the bytes that arrive.
        int filled = bytes.Length;
        while (filled < table.FrameBytes)
        {
            int next = (int)Math.Min(table.FrameBytes, Math.Max(filled + (long)Ahead, filled * 2L));
            Array.Resize(ref bytes, next);
            await FillAsync(stream, bytes.AsMemory(filled), cancellationToken).ConfigureAwait(false);
            filled = next;
        }

        return bytes;
    }

    private static async Task FillAsync(Stream stream, Memory<byte> memory, CancellationToken cancellationToken)
    {
        int read = await stream
            .ReadAtLeastAsync(
                memory, memory.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
        CheckRead(memory.Length, read);
    }

    private static void CheckRead(int expected, int got)
    {
        if (got < expected)
        {
            throw new IpcProtocolException(
                $"Message: Expected {expected - got:N0} more bytes, got the end of the stream.");
        }
    }
}
