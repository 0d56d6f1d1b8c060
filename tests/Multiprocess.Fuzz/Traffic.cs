using System.Globalization;
using System.Text;

namespace Multiprocess.Fuzz;

/// <summary>Some bytes that one side sent at once: a frame with its length, or whatever an attacker sends.</summary>
/// <param name="ByClient">Who sent it.</param>
/// <param name="Bytes">What it is; null for a correct Hello, which differs between versions.</param>
internal sealed record Chunk(bool ByClient, byte[]? Bytes);

/// <summary>Traffic as text, one chunk a line: who sent it (<c>&gt;</c> the client, <c>&lt;</c> the server), then its bytes in hexadecimal.</summary>
/// <remarks>
/// <c>hello</c> in place of bytes stands for the Hello of whatever version replays it. Spaces between digits, empty lines
/// and lines that begin with <c>#</c> mean nothing. The first comment of a finding says whom it attacks.
/// </remarks>
internal static class Traffic
{
    private const string Hello = "hello";

    public static string Format(IEnumerable<Chunk> chunks, string comment)
    {
        var text = new StringBuilder();
        foreach (string line in comment.Split('\n'))
        {
            _ = text.Append(CultureInfo.InvariantCulture, $"# {line}\n");
        }

        foreach (Chunk chunk in chunks)
        {
            _ = text.Append(chunk.ByClient ? "> " : "< ").Append(chunk.Bytes is null ? Hello : Convert.ToHexStringLower(chunk.Bytes)).Append('\n');
        }

        return text.ToString();
    }

    /// <exception cref="FormatException">A line is none of the above; the message has its number.</exception>
    public static List<Chunk> Parse(string text)
    {
        List<Chunk> chunks = [];
        string[] lines = text.Split('\n');
        for (int i = 0; i < lines.Length; i++)
        {
            string line = lines[i].Trim();
            if (line.Length == 0 || line[0] == '#')
            {
                continue;
            }

            string rest = line[1..].Replace(" ", string.Empty, StringComparison.Ordinal);
            try
            {
                chunks.Add(line[0] is '>' or '<'
                    ? new Chunk(line[0] == '>', rest == Hello ? null : Convert.FromHexString(rest))
                    : throw new FormatException("it begins with neither '>' nor '<'"));
            }
            catch (FormatException failure)
            {
                throw new FormatException($"Line {i + 1} is no traffic: {failure.Message}.", failure);
            }
        }

        return chunks;
    }
}
