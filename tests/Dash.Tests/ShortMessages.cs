namespace Dash.Tests;

/// <summary>The known answers of the SHA-3 competition that the tests take.</summary>
internal static class ShortMessages
{
    private static readonly string[][] s_lines = [.. Read()];

    /// <summary>A function's hashes, by the message's length in bits.</summary>
    internal static IEnumerable<(byte[] Message, string Hash)> Of(string function)
    {
        Dictionary<string, byte[]> messages = s_lines.Where(static line => line[0] == "message").ToDictionary(
            static line => line[1], static line => line.Length > 2 ? Convert.FromHexString(line[2]) : []);
        return s_lines.Where(line => line[0] == function).Select(line => (messages[line[1]], line[2]));
    }

    private static IEnumerable<string[]> Read()
    {
        using StreamReader reader = new(
            typeof(ShortMessages).Assembly.GetManifestResourceStream("short-messages.txt")!);
        while (reader.ReadLine() is { } line)
        {
            if (line is [not '#', ..])
            {
                yield return line.Split(' ');
            }
        }
    }
}
