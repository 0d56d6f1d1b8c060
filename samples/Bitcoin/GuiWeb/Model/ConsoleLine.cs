using System.Text;
using System.Text.Json;

namespace Bitcoin.GuiWeb.Model;

/// <summary>A line of the console: a method and its arguments, as words.</summary>
/// <param name="Method">The method.</param>
/// <param name="Arguments">
/// The arguments as an array. A word that is JSON other than a text becomes that value; every other word is a text.
/// </param>
internal sealed record ConsoleLine(string Method, JsonArray Arguments)
{
    private static readonly string[] s_secret =
        [
            "walletpassphrase", "walletpassphrasechange", "encryptwallet", "createwallet", "migratewallet",
            "signmessagewithprivkey", "signrawtransactionwithkey", "importdescriptors", "descriptorprocesspsbt",
        ];

    /// <exception cref="FormatException">A quote or a bracket is not closed.</exception>
    internal static ConsoleLine Parse(string line)
    {
        List<(string Text, bool IsQuoted)> words = Words(line);
        return words.Count == 0
            ? throw new FormatException("Line: Expected a method, got nothing.")
            : new ConsoleLine(
                words[0].Text,
                [
                    .. words.Skip(1).Select(
                        static word => word.IsQuoted ? JsonValue.Create(word.Text) : Value(word.Text)),
                ]);
    }

    /// <summary>The line for display and history, without the arguments of methods that take secrets.</summary>
    internal static string Shown(string line)
    {
        string method = line.Split(' ', 2)[0];
        return line.Length > method.Length && s_secret.Contains(method, StringComparer.OrdinalIgnoreCase)
            ? $"{method} (…)"
            : line;
    }

    private static JsonNode? Value(string word)
    {
        try
        {
            JsonNode? node = JsonNode.Parse(word);
            return node;
        }
        catch (JsonException)
        {
            return word[0] is '[' or '{'
                ? throw new FormatException($"Argument: Expected JSON, got {word}.")
                : JsonValue.Create(word);
        }
    }

    // A list or an object is one word up to its last bracket, with its blanks and quotes.
    private static List<(string Text, bool IsQuoted)> Words(string line)
    {
        List<(string, bool)> words = [];
        int at = 0;
        while (at < line.Length)
        {
            if (char.IsWhiteSpace(line[at]))
            {
                at++;
            }
            else if (line[at] is '[' or '{')
            {
                int end = EndOfJson(line, at);
                words.Add((line[at..end], false));
                at = end;
            }
            else
            {
                words.Add(Word(line, ref at));
            }
        }

        return words;
    }

    private static (string Text, bool IsQuoted) Word(string line, ref int at)
    {
        StringBuilder word = new();
        bool isQuoted = false;
        char quote = '\0';
        for (; at < line.Length && (quote != '\0' || !char.IsWhiteSpace(line[at])); at++)
        {
            char c = line[at];
            if (quote == '\0' && (c is '"' or '\'') && word.Length == 0)
            {
                quote = c;
                isQuoted = true;
            }
            else if (c == quote && quote != '\0')
            {
                quote = '\0';
            }
            else if (c == '\\' && quote == '"' && at + 1 < line.Length)
            {
                word.Append(line[++at]);
            }
            else
            {
                word.Append(c);
            }
        }

        return quote == '\0'
            ? (word.ToString(), isQuoted)
            : throw new FormatException($"Line: Expected a closing {quote}, got its end.");
    }

    private static int EndOfJson(string line, int at)
    {
        int depth = 0;
        bool isInText = false;
        for (int i = at; i < line.Length; i++)
        {
            char c = line[i];
            if (isInText)
            {
                i += c == '\\' ? 1 : 0;
                isInText = c != '"';
            }
            else if (c == '"')
            {
                isInText = true;
            }
            else if (c is '[' or '{')
            {
                depth++;
            }
            else if (c is ']' or '}' && --depth == 0)
            {
                return i + 1;
            }
        }

        throw new FormatException($"Line: Expected a closing {(line[at] == '[' ? ']' : '}')}, got its end.");
    }
}
