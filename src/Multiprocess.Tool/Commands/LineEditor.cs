using System.Text;

namespace Multiprocess.Tool.Commands;

/// <summary>Reads lines from a terminal, with history and completion.</summary>
/// <param name="complete">Returns the words that a word may become.</param>
internal sealed class LineEditor(Func<string, IEnumerable<string>> complete)
{
    private readonly List<string> _history = [];

    /// <summary>Reads a line. Null at the end of the input.</summary>
    public string? Read(string prompt)
    {
        var line = new StringBuilder();
        int at = 0;
        int past = _history.Count;
        Show(prompt, line, at);
        while (true)
        {
            ConsoleKeyInfo key = Console.ReadKey(intercept: true);
            switch (key)
            {
                case { Key: ConsoleKey.Enter }:
                    Console.WriteLine();
                    if (line.Length > 0 && (_history.Count == 0 || _history[^1] != line.ToString()))
                    {
                        _history.Add(line.ToString());
                    }

                    return line.ToString();
                case { Key: ConsoleKey.D, Modifiers: ConsoleModifiers.Control } when line.Length == 0:
                    Console.WriteLine();
                    return null;
                case { Key: ConsoleKey.U, Modifiers: ConsoleModifiers.Control }:
                    line.Clear();
                    at = 0;
                    break;
                case { Key: ConsoleKey.Backspace } when at > 0:
                    line.Remove(--at, 1);
                    break;
                case { Key: ConsoleKey.Delete } when at < line.Length:
                    line.Remove(at, 1);
                    break;
                case { Key: ConsoleKey.LeftArrow }:
                    at = Math.Max(0, at - 1);
                    break;
                case { Key: ConsoleKey.RightArrow }:
                    at = Math.Min(line.Length, at + 1);
                    break;
                case { Key: ConsoleKey.Home }:
                    at = 0;
                    break;
                case { Key: ConsoleKey.End }:
                    at = line.Length;
                    break;
                case { Key: ConsoleKey.UpArrow } when past > 0:
                    Replace(line, _history[--past], out at);
                    break;
                case { Key: ConsoleKey.DownArrow } when past < _history.Count:
                    past++;
                    Replace(line, past == _history.Count ? "" : _history[past], out at);
                    break;
                case { Key: ConsoleKey.Tab }:
                    at = Complete(line, at);
                    break;
                default:
                    if (!char.IsControl(key.KeyChar))
                    {
                        line.Insert(at++, key.KeyChar);
                    }

                    break;
            }

            Show(prompt, line, at);
        }
    }

    private int Complete(StringBuilder line, int at)
    {
        string before = line.ToString(0, at);
        int start = before.LastIndexOf(' ') + 1;
        string[] found = [.. complete(before[start..])];
        if (found.Length == 0)
        {
            return at;
        }

        // The longest start that all of them have in common.
        string common = found[0];
        foreach (string other in found)
        {
            int length = 0;
            while (length < Math.Min(common.Length, other.Length) && common[length] == other[length])
            {
                length++;
            }

            common = common[..length];
        }

        if (found.Length > 1 && common.Length <= at - start)
        {
            Console.WriteLine();
            Console.WriteLine(IpcText.Escape(string.Join("  ", found), 2_000));
            return at;
        }

        string completed = found.Length == 1 && !common.EndsWith('.') ? common + " " : common;
        line.Remove(start, at - start).Insert(start, completed);
        return start + completed.Length;
    }

    private static void Replace(StringBuilder line, string text, out int at)
    {
        line.Clear().Append(text);
        at = text.Length;
    }

    private static void Show(string prompt, StringBuilder line, int at)
    {
        string shown = IpcText.Escape(prompt + line, int.MaxValue);
        Console.Write($"\r\u001b[K{shown}");
        if (at < line.Length)
        {
            Console.Write($"\u001b[{line.Length - at}D");
        }
    }
}
