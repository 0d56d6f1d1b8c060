using System.Globalization;

namespace Multiprocess.Tool.Contracts;

/// <summary>The contracts and types that a server describes, by name. Immutable.</summary>
internal sealed class ContractBook
{
    /// <summary>The protocol's own contracts, which no server describes.</summary>
    private const string OfTheProtocol = """
        interface System.IDisposable
         C462424C disposes Dispose():System.Void
        interface System.IAsyncDisposable
         5C019754 disposes DisposeAsync():System.Threading.Tasks.ValueTask
        """;

    private readonly Dictionary<string, Contract> _contracts = [];
    private readonly Dictionary<string, Shape> _shapes = [];

    /// <summary>The lines about optional parameters and members, by contract or type.</summary>
    private readonly Dictionary<string, List<string>> _defaults = [];

    /// <summary>Reads a description; PROTOCOL.md has its form.</summary>
    /// <exception cref="FormatException">The text is not a description.</exception>
    public ContractBook(string description)
    {
        Add(description);
        AddDefaults();
        string[] own = [.. _contracts.Keys];
        Add(OfTheProtocol);
        Described = [.. own.Select(name => _contracts[name])];
    }

    /// <summary>The contracts of the description; the root's contract is the first.</summary>
    public IReadOnlyList<Contract> Described { get; }

    /// <summary>The types of the description.</summary>
    public IEnumerable<Shape> Shapes => _shapes.Values;

    /// <summary>The contract of a type; null if the type crosses by value or is not described.</summary>
    public Contract? FindContract(TypeName type) => _contracts.GetValueOrDefault(type.Key);

    /// <inheritdoc cref="FindContract(TypeName)"/>
    public Contract? FindContract(string name) => _contracts.GetValueOrDefault(Key(name));

    /// <summary>The shape of one of the program's types; null for other types.</summary>
    public Shape? FindShape(TypeName type) => _shapes.GetValueOrDefault(type.Key);

    private static string Key(string name) => name.Replace("?", "", StringComparison.Ordinal);

    private void Add(string description)
    {
        string head = "";
        List<string> lines = [];
        foreach (string line in description.Split('\n'))
        {
            if (line.StartsWith(' '))
            {
                lines.Add(line[1..]);
                continue;
            }

            AddBlock(head, lines);
            head = line;
            lines = [];
        }

        AddBlock(head, lines);
    }

    private void AddBlock(string head, List<string> lines)
    {
        if (head.Length == 0)
        {
            return;
        }

        bool isFlags = TakeWord(ref head, "flags");
        bool isStruct = TakeWord(ref head, "struct");
        int space = head.IndexOf(' ', StringComparison.Ordinal);
        string kind = space < 0 ? head : head[..space];
        string name = space < 0 ? "" : head[(space + 1)..];
        if (kind is "interface" or "delegate")
        {
            _contracts.TryAdd(Key(name), new Contract(name, kind == "delegate", [.. lines.Select(ParseMethod)]));
            return;
        }

        if (kind == "defaults")
        {
            _defaults.TryAdd(Key(name), lines);
            return;
        }

        if (!Enum.TryParse(kind, ignoreCase: true, out ShapeKind shape))
        {
            // A kind from a later version: methods that mention it cannot be called, all others can.
            return;
        }

        TypeName? underlying = null;
        if (shape == ShapeKind.Enum)
        {
            int colon = name.IndexOf(": ", StringComparison.Ordinal);
            underlying = TypeName.Parse(colon < 0 ? throw Wrong(head) : name[(colon + 2)..]);
            name = name[..colon];
        }

        _shapes.TryAdd(
            Key(name),
            new Shape(
                name,
                shape,
                underlying,
                [.. lines.Select(line => ParseMember(shape, line))]) { IsFlags = isFlags, IsStruct = isStruct });
    }

    /// <summary>
    /// Adds the defaults to the contracts and types, which may stand before or after the lines about defaults.
    /// </summary>
    private void AddDefaults()
    {
        foreach ((string name, List<string> lines) in _defaults)
        {
            var values = new Dictionary<string, DefaultValue?>();
            foreach (string line in lines)
            {
                // A text key may hold anything; in a value there is no equals sign.
                int end = line.LastIndexOf(" = ", StringComparison.Ordinal);
                if (end < 0)
                {
                    throw Wrong(line);
                }

                values[line[..end]] = DefaultValue.Parse(line[(end + 3)..]);
            }

            if (_contracts.TryGetValue(name, out Contract? contract))
            {
                _contracts[name] = contract with
                {
                    Methods =
                    [
                        .. contract.Methods.Select(method => method with
                        {
                            Parameters =
                            [
                                .. method.Parameters.Select(parameter => parameter with
                                {
                                    Default = values.GetValueOrDefault($"{method.Id:X8} {parameter.Name}"),
                                }),
                            ],
                        }),
                    ],
                };
            }
            else if (_shapes.TryGetValue(name, out Shape? shape))
            {
                _shapes[name] = shape with
                {
                    Members =
                    [
                        .. shape.Members.Select(member => member with
                        {
                            Default = values.FirstOrDefault(
                                value => NameOf(shape.Kind, value.Key) == member.Name).Value,
                        }),
                    ],
                };
            }
        }
    }

    /// <summary>The name of a member, from the text before the colon of its line.</summary>
    private static string NameOf(ShapeKind kind, string key) => kind switch
    {
        ShapeKind.Map => Literal(key),
        ShapeKind.Keyed => key[(key.IndexOf(' ', StringComparison.Ordinal) + 1)..],
        _ => key,
    };

    private static Method ParseMethod(string line)
    {
        string rest = line;
        string id = TakeUntil(ref rest, " ", line);
        bool isOneWay = TakeWord(ref rest, "oneway");
        bool disposes = TakeWord(ref rest, "disposes");
        Accessor accessor = TakeWord(ref rest, "get") ? Accessor.Get
            : TakeWord(ref rest, "set") ? Accessor.Set
            : TakeWord(ref rest, "add") ? Accessor.Add
            : TakeWord(ref rest, "remove") ? Accessor.Remove
            : Accessor.None;
        int timeout = 0;
        if (rest.StartsWith("timeout=", StringComparison.Ordinal))
        {
            timeout = int.Parse(
                TakeUntil(ref rest, " ", line)["timeout=".Length..], NumberStyles.None, CultureInfo.InvariantCulture);
        }

        string name = TakeUntil(ref rest, "(", line);
        int end = rest.LastIndexOf("):", StringComparison.Ordinal);
        if (end < 0)
        {
            throw Wrong(line);
        }

        return new Method(
            uint.Parse(id, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture),
            name,
            [.. Split(rest[..end]).Select(ParseParameter)],
            ParsePlace(rest[(end + 2)..]))
        {
            Accessor = accessor,
            IsOneWay = isOneWay,
            Disposes = disposes,
            TimeoutMilliseconds = timeout,
        };
    }

    private static Parameter ParseParameter(string text)
    {
        int space = text.LastIndexOf(' ');
        if (space < 0)
        {
            throw Wrong(text);
        }

        string type = text[..space];
        bool isSensitive = TakeWord(ref type, "sensitive");
        bool isConverted = TakeWord(ref type, "converted");
        Passing passing = TakeWord(ref type, "in") ? Passing.In
            : TakeWord(ref type, "ref") ? Passing.Ref
            : TakeWord(ref type, "out") ? Passing.Out
            : TakeWord(ref type, "sender") ? Passing.Sender
            : Passing.Value;
        return new Parameter(text[(space + 1)..], TypeName.Parse(type), passing, isSensitive, isConverted);
    }

    private static ShapeMember ParseMember(ShapeKind kind, string line)
    {
        string rest = line;
        bool isSensitive = TakeWord(ref rest, "sensitive");
        if (kind == ShapeKind.Enum)
        {
            string value = TakeUntil(ref rest, " = ", line);

            // The largest values of ulong have the bits of negative numbers.
            return new ShapeMember(
                value,
                rest.StartsWith('-')
                    ? long.Parse(rest, CultureInfo.InvariantCulture)
                    : (long)ulong.Parse(rest, CultureInfo.InvariantCulture),
                null,
                false);
        }

        const string suffix = " = default";
        bool hasDefault = rest.EndsWith(suffix, StringComparison.Ordinal);
        rest = hasDefault ? rest[..^suffix.Length] : rest;
        long key = 0;
        if (kind is ShapeKind.Keyed)
        {
            key = long.Parse(TakeUntil(ref rest, " ", line), CultureInfo.InvariantCulture);
        }

        // A text key may contain anything; a type contains no colon.
        int colon = rest.LastIndexOf(": ", StringComparison.Ordinal);
        if (colon < 0)
        {
            throw Wrong(line);
        }

        string name = rest[..colon];
        Place place = ParsePlace(rest[(colon + 2)..]) with { IsSensitive = isSensitive };
        return kind == ShapeKind.Union
            ? new ShapeMember(place.Type.Key, long.Parse(name, CultureInfo.InvariantCulture), place, false)
            : new ShapeMember(kind == ShapeKind.Map ? Literal(name) : name, key, place, hasDefault);
    }

    /// <summary>The text of a C# literal.</summary>
    private static string Literal(string literal)
        => literal is ['"', .., '"'] ? System.Text.RegularExpressions.Regex.Unescape(literal[1..^1]) : literal;

    private static Place ParsePlace(string text)
    {
        bool isSensitive = TakeWord(ref text, "sensitive");
        bool isConverted = TakeWord(ref text, "converted");
        return new Place(TypeName.Parse(text), isSensitive, isConverted);
    }

    /// <summary>Splits parameters at the commas outside brackets.</summary>
    private static IEnumerable<string> Split(string parameters)
    {
        int depth = 0;
        int start = 0;
        for (int i = 0; i < parameters.Length; i++)
        {
            depth += parameters[i] is '<' or '[' ? 1 : parameters[i] is '>' or ']' ? -1 : 0;
            if (depth == 0 && parameters[i] == ',')
            {
                yield return parameters[start..i];
                start = i + 1;
            }
        }

        if (start < parameters.Length)
        {
            yield return parameters[start..];
        }
    }

    private static bool TakeWord(ref string text, string word)
    {
        if (text.Length <= word.Length || text[word.Length] != ' ' || !text.StartsWith(word, StringComparison.Ordinal))
        {
            return false;
        }

        text = text[(word.Length + 1)..];
        return true;
    }

    private static string TakeUntil(ref string text, string end, string line)
    {
        int at = text.IndexOf(end, StringComparison.Ordinal);
        if (at < 0)
        {
            throw Wrong(line);
        }

        string taken = text[..at];
        text = text[(at + end.Length)..];
        return taken;
    }

    private static FormatException Wrong(string line)
        => new($"'{IpcText.Escape(line, 200)}' is not a line of a description.");
}
