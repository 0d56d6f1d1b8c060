namespace Multiprocess.Tool.Schemas;

/// <summary>What a declaration of a schema is. The values are those of Cap'n Proto's own schema.</summary>
internal enum NodeKind
{
    File = 0,
    Struct = 1,
    Enum = 2,
    Interface = 3,
    Const = 4,
    Annotation = 5,
}

/// <summary>The kinds of types. The values are those of Cap'n Proto's own schema.</summary>
internal enum TypeKind
{
    Void = 0,
    Bool = 1,
    Int8 = 2,
    Int16 = 3,
    Int32 = 4,
    Int64 = 5,
    UInt8 = 6,
    UInt16 = 7,
    UInt32 = 8,
    UInt64 = 9,
    Float32 = 10,
    Float64 = 11,
    Text = 12,
    Data = 13,
    List = 14,
    Enum = 15,
    Struct = 16,
    Interface = 17,
    AnyPointer = 18,
}

/// <summary>A declaration of a schema.</summary>
internal sealed record SchemaNode(ulong Id, string Name, ulong ScopeId, NodeKind Kind)
{
    /// <summary>The names of its type parameters.</summary>
    public IReadOnlyList<string> Parameters { get; init; } = [];

    public IReadOnlyList<ulong> Nested { get; init; } = [];

    public IReadOnlyList<SchemaAnnotation> Annotations { get; init; } = [];

    /// <summary>The fields of a struct, by their ordinals.</summary>
    public IReadOnlyList<SchemaField> Fields { get; init; } = [];

    public int DataWords { get; init; }

    public int PointerCount { get; init; }

    /// <summary>Whether a struct is a group of another one.</summary>
    public bool IsGroup { get; init; }

    /// <summary>Whether a struct has a union that has no name.</summary>
    public bool HasUnion { get; init; }

    /// <summary>The offset of the union's tag, in units of 16 bits.</summary>
    public uint TagOffset { get; init; }

    /// <summary>The names of an enum's values, by their ordinals.</summary>
    public IReadOnlyList<string> Enumerants { get; init; } = [];

    /// <summary>The methods of an interface, by their ordinals.</summary>
    public IReadOnlyList<SchemaMethod> Methods { get; init; } = [];

    public IReadOnlyList<ulong> Superclasses { get; init; } = [];

    /// <summary>The text of an annotation; null if it is not there.</summary>
    public string? Note(ulong id) => Annotations.FirstOrDefault(each => each.Id == id)?.Text;
}

/// <summary>An annotation whose value is a text.</summary>
internal sealed record SchemaAnnotation(ulong Id, string Text);

/// <summary>A field of a struct.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its type; null for a group, which <see cref="Group"/> names.</param>
/// <param name="Offset">Its offset in units of its size, or the number of its pointer.</param>
/// <param name="Default">The default of a number; null for none, or for zero.</param>
/// <param name="HasOtherDefault">Whether it has a default value that is no number.</param>
internal sealed record SchemaField(string Name, SchemaType? Type, uint Offset, object? Default, bool HasOtherDefault)
{
    /// <summary>The declaration of a group.</summary>
    public ulong Group { get; init; }

    /// <summary>For a member of a union: the tag that stands for it; otherwise -1.</summary>
    public int Case { get; init; } = -1;

    /// <summary>Its ordinal; -1 for a group that has none.</summary>
    public int Ordinal { get; init; } = -1;

    public IReadOnlyList<SchemaAnnotation> Annotations { get; init; } = [];

    public string? Note(ulong id) => Annotations.FirstOrDefault(each => each.Id == id)?.Text;
}

/// <summary>A method of an interface.</summary>
internal sealed record SchemaMethod(string Name, ulong Parameters, ulong Results);

/// <summary>A type.</summary>
/// <param name="Kind">Its kind.</param>
/// <param name="TypeId">The declaration of an enum, a struct or an interface; the owner of a type parameter.</param>
internal sealed record SchemaType(TypeKind Kind, ulong TypeId = 0)
{
    /// <summary>The type of a list's elements.</summary>
    public SchemaType? Element { get; init; }

    /// <summary>For a generic type: what each of its declaration's type parameters is.</summary>
    public IReadOnlyList<SchemaType?> Arguments { get; init; } = [];

    /// <summary>For a type parameter: its position; otherwise -1.</summary>
    public int Parameter { get; init; } = -1;

    /// <summary>Whether it is any capability.</summary>
    public bool IsAnyCapability { get; init; }
}
