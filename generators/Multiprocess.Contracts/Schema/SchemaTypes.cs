using Multiprocess.Generator.Model;
using Multiprocess.Generator.Parsing;

namespace Multiprocess.Contracts.Tool.Schema;

/// <summary>
/// Translates types to Cap'n Proto's types, and declares structs and interfaces for types that Cap'n Proto lacks.
/// </summary>
internal sealed class SchemaTypes(ContractAssembly assembly)
{
    private const string Converted = "converted ";

    private static readonly Dictionary<string, string> s_words = new()
    {
        ["System.Boolean"] = "Bool",
        ["System.SByte"] = "Int8",
        ["System.Int16"] = "Int16",
        ["System.Int32"] = "Int32",
        ["System.Int64"] = "Int64",
        ["System.IntPtr"] = "Int64",
        ["System.Byte"] = "UInt8",
        ["System.UInt16"] = "UInt16",
        ["System.Char"] = "UInt16",
        ["System.UInt32"] = "UInt32",
        ["System.UInt64"] = "UInt64",
        ["System.UIntPtr"] = "UInt64",
        ["System.Text.Rune"] = "UInt32",
        ["System.Single"] = "Float32",
        ["System.Half"] = "Float32",
        ["System.Double"] = "Float64",
        ["System.Index"] = "Int32",
        ["System.DateOnly"] = "Int32",
        ["System.DateTime"] = "Int64",
        ["System.TimeOnly"] = "Int64",
        ["System.TimeSpan"] = "Int64",
        ["System.Int128"] = "Data",
        ["System.UInt128"] = "Data",
        ["System.Numerics.BigInteger"] = "Data",
        ["System.Net.IPAddress"] = "Data",
        ["System.Collections.BitArray"] = "List(Bool)",
        ["System.String"] = "Text",
        ["System.Decimal"] = "Text",
        ["System.Guid"] = "Text",
        ["System.Uri"] = "Text",
        ["System.Version"] = "Text",
        ["System.Globalization.CultureInfo"] = "Text",
        ["System.Text.Json.JsonElement"] = "Text",
        ["System.Text.Json.Nodes.JsonNode"] = "Text",
        ["Multiprocess.SecretString"] = "Text",
    };

    private static readonly Dictionary<string, string> s_structs = new()
    {
        ["System.Numerics.Complex"] = "real @0 :Float64;\nimaginary @1 :Float64;",
        ["System.DateTimeOffset"] = "clock @0 :Int64;\noffsetMinutes @1 :Int16;",
        ["System.Range"] = "start @0 :Int32;\nend @1 :Int32;",
        ["System.Net.IPEndPoint"] = "address @0 :Data;\nport @1 :UInt16;",
        ["System.Net.IPNetwork"] = "address @0 :Data;\nprefixBits @1 :UInt8;",
        ["System.EventArgs"] = "",
    };

    private static readonly Dictionary<string, string> s_interfaces = new()
    {
        ["System.IDisposable"] = "dispose @0 () -> ();",
        ["System.IAsyncDisposable"] = "disposeAsync @0 () -> ();",
        ["System.IO.Stream"] = """
            read @0 (maxCount :Int32) -> (bytes :Data);
            write @1 (bytes :Data) -> ();
            flush @2 () -> ();
            seek @3 (offset :Int64, origin :Int32) -> (position :Int64);
            length @4 () -> (length :Int64);
            setLength @5 (length :Int64) -> ();
            dispose @6 () -> ();
            """,
        ["Multiprocess.SharedMemory"] = "",
        ["Microsoft.Win32.SafeHandles.SafeFileHandle"] = "",
        ["Microsoft.Win32.SafeHandles.SafePipeHandle"] = "",
        ["System.IO.FileStream"] = "",
        ["System.IO.MemoryMappedFiles.MemoryMappedFile"] = "",
        ["System.IO.Pipes.AnonymousPipeClientStream"] = "",
        ["System.Net.Sockets.SafeSocketHandle"] = "",
        ["System.Net.Sockets.Socket"] = "",
        ["System.IO.Pipelines.IDuplexPipe"] = """
            read @0 (maxCount :Int32) -> (bytes :Data);
            write @1 (bytes :Data) -> (isCompleted :Bool);
            completeInput @2 () -> ();
            completeOutput @3 () -> ();
            """,
    };

    /// <summary>
    /// What every contract of an assembly that asks for Cap'n Proto needs: which thread runs a call, and which one
    /// waits for it. By libmultiprocess's conventions.
    /// </summary>
    private static readonly string s_threads = $$"""

        # Exchanges the two sides' makers of threads. Call it once for each connection, before methods with a context.
        interface Threads @0x{{CapnpDerived.ThreadsId:x16}} {
          construct @0 (threadMap :ThreadMap) -> (threadMap :ThreadMap);
        }

        interface ThreadMap @0xee5e37179ad9dc9d {
          makeThread @0 (name :Text) -> (result :Thread);
          makePool @1 (count :UInt32) -> ();
        }

        interface Thread @0x81c1e2600d0b56c5 {
          getName @0 () -> (result :Text);
        }

        struct Context {
          thread @0 :Thread;
          callbackThread @1 :Thread;
        }

        """.ReplaceLineEndings("\n");

    private readonly SchemaNames _names = new([
        "Void",
        "Bool",
        "Int8",
        "Int16",
        "Int32",
        "Int64",
        "UInt8",
        "UInt16",
        "UInt32",
        "UInt64",
        "Float32",
        "Float64",
        "Text",
        "Data",
        "List",
        "AnyPointer",
        .. (assembly.AsksForCapnp ? new[] { "Threads", "ThreadMap", "Thread", "Context" } : [])]);
    private readonly Dictionary<string, string> _known = [];
    private readonly SortedDictionary<string, string> _made = new(StringComparer.Ordinal);

    /// <summary>The full names of contracts that were mentioned.</summary>
    public Queue<ContractModel> Mentioned { get; } = new();

    /// <summary>The declarations for types that Cap'n Proto lacks, by name.</summary>
    public IEnumerable<string> Made => _made.Values;

    /// <summary>The declarations of threads, if the contracts need them.</summary>
    public string Threads => assembly.AsksForCapnp ? s_threads : "";

    /// <summary>The text between an interface's name and its methods.</summary>
    public string HeadOf(ContractModel contract)
        => assembly.AsksForCapnp ? $" @0x{CapnpDerived.IdOf(contract.WireName):x16} extends(Threads)" : "";

    /// <summary>Whether a type has been named.</summary>
    public bool IsMentioned(string fullName) => _known.ContainsKey(fullName);

    /// <summary>Declares a type of the schema, by its simple name if that is free.</summary>
    public string Declare(string fullName)
    {
        if (!_known.TryGetValue(fullName, out string? name))
        {
            _known.Add(fullName, name = _names.Type(Describe(TypeName.Parse(fullName))));
        }

        return name;
    }

    /// <summary>Returns the name of a type where it is used.</summary>
    public string Say(string type)
        => type.StartsWith(Converted, StringComparison.Ordinal) ? "Data" : Say(TypeName.Parse(type));

    private string Say(TypeName type)
    {
        if (s_words.TryGetValue(type.Text, out string? word))
        {
            return word;
        }

        if (assembly.Shapes.TryGetValue(type.Text, out ShapeModel? shape))
        {
            return shape.Kind == "converted" ? "Data"
                : assembly.IsFlags(type.Text) ? Say(shape.Suffix[2..])
                : Declare(type.Text);
        }

        if (assembly.Contracts.TryGetValue(type.Text, out ContractModel? contract))
        {
            if (!_known.ContainsKey(type.Text))
            {
                Mentioned.Enqueue(contract);
            }

            return Declare(type.Text);
        }

        return s_structs.TryGetValue(type.Text, out string? members) ? Make("struct", type, members)
            : s_interfaces.TryGetValue(type.Text, out members) ? Make("interface", type, members)
            : SayComposed(type);
    }

    private string SayComposed(TypeName type)
    {
        var arguments = type.Arguments;
        if (type.Name == "[]")
        {
            return ListOf(arguments[0]);
        }

        if (type.Name.StartsWith('['))
        {
            return Make("struct", type, $"sizes @0 :List(Int32);\nitems @1 :{ListOf(arguments[0])};");
        }

        switch (type.Name)
        {
            case "?":
                return Make("struct", type, $"union {{\n  none @0 :Void;\n  some @1 :{Say(arguments[0])};\n}}");
            case "System.Collections.Generic.KeyValuePair":
                return Make("struct", type, Entry(arguments));
            case "System.Collections.Generic.IAsyncEnumerable":
                return Make(
                    "interface",
                    type,
                    $"next @0 (maxCount :Int32) -> (items :{ListOf(arguments[0])}, isLast :Bool);\ndispose @1 () -> "
                        + $"();");
            case "System.ValueTuple" or "System.Tuple":
                return Make(
                    "struct",
                    type,
                    string.Join('\n', arguments.Select((argument, i) => $"item{i + 1} @{i} :{Say(argument)};")));
        }

        return arguments.Count switch
        {
            1 => ListOf(arguments[0]),
            2 => $"List({Make("struct", PairOf(arguments), Entry(arguments))})",

            // A type of the framework without state of its own, for example an enum.
            _ => "Int64",
        };
    }

    private string ListOf(TypeName element) => element.Text == "System.Byte" ? "Data" : $"List({Say(element)})";

    private static TypeName PairOf(IReadOnlyList<TypeName> arguments)
    {
        const string name = "System.Collections.Generic.KeyValuePair";
        return new TypeName(name, arguments, $"{name}<{arguments[0].Text}, {arguments[1].Text}>");
    }

    private string Entry(IReadOnlyList<TypeName> arguments)
        => $"key @0 :{Say(arguments[0])};\nvalue @1 :{Say(arguments[1])};";

    private string Make(string kind, TypeName type, string members)
    {
        string name = Declare(type.Text);
        _made.TryAdd(
            name,
            $"{kind} {name} "
                + $"{{\n{string.Concat(members.ReplaceLineEndings("\n").Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => $"  {line}\n"))}}}\n");
        return name;
    }

    /// <summary><c>ListOfInt32</c>, without namespaces.</summary>
    private static string Describe(TypeName type)
    {
        string own = type.Name switch
        {
            "?" => "Optional",
            "[]" => "Array",
            _ when type.Name.StartsWith('[') => $"Grid{type.Name.Length - 1}",
            "System.ValueTuple" => "Tuple",
            "System.Collections.Generic.KeyValuePair" => "Entry",
            "System.Collections.Generic.IAsyncEnumerable" => "Items",
            _ => type.Name[(type.Name.LastIndexOf('.') + 1)..],
        };

        // A contract's name without its I.
        own = own.Length > 2 && own[0] == 'I' && char.IsUpper(own[1]) && char.IsLower(own[2]) ? own[1..] : own;
        return type.Arguments.Count == 0 ? own : own + "Of" + string.Join("And", type.Arguments.Select(Describe));
    }
}
