using System.Buffers;
using System.Buffers.Binary;

namespace Multiprocess.CapnProto.Framing;

/// <summary>Writes words in the packed form, which leaves out zeros.</summary>
/// <remarks>
/// Each word becomes a tag and bytes. The bits of the tag say which bytes of the word are not zero; these bytes follow.
/// After the tag 0x00, a byte gives the number of further words of zeros. After 0xff, a byte gives the number of words
/// that follow unpacked.
/// </remarks>
internal static class Packing
{
    private const int WordBytes = 8;

    /// <summary>The most words after a tag of 0x00 or 0xff that one byte can count.</summary>
    private const int MaxRun = byte.MaxValue;

    /// <summary>Packs whole words. A run does not continue past them.</summary>
    public static void Pack(ReadOnlySpan<byte> words, IBufferWriter<byte> writer)
    {
        while (!words.IsEmpty)
        {
            Span<byte> packed = writer.GetSpan(WordBytes + 1);
            byte tag = 0;
            int length = 1;
            for (int i = 0; i < WordBytes; i++)
            {
                if (words[i] != 0)
                {
                    tag |= (byte)(1 << i);
                    packed[length++] = words[i];
                }
            }

            packed[0] = tag;
            writer.Advance(length);
            words = words[WordBytes..];
            if (tag is not 0 and not byte.MaxValue)
            {
                continue;
            }

            int run = CountRun(words, tag == 0);
            ReadOnlySpan<byte> raw = words[..(run * WordBytes)];
            writer.Write([(byte)run]);
            if (tag != 0)
            {
                writer.Write(raw);
            }

            words = words[raw.Length..];
        }
    }

    // Counts words of zeros, or words that would take more space when packed: words with fewer than two zeros.
    private static int CountRun(ReadOnlySpan<byte> words, bool ofZeros)
    {
        int run = 0;
        while (run < MaxRun && words.Length >= WordBytes)
        {
            ulong word = BinaryPrimitives.ReadUInt64LittleEndian(words);
            if (ofZeros ? word != 0 : words[..WordBytes].Count((byte)0) >= 2)
            {
                break;
            }

            run++;
            words = words[WordBytes..];
        }

        return run;
    }
}
