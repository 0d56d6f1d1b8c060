namespace Multiprocess.Generator.Tests.Properties;

/// <summary>Writes a contract at random, with the types that it needs: everything that the generator says it takes.</summary>
/// <remarks>The same seed writes the same contract.</remarks>
internal sealed class RandomContract
{
    private const int Deepest = 4;

    private static readonly string[] s_values =
    [
        "bool", "byte", "sbyte", "short", "ushort", "int", "uint", "long", "ulong", "nint", "nuint", "char", "float", "double",
        "Half", "decimal", "Int128", "UInt128", "BigInteger", "Complex", "Guid", "DateTime", "DateTimeOffset", "DateOnly",
        "TimeOnly", "TimeSpan", "Rune", "Index", "Range", "ReadOnlyMemory<byte>",
    ];

    private static readonly string[] s_references = ["string", "Uri", "Version", "IPAddress", "IPEndPoint", "BitArray", "byte[]", "JsonNode"];

    private static readonly string[] s_keys = ["int", "string", "Guid", "long", "DateOnly", "char", "(int, string)"];

    private static readonly string[] s_lists =
        ["List", "IReadOnlyList", "Queue", "Stack", "LinkedList", "ImmutableArray", "ImmutableList", "ImmutableQueue", "ConcurrentQueue", "Collection", "ReadOnlyCollection"];

    private static readonly string[] s_sets = ["HashSet", "SortedSet", "ImmutableHashSet", "FrozenSet"];

    private static readonly string[] s_maps = ["Dictionary", "SortedDictionary", "ImmutableDictionary", "FrozenDictionary", "ConcurrentDictionary", "SortedList"];

    private readonly Random _random;
    private readonly string _prefix;
    private readonly List<string> _types = [];
    private int _count;

    public RandomContract(int seed)
    {
        _random = new Random(seed);
        _prefix = "T" + seed + "N";
        Name = "IContract" + seed;
        string a = Type(0);
        string b = Type(1);
        Source = $$"""
            [IpcInterface]
            public interface {{Name}}
            {
                {{a}} Echo({{a}} value);

                Task<{{b}}> EchoAsync({{b}} value);

                {{a}} Through(Func<{{a}}, {{a}}> callback, {{a}} value);

                {{b}} Turn(ref {{a}} value, out {{b}} other, {{b}} given);
            }

            public sealed class Target{{seed}} : {{Name}}
            {
                public {{a}} Echo({{a}} value) => value;

                public Task<{{b}}> EchoAsync({{b}} value) => Task.FromResult(value);

                public {{a}} Through(Func<{{a}}, {{a}}> callback, {{a}} value) => callback(value);

                public {{b}} Turn(ref {{a}} value, out {{b}} other, {{b}} given)
                {
                    other = given;
                    return given;
                }
            }

            {{string.Join("\n", _types)}}
            """;
    }

    public string Name { get; }

    public string Source { get; }

    private string Any(string[] names) => names[_random.Next(names.Length)];

    /// <summary>A type as C# writes it; the deeper, the simpler.</summary>
    private string Type(int depth)
    {
        string next() => Type(depth + 1);
        return _random.Next(depth >= Deepest ? 4 : 20) switch
        {
            0 or 1 => Any(s_values),
            2 => Any(s_references),
            3 => _random.Next(2) == 0 ? Any(s_references) + "?" : Any(s_values) + "?",
            4 or 5 => $"{Any(s_lists)}<{next()}>",
            6 => $"{Any(s_sets)}<{Any(s_keys[..5])}>",
            7 or 8 => $"{Any(s_maps)}<{Any(s_keys[..6])}, {next()}>",
            9 => next() is var element && element.EndsWith(']') ? $"List<{element}>" : $"{element}[{new string(',', _random.Next(4))}]",
            10 or 11 => "(" + string.Join(", ", Enumerable.Range(0, _random.Next(2, 11)).Select(i => Type(depth + 2) + (i % 3 == 0 ? " Item" + (char)('A' + i) : ""))) + ")",
            12 => $"KeyValuePair<{Any(s_keys)}, {next()}>",
            13 => Enumeration(),
            14 or 15 => Record(depth, ""),
            16 => Class(depth),
            17 => Struct(depth),
            18 => Union(depth),
            _ => Box(depth),
        };
    }

    private string Take() => _prefix + _count++;

    private string Enumeration()
    {
        string name = Take();
        bool isFlags = _random.Next(2) == 0;
        _types.Add($"{(isFlags ? "[Flags] " : "")}public enum {name} : {Any(["byte", "int", "long", "ushort"])} {{ A = 1, B = 2, C = {(isFlags ? 8 : 200)} }}");
        return name;
    }

    private string Record(int depth, string suffix)
    {
        string name = Take();
        var parameters = Enumerable.Range(0, _random.Next(5)).Select(i => $"{Type(depth + 1)} P{i}").ToList();
        if (parameters.Count > 0 && _random.Next(3) == 0)
        {
            parameters.Add($"{name}? Self = null");
        }

        string body = _random.Next(3) == 0 ? $" {{ public {Type(depth + 1)}? Extra {{ get; init; }} }}" : ";";
        body = body.Replace("??", "?", StringComparison.Ordinal);
        _types.Add($"public sealed record {name}({string.Join(", ", parameters)}){suffix}{body}");
        return name;
    }

    private string Class(int depth)
    {
        string name = Take();
        string members = string.Concat(Enumerable.Range(0, _random.Next(1, 4)).Select(i => $" public required {Type(depth + 1)} M{i} {{ get; {Any(["set", "init"])}; }}"));
        _types.Add($"public sealed class {name} {{{members} public int Field; }}");
        return name;
    }

    private string Struct(int depth)
    {
        string name = Take();
        _types.Add($"public record struct {name}({Type(depth + 1)} A, {Type(depth + 1)} B);");
        return name;
    }

    private string Union(int depth)
    {
        string name = Take();
        string[] cases = [.. Enumerable.Range(0, 3).Select(_ => Record(depth + 1, " : " + name))];
        _types.Add($"{string.Concat(cases.Select((type, i) => $"[IpcUnion({i * 3}, typeof({type}))] "))}public abstract record {name};");
        return name;
    }

    private string Box(int depth)
    {
        string name = Take();
        _types.Add($"public sealed record {name}<T>(T Value, List<T> More);");
        return $"{name}<{Type(depth + 1)}>";
    }
}
