using System.Buffers.Binary;
using System.Globalization;
using Multiprocess.CapnProto.Messages;

namespace Multiprocess.CapnProto.Tests.Support;

/// <summary>Messages that are written by hand, word by word.</summary>
internal static class Words
{
    /// <summary>
    /// Makes the bytes of words. Each is 16 digits, the lowest byte first, as the bytes are in the message; blanks
    /// between
    /// bytes are allowed, and <c>|</c> separates words.
    /// </summary>
    public static byte[] Parse(string words)
        =>
            [
                .. words.Split('|').SelectMany(
                    word => Convert.FromHexString(word.Replace(" ", "", StringComparison.Ordinal))),
            ];

    /// <summary>Makes a message of segments, with its segment table.</summary>
    public static byte[] Frame(params string[] segments)
    {
        byte[][] parsed = [.. segments.Select(segment => segment.Length == 0 ? [] : Parse(segment))];
        byte[] frame = new byte[(4 * ((parsed.Length + 2) & ~1)) + parsed.Sum(segment => segment.Length)];
        BinaryPrimitives.WriteInt32LittleEndian(frame, parsed.Length - 1);
        int at = 4 * ((parsed.Length + 2) & ~1);
        for (int i = 0; i < parsed.Length; i++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(frame.AsSpan(4 + (4 * i)), parsed[i].Length / 8);
            parsed[i].CopyTo(frame, at);
            at += parsed[i].Length;
        }

        return frame;
    }

    public static CapnpMessage Message(params string[] segments) => CapnpMessage.Read(Frame(segments));

    /// <summary>The words of what was built, without the segment table; segments are separated by <c>/</c>.</summary>
    public static string Format(CapnpMessageBuilder builder)
        => string.Join(" / ", Enumerable.Range(0, builder.Arena.Count).Select(i => Format(builder.Arena[i].Used)));

    private static string Format(ReadOnlySpan<byte> bytes)
    {
        var words = new List<string>();
        for (int at = 0; at < bytes.Length; at += 8)
        {
            words.Add(string.Join(
                ' ', bytes.Slice(at, 8).ToArray().Select(value => value.ToString("x2", CultureInfo.InvariantCulture))));
        }

        return string.Join(" | ", words);
    }
}
