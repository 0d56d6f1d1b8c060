using System.Text;

namespace Bitcoin.Node.Net.Transport;

/// <summary>The names of messages in encrypted packets: one byte for most, twelve letters for the others.</summary>
internal static class ShortNames
{
    /// <summary>The longest form of a name: a zero byte and the letters.</summary>
    internal const int MaxBytes = 1 + Letters;

    private const int Letters = 12;

    private static readonly Dictionary<string, byte> s_numbers = new(StringComparer.Ordinal)
    {
        ["addr"] = 1, ["block"] = 2, ["blocktxn"] = 3, ["cmpctblock"] = 4, ["feefilter"] = 5, ["filteradd"] = 6,
        ["filterclear"] = 7, ["filterload"] = 8, ["getblocks"] = 9, ["getblocktxn"] = 10, ["getdata"] = 11,
        ["getheaders"] = 12, ["headers"] = 13, ["inv"] = 14, ["mempool"] = 15, ["merkleblock"] = 16, ["notfound"] = 17,
        ["ping"] = 18, ["pong"] = 19, ["sendcmpct"] = 20, ["tx"] = 21, ["getcfilters"] = 22, ["cfilter"] = 23,
        ["getcfheaders"] = 24, ["cfheaders"] = 25, ["getcfcheckpt"] = 26, ["cfcheckpt"] = 27, ["addrv2"] = 28,
        ["feature"] = 37,
    };

    private static readonly Dictionary<byte, string> s_names
        = s_numbers.ToDictionary(static pair => pair.Value, static pair => pair.Key);

    /// <summary>A message with its name in front.</summary>
    internal static byte[] Write(string name, ReadOnlySpan<byte> payload)
    {
        if (s_numbers.TryGetValue(name, out byte number))
        {
            return [number, .. payload];
        }

        byte[] contents = new byte[MaxBytes + payload.Length];
        Encoding.ASCII.GetBytes(name, contents.AsSpan(1, Letters));
        payload.CopyTo(contents.AsSpan(MaxBytes));
        return contents;
    }

    /// <summary>Reads the name in front of a message.</summary>
    /// <param name="contents">The message with its name.</param>
    /// <param name="length">How many bytes the name takes.</param>
    /// <returns>The name; null if there is no valid one.</returns>
    internal static string? Read(ReadOnlySpan<byte> contents, out int length)
    {
        length = 1;
        if (contents.IsEmpty)
        {
            return null;
        }

        if (contents[0] != 0)
        {
            return s_names.GetValueOrDefault(contents[0]);
        }

        length = MaxBytes;
        if (contents.Length < MaxBytes)
        {
            return null;
        }

        ReadOnlySpan<byte> letters = contents[1..MaxBytes];
        int end = letters.IndexOf((byte)0);
        end = end < 0 ? Letters : end;
        return letters[end..].ContainsAnyExcept((byte)0)
            || letters[..end].ContainsAnyExceptInRange((byte)' ', (byte)'~')
            ? null
            : Encoding.ASCII.GetString(letters[..end]);
    }
}
