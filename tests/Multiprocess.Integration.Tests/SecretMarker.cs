using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Multiprocess.Integration.Tests;

/// <summary>
/// A marker that is never in memory as it is, and a look at whether any writable memory of a process has it.
/// </summary>
/// <remarks>What looks has the marker masked, so that it does not find itself.</remarks>
internal sealed class SecretMarker
{
    private const string Prefix = "mp-marker-";
    private const int RandomLength = 24;
    private const byte Mask = 0x5a;
    private const int ChunkBytes = 1024 * 1024;

    private readonly byte[] _masked =
        [
            .. Enumerable.Range(0, RandomLength).Select(
                _ => (byte)(RandomNumberGenerator.GetInt32('a', 'z' + 1) ^ Mask)),
        ];

    public static int Length => Prefix.Length + RandomLength;

    /// <summary>Writes the marker out.</summary>
    public void Reveal(Span<char> text)
    {
        Prefix.CopyTo(text);
        for (int i = 0; i < RandomLength; i++)
        {
            text[Prefix.Length + i] = (char)(_masked[i] ^ Mask);
        }
    }

    /// <summary>Where in the writable memory of a process the marker stands, as UTF-8 or as UTF-16.</summary>
    public List<string> Find(int processId, Encoding encoding)
    {
        List<string> found = [];
        byte[] prefix = encoding.GetBytes(Prefix);
        int width = prefix.Length / Prefix.Length;
        int whole = Length * width;
        byte[] chunk = GC.AllocateArray<byte>(ChunkBytes, pinned: true);
        using FileStream memory = new(
            $"/proc/{processId}/mem", new FileStreamOptions { BufferSize = 0, Share = FileShare.ReadWrite });
        foreach (string line in File.ReadLines($"/proc/{processId}/maps").ToArray())
        {
            string[] fields = line.Split(' ', 6, StringSplitOptions.RemoveEmptyEntries);
            if (!fields[1].StartsWith("rw", StringComparison.Ordinal) || fields is [.., "[vvar]"])
            {
                continue;
            }

            string[] ends = fields[0].Split('-');
            long end = long.Parse(ends[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            for (long at = long.Parse(
                ends[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture); at < end; at += ChunkBytes - whole)
            {
                int length = Read(memory, at, chunk.AsSpan(0, (int)Math.Min(ChunkBytes, end - at)));
                Search(chunk.AsSpan(0, length), prefix, width, position => found.Add($"{line} at {at + position:x}"));
                chunk.AsSpan().Clear();
            }
        }

        return found;
    }

    private static int Read(FileStream memory, long at, Span<byte> chunk)
    {
        int length = 0;
        try
        {
            memory.Position = at;
            while (length < chunk.Length && memory.Read(chunk[length..]) is var read and > 0)
            {
                length += read;
            }
        }
        catch (Exception failure) when (failure is IOException or ArgumentOutOfRangeException)
        {
            // A guard page, or a mapping that has gone meanwhile.
        }

        return length;
    }

    private void Search(ReadOnlySpan<byte> chunk, ReadOnlySpan<byte> prefix, int width, Action<int> found)
    {
        for (int start = 0; chunk[start..].IndexOf(prefix) is var next and >= 0; start += next + 1)
        {
            ReadOnlySpan<byte> rest = chunk[(start + next + prefix.Length)..];
            int same = 0;
            while (same < RandomLength
                && same * width < rest.Length
                && (byte)(rest[same * width] ^ Mask) == _masked[same])
            {
                same++;
            }

            if (same == RandomLength)
            {
                found(start + next);
            }
        }
    }
}
