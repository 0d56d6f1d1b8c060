using System.Buffers.Binary;
using Multiprocess.CapnProto.Messages;

namespace Multiprocess.CapnProto.Framing;

/// <summary>
/// The start of a message on a stream: the number of segments minus one, the number of words of each segment, and four
/// more bytes if the table's size is not a multiple of 8. All numbers have 32 bits, lowest byte first.
/// </summary>
internal readonly record struct SegmentTable(int SegmentCount, int HeaderBytes, int BodyBytes)
{
    /// <summary>Bytes of the table and the segments.</summary>
    public int FrameBytes => HeaderBytes + BodyBytes;

    public static int HeaderBytesFor(int segmentCount) => 4 * ((segmentCount + 2) & ~1);

    /// <summary>Reads a table. False if these bytes are only a part of it.</summary>
    /// <exception cref="IpcProtocolException">
    /// A limit is exceeded. Detected as soon as the bytes that show it have arrived.
    /// </exception>
    public static bool TryRead(ReadOnlySpan<byte> bytes, CapnpLimits limits, out SegmentTable table)
    {
        table = default;
        if (bytes.Length < 4)
        {
            return false;
        }

        long count = 1L + BinaryPrimitives.ReadUInt32LittleEndian(bytes);
        if (count > limits.MaxSegments)
        {
            throw new IpcProtocolException(
                $"Message: Expected at most {limits.MaxSegments:N0} segments, got {count:N0}.");
        }

        int headerBytes = HeaderBytesFor((int)count);
        if (bytes.Length < headerBytes)
        {
            return false;
        }

        long words = 0;
        for (int i = 0; i < count; i++)
        {
            words += BinaryPrimitives.ReadUInt32LittleEndian(bytes[(4 + (4 * i))..]);
        }

        if (words > limits.MaxMessageBytes / Pointer.WordBytes)
        {
            throw new IpcProtocolException(
                $"Message: Expected at most {limits.MaxMessageBytes:N0} bytes, got {words * Pointer.WordBytes:N0}.");
        }

        table = new((int)count, headerBytes, (int)words * Pointer.WordBytes);
        return true;
    }
}
