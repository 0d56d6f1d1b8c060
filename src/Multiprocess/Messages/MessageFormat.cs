using System.Buffers.Binary;

namespace Multiprocess.Messages;

/// <summary>What all messages have in common: the length before them, and the place of their flags. The bytes are specified in PROTOCOL.md.</summary>
internal static class MessageFormat
{
    /// <summary>Every frame begins with its length, little-endian, not counting these bytes.</summary>
    public const int LengthPrefix = 4;

    /// <summary>Where the flags of a Call, Return or Error are, counted from the start of the frame: after length, array header and type.</summary>
    public const int FlagsOffset = LengthPrefix + 2;

    /// <summary>Reserves the length; <see cref="End"/> fills it in.</summary>
    public static void Begin(ref MessagePackWriter writer)
    {
        writer.GetSpan(LengthPrefix)[..LengthPrefix].Clear();
        writer.Advance(LengthPrefix);
    }

    /// <summary>Fills in the length of a frame that takes all of <paramref name="frame"/>, and as many bytes more as are sent behind it.</summary>
    public static void End(Span<byte> frame, int tailBytes = 0)
        => BinaryPrimitives.WriteInt32LittleEndian(frame, frame.Length - LengthPrefix + tailBytes);

    /// <summary>How many frames <paramref name="frames"/> has, of whose last one the end may be elsewhere.</summary>
    public static int Count(ReadOnlySpan<byte> frames)
    {
        int count = 0;
        for (long at = 0; at + LengthPrefix <= frames.Length; at += LengthPrefix + (long)BinaryPrimitives.ReadUInt32LittleEndian(frames[(int)at..]))
        {
            count++;
        }

        return count;
    }

    /// <summary>Says in a Call, Return or Error that is written already that it brings objects of the receiver home.</summary>
    public static void MarkBringsHome(Span<byte> frame) => frame[FlagsOffset] |= (byte)MessageFlags.BringsHome;
}
