using System.Globalization;

namespace Bitcoin.Functional.Support;

/// <summary>The memory of a process, as its parent or a debugger sees it.</summary>
internal static class ProcessMemory
{
    private const int ChunkBytes = 1 << 20;

    /// <summary>The texts that are somewhere in a process's memory, in UTF-8 or UTF-16.</summary>
    internal static HashSet<string> Find(int process, IReadOnlyCollection<string> texts)
    {
        (string Text, byte[] Bytes)[] wanted =
            [
                .. texts.SelectMany(static text => new[]
                {
                    (text, System.Text.Encoding.UTF8.GetBytes(text)),
                    (text, System.Text.Encoding.Unicode.GetBytes(text)),
                }),
            ];
        int overlap = wanted.Max(static one => one.Bytes.Length) - 1;
        HashSet<string> found = [];
        byte[] chunk = new byte[overlap + ChunkBytes];
        using FileStream memory = new($"/proc/{process}/mem", FileMode.Open, FileAccess.Read, FileShare.ReadWrite, 1);
        foreach ((long start, long end) in Readable(process))
        {
            int kept = 0;
            for (long at = start; at < end;)
            {
                int count = Read(memory, at, chunk.AsSpan(kept, (int)Math.Min(ChunkBytes, end - at)));
                if (count <= 0)
                {
                    break;
                }

                ReadOnlySpan<byte> filled = chunk.AsSpan(0, kept + count);
                foreach ((string text, byte[] bytes) in wanted)
                {
                    if (filled.IndexOf(bytes) >= 0)
                    {
                        found.Add(text);
                    }
                }

                int next = Math.Min(overlap, filled.Length);
                filled[^next..].CopyTo(chunk);
                kept = next;
                at += count;
            }
        }

        return found;
    }

    private static int Read(FileStream memory, long at, Span<byte> into)
    {
        try
        {
            return RandomAccess.Read(memory.SafeFileHandle, into, at);
        }
        catch (IOException)
        {
            // The mapping is gone, or it is one that nobody can read.
            return 0;
        }
    }

    private static IEnumerable<(long Start, long End)> Readable(int process)
    {
        foreach (string line in File.ReadAllLines($"/proc/{process}/maps"))
        {
            string[] parts = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            string[] range = parts[0].Split('-');
            if (parts[1][0] == 'r' && !line.EndsWith("[vsyscall]", StringComparison.Ordinal))
            {
                yield return (
                    long.Parse(range[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture),
                    long.Parse(range[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture));
            }
        }
    }
}
