using System.Buffers.Binary;

namespace Dash.Hashes;

/// <summary>
/// What is appended to a message, so that it fills whole blocks: a set bit, zeros, and often the length.
/// </summary>
internal static class Padding
{
    /// <summary>Writes a number of bits at the end of the last block.</summary>
    internal static readonly Action<byte[], ulong> BigEndian
        = static (padded, bits) => BinaryPrimitives.WriteUInt64BigEndian(padded.AsSpan(padded.Length - 8), bits);

    /// <summary>
    /// The message, a set bit, zeros, and an end of <paramref name="endBytes"/> bytes into which
    /// <paramref name="writeBits"/> writes the message's length in bits.
    /// </summary>
    internal static byte[] Pad(
        ReadOnlySpan<byte> message, int blockBytes, int endBytes, Action<byte[], ulong> writeBits)
    {
        byte[] padded = new byte[Whole(message.Length + 1 + endBytes, blockBytes)];
        message.CopyTo(padded);
        padded[message.Length] = 0x80;
        writeBits(padded, 8 * (ulong)message.Length);
        return padded;
    }

    /// <summary>The smallest multiple of a block's size that is not below a size.</summary>
    internal static int Whole(int size, int blockBytes) => (size + blockBytes - 1) / blockBytes * blockBytes;

    /// <summary>
    /// The number of the message's bits up to the end of the block at an offset; 0 for a block that holds only
    /// padding.
    /// </summary>
    internal static ulong BitsUpTo(int messageBytes, int at, int blockBytes)
        => at >= messageBytes ? 0 : 8 * (ulong)Math.Min(messageBytes, at + blockBytes);
}
