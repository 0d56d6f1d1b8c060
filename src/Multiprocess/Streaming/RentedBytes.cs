using Multiprocess.Serialization;

namespace Multiprocess.Streaming;

/// <summary>
/// Bytes on their way from a stream to the other side, in an array that goes back to its pool once they are written.
/// </summary>
internal readonly struct RentedBytes(byte[] array, int count)
{
    /// <summary>
    /// How many bytes cross at a time. A reader waits for each piece, so that it is never sent more than it asked for.
    /// </summary>
    public const int MaxCount = 64 * 1024;

    public ReadOnlyMemory<byte> Memory => array.AsMemory(0, count);

    public static byte[] Rent(int maxCount) => FramePool.Rent(Math.Clamp(maxCount, 1, MaxCount));

    /// <summary>
    /// Gives the array back, wiped: nobody says of a stream whether it is a secret, and what was just copied is cheap
    /// to wipe.
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
                $"Expected at most {RentedBytes.MaxCount:N0} bytes, found {bytes.Length:N0}.");
        }

        byte[] array = RentedBytes.Rent(bytes.Length);
        bytes.CopyTo(array);
        return new RentedBytes(array, bytes.Length);
    }
}
