using System.Globalization;
using System.Text;

namespace Bitcoin.Node.Net;

/// <summary>A reply of Tor's control port: the code, and what stands behind it in each line.</summary>
internal sealed record TorReply(int Code, IReadOnlyList<string> Lines)
{
    internal const int Ok = 250;
    internal const int Unrecognized = 510;
    internal const int WrongSyntax = 512;

    private const int MaxLine = 100_000;
    private const int MaxLines = 1000;
    private const int Unasked = 600;
    private const int PrefixLength = 4;

    internal bool IsOk => Code == Ok;

    /// <summary>Reads the next reply. Events that nobody asked for are skipped.</summary>
    /// <exception cref="IOException">The connection ended.</exception>
    /// <exception cref="FormatException">The reply is too large.</exception>
    internal static TorReply Read(Stream stream)
    {
        List<string> lines = [];
        while (true)
        {
            string line = ReadLine(stream);
            if (lines.Count == MaxLines)
            {
                throw new FormatException($"Control port reply exceeded {MaxLines} lines, disconnecting");
            }

            if (line.Length < PrefixLength)
            {
                continue;
            }

            lines.Add(line[PrefixLength..]);
            if (line[PrefixLength - 1] != ' ')
            {
                continue;
            }

            int code = int.TryParse(line[..3], NumberStyles.None, CultureInfo.InvariantCulture, out int number)
                ? number
                : 0;
            if (code < Unasked)
            {
                return new TorReply(code, lines);
            }

            lines = [];
        }
    }

    /// <summary>The values of a line such as <c>METHODS=NULL COOKIEFILE="…"</c>; none if it is damaged.</summary>
    /// <param name="line">The line, without the word that it begins with.</param>
    internal static Dictionary<string, string> Values(string line)
    {
        Dictionary<string, string> values = [];
        int at = 0;
        while (at < line.Length)
        {
            int end = line.AsSpan(at).IndexOfAny('=', ' ');
            if (end < 0)
            {
                return [];
            }

            if (line[at + end] == ' ')
            {
                // What follows are optional words.
                break;
            }

            string key = line[at..(at + end)];
            at += end + 1;
            if (at < line.Length && line[at] == '"')
            {
                if (Quoted(line, ref at) is not { } text)
                {
                    return [];
                }

                values[key] = text;
            }
            else
            {
                int space = line.IndexOf(' ', at);
                end = space < 0 ? line.Length : space;
                values[key] = line[at..end];
                at = end;
            }

            at += at < line.Length && line[at] == ' ' ? 1 : 0;
        }

        return values;
    }

    // A text in quotes, with the escapes of C; the position is behind the closing quote afterwards. Null if that lacks.
    private static string? Quoted(string line, ref int at)
    {
        StringBuilder text = new();
        for (at++; at < line.Length && line[at] != '"'; at++)
        {
            if (line[at] != '\\')
            {
                text.Append(line[at]);
                continue;
            }

            if (++at == line.Length)
            {
                return null;
            }

            text.Append(line[at] switch
            {
                'n' => '\n',
                't' => '\t',
                'r' => '\r',
                >= '0' and <= '7' => Octal(line, ref at),
                char other => other,
            });
        }

        if (at == line.Length)
        {
            return null;
        }

        at++;
        return text.ToString();
    }

    // Up to three digits, of which the first is not above 3. The position is that of the last one afterwards.
    private static char Octal(string line, ref int at)
    {
        int most = line[at] <= '3' ? 3 : 2;
        int value = 0;
        int end = at;
        while (end < line.Length && end - at < most && line[end] is >= '0' and <= '7')
        {
            value = (value * 8) + (line[end++] - '0');
        }

        at = end - 1;
        return (char)value;
    }

    private static string ReadLine(Stream stream)
    {
        List<byte> line = [];
        while (true)
        {
            int next = stream.ReadByte();
            if (next < 0)
            {
                throw new EndOfStreamException("End of stream");
            }

            if (next == '\n')
            {
                return Encoding.Latin1.GetString([.. line]).TrimEnd('\r');
            }

            if (line.Count == MaxLine)
            {
                throw new FormatException($"Control port line exceeded {MaxLine} bytes, disconnecting");
            }

            line.Add((byte)next);
        }
    }
}
