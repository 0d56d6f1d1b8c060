using Multiprocess.Buffers;
using Multiprocess.Serialization;

namespace Multiprocess.Streaming;

/// <summary>
/// Bytes between a stream and the other side, in an array that returns to its pool once they are written.
/// </summary>
internal readonly struct RentedBytes(byte[] array, int count)
{
    /// <summary>
    /// Most bytes that cross at a time. A reader waits for each piece, so it never receives more than it requested.
    /// </summary>
    public const int MaxCount = 64 * 1024;

    public ReadOnlyMemory<byte> Memory => array.AsMemory(0, count);

    public static byte[] Rent(int maxCount) => FramePool.Rent(Math.Clamp(maxCount, 1, MaxCount));

    /// <summary>
    /// Returns the array, wiped: a stream never tells whether its data is secret, and wiping bytes just copied is
    /// cheap.
    /// </summary>
    public void Return()
    {
        array.AsSpan(0, count).Clear();
        FramePool.Return(array);
    }
}

internal readonly struct RentedBytesCodec : IIpcCodec<RentedBytes>
{
    public static void Write(ref MessagePackWriter writer, RentedBytes value, IpcWriteContext context)
    {
        writer.WriteBinary(value.Memory.Span);
        value.Return();
    }

    public static RentedBytes Read(ref MessagePackReader reader, IpcReadContext context)
    {
        ReadOnlySpan<byte> bytes = reader.ReadStrictBinary();
        if (bytes.Length > RentedBytes.MaxCount)
        {
            throw new IpcProtocolException(
                $"Expected at most {RentedBytes.MaxCount:N0} bytes, got {bytes.Length:N0}.");
        }

        byte[] array = RentedBytes.Rent(bytes.Length);
        bytes.CopyTo(array);
        return new RentedBytes(array, bytes.Length);
    }
}
