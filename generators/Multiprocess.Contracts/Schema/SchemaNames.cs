using System.Text;

namespace Multiprocess.Contracts.Tool.Schema;

/// <summary>
/// Names in Cap'n Proto's form: ASCII letters and digits, types in upper camel case, everything else in lower camel
/// case, each name once.
/// </summary>
internal sealed class SchemaNames
{
    private static readonly HashSet<string> s_words =
        [
            "annotation", "const", "embed", "enum", "extends", "false", "fixed", "group", "import", "in", "inf",
            "interface", "nan", "of", "on", "struct", "true", "union", "using", "void", "with",
        ];

    private readonly HashSet<string> _taken;

    public SchemaNames(params IEnumerable<string> reserved) => _taken = [.. reserved];

    /// <summary>The name of a type. If another type already has it, a number is appended.</summary>
    public string Type(string name) => Take(Upper(name));

    public string Member(string name)
    {
        string lower = Lower(name);
        return Take(s_words.Contains(lower) ? lower + "Value" : lower);
    }

    private static string Upper(string name)
    {
        string clean = Clean(name);
        return char.ToUpperInvariant(clean[0]) + clean[1..];
    }

    /// <summary><c>URLValue</c> becomes <c>urlValue</c>.</summary>
    private static string Lower(string name)
    {
        string clean = Clean(name);
        int capitals = clean.TakeWhile(char.IsAsciiLetterUpper).Count();
        int lowered = capitals <= 1 || capitals == clean.Length ? capitals : capitals - 1;
        return clean[..lowered].ToLowerInvariant() + clean[lowered..];
    }

    private static string Clean(string name)
    {
        var clean = new StringBuilder();
        bool isNext = false;
        foreach (char c in name)
        {
            if (char.IsAsciiLetterOrDigit(c))
            {
                clean.Append(isNext ? char.ToUpperInvariant(c) : c);
                isNext = false;
            }
            else if (char.IsLetterOrDigit(c))
            {
                clean.Append('u').Append(((int)c).ToString("x4", System.Globalization.CultureInfo.InvariantCulture));
            }
            else
            {
                isNext = clean.Length != 0;
            }
        }

        return clean.Length == 0 || char.IsAsciiDigit(clean[0]) ? "x" + clean : clean.ToString();
    }

    private string Take(string name)
    {
        string candidate = name;
        for (int number = 2; !_taken.Add(candidate); number++)
        {
            candidate = name + number;
        }

        return candidate;
    }
}
