using System.Globalization;

namespace Multiprocess.Tool.Schemas;

/// <summary>
/// Says where each value of a schema's interfaces is, as the contracts program does for the contracts of an assembly.
/// </summary>
/// <remarks>See <c>LayoutText</c> in the contracts program for the form.</remarks>
internal sealed class SchemaLayout(IReadOnlyDictionary<ulong, SchemaNode> nodes)
{
    private readonly List<string> _open = [];

    /// <summary>A method's parameters and results.</summary>
    public (string Sent, string Returned) Of(SchemaMethod method)
        => (Struct(nodes[method.Parameters], []), Struct(nodes[method.Results], []));

    private string Struct(SchemaNode node, IReadOnlyList<SchemaType?> arguments)
        => $"{node.DataWords},{node.PointerCount}{Fields(node, arguments)}";

    private string Fields(SchemaNode node, IReadOnlyList<SchemaType?> arguments)
    {
        IEnumerable<string> fields = Places(node, arguments).OrderBy(field => field.Place, StringComparer.Ordinal)
            .Select(field => field.Text);
        return $"{{{string.Join(' ', fields)}}}";
    }

    // The fields of a group are fields of its struct; those of a union depend on the tag.
    private IEnumerable<(string Place, string Text)> Places(SchemaNode node, IReadOnlyList<SchemaType?> arguments)
    {
        foreach (SchemaField field in node.Fields.Where(field => field.Case < 0))
        {
            if (field.Type is null)
            {
                foreach (var inner in Places(nodes[field.Group], arguments))
                {
                    yield return inner;
                }
            }
            else if (field.Type.Kind != TypeKind.Void)
            {
                yield return Field(field, arguments);
            }
        }

        if (node.HasUnion)
        {
            IEnumerable<string> cases = node.Fields.Where(field => field.Case >= 0).OrderBy(field => field.Case)
                .Select(field => field.Case.ToString(CultureInfo.InvariantCulture) + (
                    field.Type is null ? Fields(nodes[field.Group], arguments)
                    : field.Type.Kind == TypeKind.Void ? "{}"
                    : $"{{{Field(field, arguments).Text}}}"));
            yield return (
                string.Create(CultureInfo.InvariantCulture, $"@{node.TagOffset * 16:D8}"),
                $"Union@{node.TagOffset}({string.Join(' ', cases)})");
        }
    }

    private (string Place, string Text) Field(SchemaField field, IReadOnlyList<SchemaType?> arguments)
    {
        SchemaType type = field.Type!.Parameter >= 0 && field.Type.Parameter < arguments.Count
            ? arguments[field.Type.Parameter] ?? field.Type
            : field.Type;
        if (Number(type.Kind) is { } number)
        {
            return (
                string.Create(CultureInfo.InvariantCulture, $"@{field.Offset * (uint)number.Bits:D8}"),
                $"{number.Name}@{field.Offset}{Default(field.Default)}");
        }

        string other = field.HasOtherDefault ? "=(other)" : "";
        return (
            string.Create(CultureInfo.InvariantCulture, $"^{field.Offset:D8}"),
            $"{Pointer(type, arguments)}^{field.Offset}{other}");
    }

    private string Pointer(SchemaType type, IReadOnlyList<SchemaType?> arguments)
    {
        switch (type.Kind)
        {
            case TypeKind.List:
                SchemaType element = type.Element!;
                return $"List({Number(element.Kind)?.Name ?? Pointer(element, arguments)})";
            case TypeKind.Struct:
                string key = type.TypeId.ToString(CultureInfo.InvariantCulture)
                    + string.Join(' ', type.Arguments.Select(argument => $"{argument?.Kind}{argument?.TypeId}"));
                if (_open.Contains(key))
                {
                    return $"Struct(up {_open.Count - _open.IndexOf(key)})";
                }

                _open.Add(key);
                IReadOnlyList<SchemaType?> inner =
                    [
                        .. type.Arguments.Select(bound
                            => bound is { Parameter: >= 0 } && bound.Parameter < arguments.Count
                            ? arguments[bound.Parameter]
                            : bound),
                    ];
                string text = $"Struct({Struct(nodes[type.TypeId], inner)})";
                _open.RemoveAt(_open.Count - 1);
                return text;
            case TypeKind.AnyPointer when type.Parameter >= 0 && type.Parameter < arguments.Count
                && arguments[type.Parameter] is { } argument:
                return Number(argument.Kind)?.Name ?? Pointer(argument, arguments);
            case TypeKind.AnyPointer when type.IsAnyCapability:
                return "Interface";
            case TypeKind.AnyPointer:
                return "AnyPointer";
            default:
                return type.Kind.ToString();
        }
    }

    private static string Default(object? value) => value switch
    {
        null or false => "",
        true => "=true",
        double real => Real(real, "double", real.ToString("R", CultureInfo.InvariantCulture)),
        float real => Real(real, "float", real.ToString("R", CultureInfo.InvariantCulture)),
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture) is var text && text == "0"
            ? ""
            : "=" + text,
        _ => "",
    };

    private static string Real(double value, string type, string text)
        => double.IsNaN(value) ? $"={type}.NaN"
            : double.IsPositiveInfinity(value) ? $"={type}.PositiveInfinity"
            : double.IsNegativeInfinity(value) ? $"={type}.NegativeInfinity"
            : value == 0 ? "" : "=" + text;

    private static (string Name, int Bits)? Number(TypeKind kind) => kind switch
    {
        TypeKind.Bool => ("Bool", 1),
        TypeKind.Int8 => ("SByte", 8),
        TypeKind.UInt8 => ("Byte", 8),
        TypeKind.Int16 => ("Int16", 16),
        TypeKind.UInt16 or TypeKind.Enum => ("UInt16", 16),
        TypeKind.Int32 => ("Int32", 32),
        TypeKind.UInt32 => ("UInt32", 32),
        TypeKind.Int64 => ("Int64", 64),
        TypeKind.UInt64 => ("UInt64", 64),
        TypeKind.Float32 => ("Single", 32),
        TypeKind.Float64 => ("Double", 64),
        _ => null,
    };
}
