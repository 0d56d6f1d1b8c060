using System.Buffers.Binary;
using Multiprocess.Protocols;

namespace Multiprocess.Messages;

/// <summary>
/// The common parts of all messages: the length prefix and the place of the flags. PROTOCOL.md specifies the bytes.
/// </summary>
internal static class MessageFormat
{
    /// <summary>
    /// Size of the length prefix, in bytes. The length is little-endian and does not count the prefix.
    /// </summary>
    public const int LengthPrefix = 4;

    /// <summary>
    /// Offset of the flags of a Call, Return or Error from the start of the frame: after length, array header and type.
    /// </summary>
    public const int FlagsOffset = LengthPrefix + 2;

    /// <summary>Reserves the length prefix; <see cref="End"/> fills it in.</summary>
    public static void Begin(ref MessagePackWriter writer)
    {
        writer.GetSpan(LengthPrefix)[..LengthPrefix].Clear();
        writer.Advance(LengthPrefix);
    }

    /// <summary>
    /// Fills in the length of a frame that consists of <paramref name="frame"/> and <paramref name="tailBytes"/> more
    /// bytes sent after it.
    /// </summary>
    public static void End(Span<byte> frame, int tailBytes = 0)
        => BinaryPrimitives.WriteInt32LittleEndian(frame, frame.Length - LengthPrefix + tailBytes);

    /// <summary>
    /// Number of frames in <paramref name="frames"/>; the end of the last one may be stored elsewhere.
    /// </summary>
    public static int Count(ReadOnlySpan<byte> frames)
    {
        int count = 0;
        for (long at = 0;
            at + LengthPrefix <= frames.Length;
            at += LengthPrefix + (long)BinaryPrimitives.ReadUInt32LittleEndian(frames[(int)at..]))
        {
            count++;
        }

        return count;
    }

    /// <summary>Marks an already written Call, Return or Error as bringing objects of the receiver home.</summary>
    public static void MarkBringsHome(Span<byte> frame) => frame[FlagsOffset] |= (byte)MessageFlags.BringsHome;
}
