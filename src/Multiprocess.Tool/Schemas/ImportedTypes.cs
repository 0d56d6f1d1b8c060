using System.Globalization;

namespace Multiprocess.Tool.Schemas;

/// <summary>The C# types of a schema's types. Declarations that are used are queued, to be written.</summary>
internal sealed class ImportedTypes(IReadOnlyDictionary<ulong, SchemaNode> nodes)
{
    // Names of parameters are in lower case, as keywords are; all other names begin with a capital letter.
    private static readonly HashSet<string> s_keywords =
    [
        .. ("abstract as base bool break byte case catch char checked class const continue decimal default delegate do "
            + "double else enum event explicit extern false finally fixed float for foreach goto if implicit in int "
            + "interface internal is lock long namespace new null object operator out override params private "
            + "protected public readonly ref return sbyte sealed short sizeof stackalloc static string struct switch "
            + "this throw true try typeof uint ulong unchecked unsafe ushort using virtual void volatile while")
            .Split(' '),
    ];

    private readonly Dictionary<string, string> _names = [];
    private readonly HashSet<string> _taken = [];
    private readonly HashSet<string> _ofDeclarations =
    [
        "CapnpMessage", "CapnpReference", "ValueTuple",
        .. nodes.Values
            .Where(node => node is { Kind: NodeKind.Struct or NodeKind.Enum or NodeKind.Interface, IsGroup: false })
            .Select(node => Pascal(node.Name[(node.Name.LastIndexOf('.') + 1)..]))
            .SelectMany(name => new[] { name, "I" + name }),
    ];

    /// <summary>Declarations that were used and are to be written, with the arguments of generic ones.</summary>
    public Queue<(SchemaNode Node, IReadOnlyList<SchemaType?> Arguments, string Name)> Used { get; } = new();

    /// <summary>The C# type, without null.</summary>
    /// <exception cref="NotSupportedException">A contract cannot have the type; the message says why.</exception>
    public string Of(SchemaType type, IReadOnlyList<SchemaType?> arguments) => type.Kind switch
    {
        TypeKind.Bool => "bool",
        TypeKind.Int8 => "sbyte",
        TypeKind.Int16 => "short",
        TypeKind.Int32 => "int",
        TypeKind.Int64 => "long",
        TypeKind.UInt8 => "byte",
        TypeKind.UInt16 => "ushort",
        TypeKind.UInt32 => "uint",
        TypeKind.UInt64 => "ulong",
        TypeKind.Float32 => "float",
        TypeKind.Float64 => "double",
        TypeKind.Text => "string",
        TypeKind.Data => "byte[]",
        TypeKind.List => ListOf(type.Element!, arguments),
        TypeKind.Enum or TypeKind.Interface => NameOf(nodes[type.TypeId], []),
        TypeKind.Struct => NameOf(Usable(nodes[type.TypeId]), Bound(type.Arguments, arguments)),
        TypeKind.AnyPointer when type.Parameter >= 0 => Of(Argument(type, arguments), arguments),
        TypeKind.AnyPointer when type.IsAnyCapability => "CapnpReference",
        TypeKind.AnyPointer => "CapnpMessage",
        TypeKind.Void => "ValueTuple",
        _ => throw new NotSupportedException(type.Kind.ToString()),
    };

    /// <summary>The type itself, or what a type parameter stands for.</summary>
    public static SchemaType Bind(SchemaType type, IReadOnlyList<SchemaType?> arguments)
        => type.Parameter >= 0 ? Argument(type, arguments) : type;

    /// <summary>The name of a declaration, which is written if it was not yet.</summary>
    public string NameOf(SchemaNode node, IReadOnlyList<SchemaType?> arguments)
    {
        string key = node.Id.ToString("x16", CultureInfo.InvariantCulture) + string.Concat(arguments.Select(KeyOf));
        if (_names.TryGetValue(key, out string? known))
        {
            return known;
        }

        bool isInterface = node.Kind == NodeKind.Interface && !IsCallback(node);
        string own = Pascal(node.Name[(node.Name.LastIndexOf('.') + 1)..]);
        own = (isInterface ? "I" : "") + own
            + (arguments.Count == 0
                ? ""
                : "Of" + string.Join("And", arguments.Select(argument => Pascal(Words(argument)))));
        string name = own;
        for (int number = 2; !_taken.Add(name); number++)
        {
            name = own + number.ToString(CultureInfo.InvariantCulture);
        }

        _names.Add(key, name);
        Used.Enqueue((node, arguments, name));
        return name;
    }

    /// <summary>
    /// Whether a declaration may have this name in C#. A type inside another one must not have it, because it would
    /// hide the declaration there.
    /// </summary>
    public bool IsOfDeclaration(string name) => _ofDeclarations.Contains(name);

    /// <summary>Takes a name for a type that no declaration has.</summary>
    public string Take(string wanted)
    {
        string name = wanted;
        for (int number = 2; !_taken.Add(name); number++)
        {
            name = wanted + number.ToString(CultureInfo.InvariantCulture);
        }

        return name;
    }

    public static bool IsCallback(SchemaNode node)
        => node.Note(KnownIds.Wrap)?.StartsWith(KnownIds.Callback, StringComparison.Ordinal) == true
            && node.Methods.Any(method => method.Name == "call");

    public static string Pascal(string name) => name.Length == 0 ? name : char.ToUpperInvariant(name[0]) + name[1..];

    public static string Camel(string name) => Escape(char.ToLowerInvariant(name[0]) + name[1..]);

    private static string Escape(string name) => s_keywords.Contains(name) ? "@" + name : name;

    private string ListOf(SchemaType element, IReadOnlyList<SchemaType?> arguments)
    {
        string type = Of(element, arguments);
        return type == "byte" ? "List<byte>" : type + "[]"; // byte[] is Data.
    }

    private SchemaNode Usable(SchemaNode node) => FieldsOf(node).FirstOrDefault(each => each.HasOtherDefault) is { } odd
        ? throw new NotSupportedException($"{node.Name}, whose '{odd.Name}' has a default value that is no number")
        : node;

    /// <summary>The fields of a struct, with those of its groups.</summary>
    private IEnumerable<SchemaField> FieldsOf(SchemaNode node)
        => node.Fields.SelectMany(each => each.Type is null ? FieldsOf(nodes[each.Group]) : [each]);

    private static IReadOnlyList<SchemaType?> Bound(
        IReadOnlyList<SchemaType?> arguments, IReadOnlyList<SchemaType?> outer)
        => [.. arguments.Select(argument => argument is { Parameter: >= 0 } ? Argument(argument, outer) : argument)];

    // A type parameter that is not bound may be anything.
    private static SchemaType Argument(SchemaType parameter, IReadOnlyList<SchemaType?> arguments)
        => (parameter.Parameter < arguments.Count ? arguments[parameter.Parameter] : null)
            ?? new SchemaType(TypeKind.AnyPointer);

    private static string KeyOf(SchemaType? type) => type is null ? "?" : "|" + type.Kind
        + type.TypeId.ToString("x", CultureInfo.InvariantCulture)
        + (type.Element is null ? "" : KeyOf(type.Element))
        + string.Concat(type.Arguments.Select(KeyOf));

    private string Words(SchemaType? type) => type switch
    {
        null => "Any",
        { Kind: TypeKind.List } => "ListOf" + Words(type.Element),
        { Kind: TypeKind.Enum or TypeKind.Struct or TypeKind.Interface } => nodes[type.TypeId].Name,
        _ => type.Kind.ToString(),
    };
}
