namespace Multiprocess.Tool.Schemas;

/// <summary>A struct that the text of a layout describes. See <see cref="SchemaLayout"/> for the text.</summary>
internal sealed class LayoutTree
{
    /// <summary>The fields by their places.</summary>
    public required IReadOnlyList<LayoutField> Fields { get; init; }

    /// <summary>The field at the same place; null if there is none.</summary>
    public LayoutField? Find(LayoutField field)
        => Fields.FirstOrDefault(each => each.Place == field.Place && each.IsUnion == field.IsUnion);

    public static LayoutTree Parse(string text)
    {
        int at = text.IndexOf('{', StringComparison.Ordinal);
        return ParseFields(text, ref at);
    }

    // Begins at the bracket that opens the fields, and ends behind the one that closes them.
    private static LayoutTree ParseFields(string text, ref int at)
    {
        var fields = new List<LayoutField>();
        at++;
        while (text[at] != '}')
        {
            if (text[at] == ' ')
            {
                at++;
            }

            fields.Add(ParseField(text, ref at));
        }

        at++;
        return new() { Fields = fields };
    }

    private static LayoutField ParseField(string text, ref int at)
    {
        int start = at;
        LayoutTree? inner = null;
        int innerStart = 0;
        int innerEnd = 0;
        var cases = new Dictionary<int, LayoutTree>();
        bool isUnion = string.CompareOrdinal(text, at, "Union@", 0, 6) == 0;
        int end = start;
        while (at < text.Length && text[at] is not (' ' or '}'))
        {
            if (isUnion && text[at] == '(')
            {
                end = at;
                ParseCases(text, ref at, cases);
            }
            else if (text[at] == '{')
            {
                // The size in front of the fields does not matter: structs say their own size.
                innerStart = text.LastIndexOf('(', at) + 1;
                inner = ParseFields(text, ref at);
                innerEnd = at;
            }
            else if (string.CompareOrdinal(text, at, "(up ", 0, 4) == 0)
            {
                at = text.IndexOf(')', at) + 1;
            }
            else
            {
                at++;
            }
        }

        string whole = text[start..at];
        string head = isUnion ? text[start..end]
            : inner is null ? whole
            : text[start..innerStart] + text[innerEnd..at];
        int mark = head.IndexOfAny(['@', '^']);
        int last = head.IndexOf('=', StringComparison.Ordinal);
        return new()
        {
            Text = whole,
            Head = head,
            Name = inner is null && !isUnion ? head : head.Replace("()", "", StringComparison.Ordinal),
            Place = PlaceOf(head[..mark], head[mark], int.Parse(
                head[(mark + 1)..(last < 0 ? head.Length : last)], System.Globalization.CultureInfo.InvariantCulture)),
            IsUnion = isUnion,
            Struct = inner,
            Cases = cases,
        };
    }

    private static void ParseCases(string text, ref int at, Dictionary<int, LayoutTree> cases)
    {
        at++;
        while (text[at] != ')')
        {
            if (text[at] == ' ')
            {
                at++;
            }

            int start = at;
            at = text.IndexOf('{', at);
            int tag = int.Parse(text[start..at], System.Globalization.CultureInfo.InvariantCulture);
            cases[tag] = ParseFields(text, ref at);
        }

        at++;
    }

    private static string PlaceOf(string kind, char mark, int number)
    {
        int bits = kind switch
        {
            "Bool" => 1,
            "SByte" or "Byte" => 8,
            "Int16" or "UInt16" or "Union" => 16,
            "Int32" or "UInt32" or "Single" => 32,
            _ => 64,
        };
        return mark == '^' ? $"^{number}" : $"@{number * bits}";
    }
}

/// <summary>A field of a struct, or its union.</summary>
internal sealed class LayoutField
{
    /// <summary>The whole text.</summary>
    public required string Text { get; init; }

    /// <summary>The text without the fields of a struct or the cases of a union.</summary>
    public required string Head { get; init; }

    public required string Name { get; init; }

    /// <summary>Its bit, or its pointer.</summary>
    public required string Place { get; init; }

    public required bool IsUnion { get; init; }

    /// <summary>The struct behind a pointer, or the elements of a list.</summary>
    public LayoutTree? Struct { get; init; }

    /// <summary>The fields of each case of a union, by its tag.</summary>
    public required IReadOnlyDictionary<int, LayoutTree> Cases { get; init; }

    public override string ToString() => Text;
}
