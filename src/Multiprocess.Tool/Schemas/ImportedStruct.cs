using System.Globalization;

namespace Multiprocess.Tool.Schemas;

/// <summary>
/// A struct of a schema as a record: with its groups, and with its union as cases that derive from it.
/// </summary>
internal sealed class ImportedStruct(
    IReadOnlyDictionary<ulong, SchemaNode> nodes, ImportedTypes types, IReadOnlyList<SchemaType?> arguments)
{
    // Members that every record has.
    private static readonly string[] s_ofRecords =
    [
        "Clone", "Deconstruct", "EqualityContract", "Equals", "Finalize", "GetHashCode", "GetType", "MemberwiseClone",
        "PrintMembers", "ToString",
    ];

    private readonly List<string> _lines = [];

    // The ordinal of an unnamed union, which an old schema may give and no field shows.
    private int _gap = -1;

    /// <summary>The lines of its declaration.</summary>
    /// <exception cref="NotSupportedException">A contract cannot have it; the message says why.</exception>
    public IReadOnlyList<string> Write(SchemaNode node, string name, bool isException)
    {
        if (isException && node.Fields.Any(field => field.Case >= 0 || field.Type is null))
        {
            throw new NotSupportedException($"{node.Name} as an exception, because it has a union or a group");
        }

        List<int> ordinals = [.. Ordinals(node).Order()];
        _gap = Enumerable.Range(0, ordinals.Count).FirstOrDefault(i => ordinals[i] != i, -1);
        if (_gap >= 0 && (!node.HasUnion || ordinals[^1] != ordinals.Count))
        {
            throw new NotSupportedException($"{node.Name}, whose groups have unions with ordinals of their own");
        }

        string[] attributes = [$"[CapnpStruct({ContractImport.Hex(node.Id)}{UnionOrdinal(_gap, ", ")})]"];
        var outer = new HashSet<string>([name]);
        Type(node, name, name, isException ? "Exception" : null, attributes, new HashSet<string>(), outer, "");
        return _lines;
    }

    private IEnumerable<int> Ordinals(SchemaNode node) => node.Fields
        .SelectMany(field => field.Type is null ? Ordinals(nodes[field.Group]).Append(field.Ordinal) : [field.Ordinal])
        .Where(ordinal => ordinal >= 0);

    private static string UnionOrdinal(int ordinal, string before)
        => ordinal < 0 ? "" : before + "UnionOrdinal = " + ordinal.ToString(CultureInfo.InvariantCulture);

    // A struct, a group, or a case that is a group.
    private void Type(
        SchemaNode node,
        string name,
        string path,
        string? derivesFrom,
        IEnumerable<string> attributes,
        IReadOnlySet<string> inherited,
        IReadOnlySet<string> outer,
        string indent)
    {
        var names = new HashSet<string>([.. s_ofRecords, .. inherited, name]);
        var body = new List<Action>();
        var nested = new List<Action>();
        string inner = indent + "    ";
        foreach (SchemaField field in node.Fields.Where(field => field.Case < 0))
        {
            if (ImportedMethod.IsCompanion(field, node.Fields, "has"))
            {
                continue;
            }

            string member = Take(names, ImportedTypes.Pascal(field.Name), "Value");
            if (field.Type is not null)
            {
                body.Add(() => Member(field, node, member, inner));
                continue;
            }

            SchemaNode group = nodes[field.Group];
            string type = TakeType(
                names, outer, ImportedTypes.Pascal(field.Name) + (group.HasUnion ? "Union" : "Group"));
            body.Add(() => Line(
                inner,
                IsRequired(group)
                    ? $"public required {type} {member} {{ get; init; }}"
                    : $"public {type} {member} {{ get; init; }} = new();"));
            nested.Add(() => Type(
                group,
                type,
                $"{path}.{type}",
                null,
                [$"[CapnpGroup{UnionOrdinal(field.Ordinal, "(")}{(field.Ordinal < 0 ? "" : ")")}]"],
                new HashSet<string>(),
                new HashSet<string>([.. outer, type]),
                inner));
        }

        foreach (string attribute in attributes)
        {
            Line(indent, attribute);
        }

        foreach (SchemaField field in node.Fields.Where(field => field.Case >= 0).OrderBy(field => field.Case))
        {
            string @case = TakeType(names, outer, ImportedTypes.Pascal(field.Name));
            Line(indent, $"[IpcUnion({field.Case}, typeof({path}.{@case}))]");

            // A case inherits members and types of its union, and must not hide them.
            nested.Add(() => Case(field, @case, $"{path}.{@case}", name, names, outer, inner));
        }

        string kind = derivesFrom == "Exception" ? "sealed class" : node.HasUnion ? "abstract record" : "sealed record";
        Line(indent, $"public {kind} {name}{(derivesFrom is null ? "" : " : " + derivesFrom)}");
        Line(indent, "{");
        Separated(body.Concat(nested));
        Line(indent, "}");
    }

    private void Separated(IEnumerable<Action> parts)
    {
        bool isFirst = true;
        foreach (Action part in parts)
        {
            if (!isFirst)
            {
                _lines.Add("");
            }

            isFirst = false;
            part();
        }
    }

    private void Case(
        SchemaField field,
        string name,
        string path,
        string union,
        IReadOnlySet<string> inherited,
        IReadOnlySet<string> outer,
        string indent)
    {
        if (field.Type is null)
        {
            Type(
                nodes[field.Group],
                name,
                path,
                union,
                field.Ordinal < 0 ? [] : [$"[CapnpGroup({UnionOrdinal(field.Ordinal, "")})]"],
                inherited,
                new HashSet<string>([.. outer, name]),
                indent);
            return;
        }

        SchemaType type = ImportedTypes.Bind(field.Type, arguments);
        string attribute = ImportedMethod.FieldAttribute(field, field.Ordinal, [], null);
        if (type.Kind == TypeKind.Void)
        {
            Line(indent, $"[{attribute}]");
            Line(indent, $"public sealed record {name} : {union};");
            return;
        }

        string member = Take(new HashSet<string>([.. s_ofRecords, .. inherited, name]), "Value", "OfCase");
        string said = types.Of(type, arguments) + (IsNullable(type) ? "?" : "");
        Line(indent, $"public sealed record {name}([property: {attribute}] {said} {member}) : {union};");
    }

    private void Member(SchemaField field, SchemaNode node, string name, string indent)
    {
        SchemaType type = ImportedTypes.Bind(field.Type!, arguments);
        int has = ImportedMethod.HasOf(field, node.Fields);
        bool isNullable = has >= 0 || IsNullable(type);
        Line(
            indent,
            $"[{ImportedMethod.FieldAttribute(field, field.Ordinal, node.Fields, null)}]");
        Line(
            indent,
            $"public {types.Of(type, arguments)}{(isNullable ? "?" : "")} {name} {{ get; init; }}"
                + (isNullable ? ""
                    : ImportedMethod.Literal(field) is { } value ? Initial(type, value)
                    : type.Kind == TypeKind.Text ? " = \"\";"
                    : type.Kind is TypeKind.Data or TypeKind.List ? " = [];" : ""));
    }

    private static bool IsNullable(SchemaType type)
        => type.Kind is TypeKind.Struct or TypeKind.Interface or TypeKind.AnyPointer;

    private string Initial(SchemaType type, string value)
        => type.Kind == TypeKind.Enum ? $" = ({types.Of(type, [])}){value};" : $" = {value};";

    // A union has no value that is there without a choice.
    private bool IsRequired(SchemaNode group) => group.HasUnion
        || group.Fields.Any(field => field.Type is null && IsRequired(nodes[field.Group]));

    private string TakeType(HashSet<string> taken, IReadOnlySet<string> outer, string wanted)
        => Take(taken, outer.Contains(wanted) || types.IsOfDeclaration(wanted) ? wanted + "Case" : wanted, "Case");

    private static string Take(HashSet<string> taken, string wanted, string more)
    {
        string name = wanted;
        for (int number = 1; !taken.Add(name); number++)
        {
            name = wanted + more + (number == 1 ? "" : number.ToString(CultureInfo.InvariantCulture));
        }

        return name;
    }

    private void Line(string indent, string line) => _lines.Add(line.Length == 0 ? "" : indent + line);
}
