using Multiprocess.Generator.Model;
using Multiprocess.Generator.Parsing;

namespace Multiprocess.Generator.Tests.Properties;

/// <summary>
/// Writes a contract at random, with the types that it needs: everything that the generator says it takes.
/// </summary>
/// <remarks>The same seed writes the same contract.</remarks>
internal sealed class RandomContract
{
    private const int Deepest = 4;

    private static readonly string[] s_values =
    [
        "bool", "byte", "sbyte", "short", "ushort", "int", "uint", "long", "ulong", "nint", "nuint", "char", "float",
        "double",
        "Half", "decimal", "Int128", "UInt128", "BigInteger", "Complex", "Guid", "DateTime", "DateTimeOffset",
        "DateOnly",
        "TimeOnly", "TimeSpan", "Rune", "Index", "Range", "IPNetwork",
        "ReadOnlyMemory<byte>",
    ];

    private static readonly string[] s_references =
        [
            "string", "Uri", "Version", "IPAddress", "IPEndPoint", "BitArray", "byte[]", "JsonNode",
        ];

    private static readonly string[] s_keys = ["int", "string", "Guid", "long", "DateOnly", "char", "(int, string)"];

    private static readonly string[] s_lists =
        [
            "List", "IReadOnlyList", "Queue", "Stack", "LinkedList", "ImmutableArray", "ImmutableList",
            "ImmutableQueue", "ConcurrentQueue", "Collection", "ReadOnlyCollection"
        ];

    private static readonly string[] s_sets = ["HashSet", "SortedSet", "ImmutableHashSet", "FrozenSet"];

    private static readonly string[] s_maps =
        [
            "Dictionary",
            "SortedDictionary",
            "ImmutableDictionary",
            "FrozenDictionary",
            "ConcurrentDictionary",
            "SortedList",
        ];

    /// <summary>What generated code calls its own: a user's parameter or method may be called the same.</summary>
    private static readonly string[] s_words =
    [
        "value", "call", "target", "target_", "reader", "writer", "context", "count", "index", "message", "result",
        "request", "connection",
        "StartCall", "Describe", "Register", "Codec", "Instance", "Send", "Read", "Write", "cancellationToken",
        "ipcToken", "innerException",
        "@event", "@params", "@class", "var", "record", "field", "nameof", "_", "__", "Reference", "Invoke", "handler",
        "arguments", "global",
    ];

    /// <summary>What generated code calls its types: a user's type may be called the same.</summary>
    private static readonly string[] s_typeWords =
        [
            .. RuntimeNames.Spaces.Keys.Union(CodecTable.AllNames).Where(name => !name.StartsWith('I')),
            "@var",
            "ContractProxy",
            "ContractStub",
            "Int32Codec",
        ];

    private readonly Random _random;
    private readonly string _prefix;
    private readonly List<string> _types = [];
    private readonly List<string> _libraryTypes = [];
    private readonly Queue<string> _typeNames;
    private bool _isInLibrary;
    private int _count;

    public RandomContract(int seed)
    {
        _random = new Random(seed);
        _prefix = "T" + seed + "N";
        Space = "Random.Space" + seed;
        _typeNames = new Queue<string>(Shuffled(s_typeWords));
        string a = Type(0);
        _isInLibrary = true;
        string b = Type(1);
        _isInLibrary = false;

        // Every name of a method, and of a parameter, stands for whatever the draw gave it.
        string[] m =
            [
                .. Shuffled(s_words)
                    .Select(
                        word => word.Length > 1 && _random.Next(2) == 0 ? word : "M" + word.Replace(
                            "@", "", StringComparison.Ordinal))
                    .Distinct(),
            ];
        string[] p = [.. Shuffled(s_words)];
        string token = Any(["", " = default"]);
        Source = $$"""
            namespace {{Space}}
            {
            [IpcInterface]
            public interface INode
            {
                {{a}} {{m[0]}}({{b}} {{p[0]}}, {{a}} {{p[1]}});
            }

            public delegate Task<{{a}}> Later(CancellationToken {{p[2]}}, {{a}} {{p[3]}});

            [IpcInterface]
            public interface IContract : IDisposable
            {
                {{a}} {{m[1]}}({{a}} {{p[4]}});

                Task<{{b}}> {{m[2]}}(CancellationToken {{p[5]}}, {{b}} {{p[6]}});

                {{a}} {{m[3]}}(Func<{{a}}, {{a}}> {{p[7]}}, CancellationToken {{p[8]}}, {{a}} {{p[9]}});

                {{b}} {{m[4]}}(ref {{a}} {{p[10]}}, out {{b}} {{p[11]}}, CancellationToken {{p[12]}}, {{b}} {{p[13]}});

                event Action<{{a}}, {{b}}> {{m[5]}};

                void {{m[6]}}({{a}} {{p[14]}}, {{b}} {{p[15]}});

                INode {{m[7]}}(INode {{p[16]}});

                IAsyncEnumerable<{{a}}> {{m[8]}}(List<{{a}}> {{p[17]}}, CancellationToken {{p[18]}}{{token}});

                Task<List<{{b}}>> {{m[9]}}(IAsyncEnumerable<{{b}}> {{p[19]}}, CancellationToken {{p[20]}}{{token}});

                Stream {{m[10]}}(Stream {{p[21]}});

                ValueTask<{{a}}> {{m[11]}}(Later {{p[22]}}, {{a}} {{p[23]}}, CancellationToken {{p[24]}});

                {{b}} this[{{a}} {{p[25]}}, {{b}} {{p[26]}}] { get; }

                {{b}} {{m[12]}} { get; set; }

                {{b}} {{m[13]}}({{b}} {{p[27]}}) => {{p[27]}};

                [IpcOneWay] void {{m[14]}}({{b}} {{p[28]}}, Action<{{b}}> {{p[29]}});
            }

            public sealed class Node : INode
            {
                public {{a}} {{m[0]}}({{b}} {{p[0]}}, {{a}} {{p[1]}}) => {{p[1]}};
            }

            public sealed class Target : IContract
            {
                public event Action<{{a}}, {{b}}>? {{m[5]}};

                public {{b}} {{m[12]}} { get; set; } = default!;

                public {{b}} this[{{a}} {{p[25]}}, {{b}} {{p[26]}}] => {{p[26]}};

                public {{a}} {{m[1]}}({{a}} {{p[4]}}) => {{p[4]}};

                public Task<{{b}}> {{m[2]}}(CancellationToken {{p[5]}}, {{b}} {{p[6]}}) => Task.FromResult({{p[6]}});

                public {{a}} {{m[3]}}(Func<{{a}}, {{a}}> {{p[7]}}, CancellationToken {{p[8]}}, {{a}} {{p[9]}}) => {{p[7]}}({{p[9]}});

                public {{b}} {{m[4]}}(ref {{a}} {{p[10]}}, out {{b}} {{p[11]}}, CancellationToken {{p[12]}}, {{b}} {{p[13]}}) => {{p[11]}} = {{p[13]}};

                public void {{m[6]}}({{a}} {{p[14]}}, {{b}} {{p[15]}}) => this.{{m[5]}}?.Invoke({{p[14]}}, {{p[15]}});

                public INode {{m[7]}}(INode {{p[16]}}) => {{p[16]}};

                public async IAsyncEnumerable<{{a}}> {{m[8]}}(List<{{a}}> {{p[17]}}, [EnumeratorCancellation] CancellationToken {{p[18]}})
                {
                    foreach ({{a}} each in {{p[17]}})
                    {
                        await Task.Yield();
                        yield return each;
                    }
                }

                public async Task<List<{{b}}>> {{m[9]}}(IAsyncEnumerable<{{b}}> {{p[19]}}, CancellationToken {{p[20]}})
                {
                    List<{{b}}> all = [];
                    await foreach ({{b}} each in {{p[19]}})
                    {
                        all.Add(each);
                    }

                    return all;
                }

                public Stream {{m[10]}}(Stream {{p[21]}})
                {
                    MemoryStream copy = new();
                    {{p[21]}}.CopyTo(copy);
                    copy.Position = 0;
                    return copy;
                }

                public async ValueTask<{{a}}> {{m[11]}}(Later {{p[22]}}, {{a}} {{p[23]}}, CancellationToken {{p[24]}}) => await {{p[22]}}({{p[24]}}, {{p[23]}});

                public void {{m[14]}}({{b}} {{p[28]}}, Action<{{b}}> {{p[29]}}) => {{p[29]}}({{p[28]}});

                public void Dispose()
                {
                }
            }

            public static class Driver
            {
                public static {{a}} First({{a}} value) => value;

                public static {{b}} Second({{b}} value) => value;

                /// <summary>One of the things that a client does with the contract, and what it sees.</summary>
                public static object?[] Run(IContract root, int way, {{a}} a, {{b}} b) => RunAsync(root, way, a, b).GetAwaiter().GetResult();

                private static async Task<object?[]> RunAsync(IContract root, int way, {{a}} a, {{b}} b)
                {
                    List<object?> seen = [];
                    switch (way)
                    {
                        case 0:
                            seen.Add(root.{{m[1]}}(a));
                            break;
                        case 1:
                            seen.Add(await root.{{m[2]}}(default, b).ConfigureAwait(false));
                            break;
                        case 2:
                            seen.Add(root.{{m[3]}}(x => x, default, a));
                            break;
                        case 3:
                            {{a}} changed = a;
                            seen.Add(root.{{m[4]}}(ref changed, out {{b}} given, default, b));
                            seen.AddRange([changed, given]);
                            break;
                        case 4:
                            Action<{{a}}, {{b}}> handler = (x, y) => seen.AddRange([x, y]);
                            root.{{m[5]}} += handler;
                            root.{{m[6]}}(a, b);
                            root.{{m[5]}} -= handler;
                            root.{{m[6]}}(a, b);
                            break;
                        case 5:
                            Node node = new();
                            INode back = root.{{m[7]}}(node);
                            seen.AddRange([ReferenceEquals(node, back), back.{{m[0]}}(b, a)]);
                            break;
                        case 6:
                            await foreach ({{a}} each in root.{{m[8]}}([a, a, a], default).ConfigureAwait(false))
                            {
                                seen.Add(each);
                            }

                            break;
                        case 7:
                            seen.Add(await root.{{m[9]}}(Twice(b), default).ConfigureAwait(false));
                            break;
                        case 8:
                            using (Stream stream = root.{{m[10]}}(new MemoryStream([1, 2, 3])))
                            {
                                MemoryStream copy = new();
                                stream.CopyTo(copy);
                                seen.Add(copy.ToArray());
                            }

                            break;
                        case 9:
                            seen.Add(await root.{{m[11]}}((stop, x) => Task.FromResult(x), a, default).ConfigureAwait(false));
                            break;
                        case 10:
                            root.{{m[12]}} = b;
                            seen.AddRange([root[a, b], root.{{m[12]}}, root.{{m[13]}}(b)]);
                            break;
                        default:
                            TaskCompletionSource<{{b}}> arrived = new(TaskCreationOptions.RunContinuationsAsynchronously);
                            root.{{m[14]}}(b, arrived.SetResult);
                            seen.Add(await arrived.Task.WaitAsync(TimeSpan.FromSeconds(60)).ConfigureAwait(false));
                            break;
                    }

                    return [.. seen];
                }

                private static async IAsyncEnumerable<{{b}}> Twice({{b}} value)
                {
                    yield return value;
                    await Task.Yield();
                    yield return value;
                }
            }

            {{string.Join("\n", _types)}}
            }
            """;
        LibrarySource = $$"""
            namespace {{Space}}
            {
            {{string.Join("\n", _libraryTypes)}}
            }
            """;
    }

    /// <summary>How many things a client does with the contract.</summary>
    public const int Ways = 12;

    /// <summary>The namespace of its types.</summary>
    public string Space { get; }

    /// <summary>The contract, an implementation, and a client.</summary>
    public string Source { get; }

    /// <summary>The types of another assembly that the contract uses.</summary>
    public string LibrarySource { get; }

    private List<string> Types => _isInLibrary ? _libraryTypes : _types;

    private IEnumerable<string> Shuffled(string[] names)
    {
        string[] shuffled = [.. names];
        _random.Shuffle(shuffled);
        return shuffled;
    }

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
            9 => next() is var element && element.EndsWith(
                ']') ? $"List<{element}>" : $"{element}[{new string(',', _random.Next(4))}]",
            10 or 11
                => "(" + string.Join(
                    ", ",
                    Enumerable.Range(0, _random.Next(2, 11)).Select(
                        i => Type(depth + 2) + (i % 3 == 0 ? " Item" + (char)('A' + i) : ""))) + ")",
            12 => $"KeyValuePair<{Any(s_keys)}, {next()}>",
            13 => Enumeration(),
            14 or 15 => Record(depth, ""),
            16 => Class(depth),
            17 => Struct(depth),
            18 => Union(depth),
            _ => Box(depth),
        };
    }

    /// <summary>A name of a type, now and then one that generated code uses.</summary>
    private string Take() => _typeNames.Count != 0 && _random.Next(4) == 0 ? _typeNames.Dequeue() : _prefix + _count++;

    private string Enumeration()
    {
        string name = Take();
        bool isFlags = _random.Next(2) == 0;
        Types.Add(
            $"{(isFlags ? "[Flags] " : "")}public enum {name} : {Any(["byte", "int", "long", "ushort"])} {{ A = 1, B = "
                + $"2, C = {(isFlags ? 8 : 200)} }}");
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
        Types.Add($"public sealed record {name}({string.Join(", ", parameters)}){suffix}{body}");
        return name;
    }

    private string Class(int depth)
    {
        string name = Take();
        string members = string.Concat(
            Enumerable.Range(0, _random.Next(1, 4)).Select(
                i => $" public required {Type(depth + 1)} M{i} {{ get; {Any(["set", "init"])}; }}"));
        Types.Add($"public sealed class {name} {{{members} public int Field; }}");
        return name;
    }

    private string Struct(int depth)
    {
        string name = Take();
        Types.Add($"public record struct {name}({Type(depth + 1)} A, {Type(depth + 1)} B);");
        return name;
    }

    private string Union(int depth)
    {
        string name = Take();
        string[] cases = [.. Enumerable.Range(0, 3).Select(_ => Record(depth + 1, " : " + name))];
        Types.Add(
            $"{string.Concat(cases.Select((type, i) => $"[IpcUnion({i * 3}, typeof({type}))] "))}public abstract "
                + $"record {name};");
        return name;
    }

    private string Box(int depth)
    {
        string name = Take();
        Types.Add($"public sealed record {name}<T>(T Value, List<T> More);");
        return $"{name}<{Type(depth + 1)}>";
    }
}
