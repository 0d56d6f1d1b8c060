namespace Multiprocess.Tool.Contracts;

/// <summary>A type as a description spells it, parsed. Immutable.</summary>
/// <param name="Name">The full name, without type arguments, ranks and marks.</param>
/// <param name="Arguments">The type arguments; for an array, the element.</param>
/// <param name="Rank">The number of dimensions of an array; 0 for other types.</param>
/// <param name="IsNullable">Whether nil is allowed.</param>
internal sealed record TypeName(string Name, IReadOnlyList<TypeName> Arguments, int Rank, bool IsNullable)
{
    // Reading is recursive, and descriptions come from peers.
    private const int MaxDepth = 100;

    public static TypeName Void { get; } = Parse("System.Void");

    /// <summary>Reads a type.</summary>
    /// <exception cref="FormatException">The text is not a type.</exception>
    public static TypeName Parse(string text)
    {
        int at = 0;
        TypeName type = Parse(text, ref at, 0);
        return at == text.Length ? type : throw Unexpected(text, at);
    }

    /// <summary>The name in a description: with type arguments, without marks of null.</summary>
    public string Key => Rank > 0 ? $"{Arguments[0].Key}[{new string(',', Rank - 1)}]"
        : Arguments.Count == 0 ? Name
        : $"{Name}<{string.Join(", ", Arguments.Select(argument => argument.Key))}>";

    public override string ToString() => (Rank > 0 ? $"{Arguments[0]}[{new string(',', Rank - 1)}]"
        : Arguments.Count == 0 ? Name
        : $"{Name}<{string.Join(", ", Arguments)}>") + (IsNullable ? "?" : "");

    private static TypeName Parse(string text, ref int at, int depth)
    {
        if (depth > MaxDepth)
        {
            throw new FormatException($"A type nests deeper than {MaxDepth} levels.");
        }

        int start = at;
        while (at < text.Length && text[at] is not ('<' or '>' or ',' or '[' or ']' or '?' or ' '))
        {
            at++;
        }

        if (at == start)
        {
            throw Unexpected(text, at);
        }

        string name = text[start..at];
        List<TypeName> arguments = [];
        if (at < text.Length && text[at] == '<')
        {
            do
            {
                at++;
                while (at < text.Length && text[at] == ' ')
                {
                    at++;
                }

                arguments.Add(Parse(text, ref at, depth + 1));
            }
            while (at < text.Length && text[at] == ',');

            if (at >= text.Length || text[at] != '>')
            {
                throw Unexpected(text, at);
            }

            at++;
            if (at < text.Length && text[at] == '.')
            {
                // A type that is nested in a generic type is known by its whole name.
                int rest = at;
                while (at < text.Length && text[at] is not ('<' or '>' or ',' or '[' or ']' or '?' or ' '))
                {
                    at++;
                }

                name = $"{name}<{string.Join(", ", arguments.Select(argument => argument.Key))}>{text[rest..at]}";
                arguments = [];
            }
        }

        return Suffixes(new TypeName(name, arguments, 0, false), text, ref at);
    }

    private static TypeName Suffixes(TypeName type, string text, ref int at)
    {
        while (at < text.Length && text[at] is ('?' or '['))
        {
            if (text[at] == '?')
            {
                at++;
                type = type with { IsNullable = true };
                continue;
            }

            int end = text.IndexOf(']', at);
            if (end < 0 || text.AsSpan(at + 1, end - at - 1).ContainsAnyExcept(','))
            {
                throw Unexpected(text, at);
            }

            type = new TypeName("", [type], end - at, false);
            at = end + 1;
        }

        return type;
    }

    private static FormatException Unexpected(string text, int at)
        => new($"'{IpcText.Escape(text, 200)}' is not a type: unexpected character at {at}.");
}
