namespace Multiprocess.Tool.Schemas;

/// <summary>A method of a schema as a contract has it.</summary>
/// <remarks>
/// libmultiprocess tells by names what a field is: <c>result</c> is the returned value, <c>hasX</c> and <c>wantX</c>
/// belong to <c>x</c>, and a field of both structs is a parameter by reference.
/// </remarks>
internal sealed class ImportedMethod
{
    // Of a line, without its indentation.
    private const int MaxLength = 112;

    private readonly IReadOnlyDictionary<ulong, SchemaNode> _nodes;
    private readonly ImportedTypes _types;
    private readonly SchemaMethod _method;
    private readonly SchemaNode _sent;
    private readonly SchemaNode _returned;
    private readonly bool _isWrapped;

    /// <param name="nodes">All declarations.</param>
    /// <param name="types">Names the types.</param>
    /// <param name="method">The method.</param>
    /// <param name="isWrapped">
    /// Whether the interface is one of libmultiprocess. In any other, the first result is the returned value, whatever
    /// its name.
    /// </param>
    public ImportedMethod(
        IReadOnlyDictionary<ulong, SchemaNode> nodes, ImportedTypes types, SchemaMethod method, bool isWrapped)
    {
        _isWrapped = isWrapped;
        _nodes = nodes;
        _types = types;
        _method = method;
        _sent = nodes[method.Parameters];
        _returned = nodes[method.Results];
    }

    /// <summary>The ordinal of the context in the parameters; -1 for none.</summary>
    public int Context => _sent.Fields.ToList().FindIndex(
        each => each.Type is { Kind: TypeKind.Struct, TypeId: KnownIds.Context });

    /// <summary>Whether it exchanges thread maps.</summary>
    public bool IsThreadMap => _sent.Fields.Any(
        each => each.Type is { Kind: TypeKind.Interface, TypeId: KnownIds.ThreadMap });

    /// <summary>Why a contract cannot have the method; null if it can.</summary>
    public string? Obstacle { get; private set; }

    /// <summary>Its lines in C#, without the attribute of the ordinal.</summary>
    /// <param name="name">Its name in C#.</param>
    /// <param name="makeException">Writes an exception with the fields of a struct, and returns its name.</param>
    public IReadOnlyList<string> Write(string name, Func<SchemaNode, string> makeException)
    {
        try
        {
            return TryWrite(name, makeException);
        }
        catch (NotSupportedException exception)
        {
            Obstacle = exception.Message;
            return [];
        }
    }

    private List<string> TryWrite(string name, Func<SchemaNode, string> makeException)
    {
        if (IsThreadMap)
        {
            return [$"void {name}();"];
        }

        if (_sent.Fields.Concat(_returned.Fields).Any(field => field.Type is null || field.HasOtherDefault))
        {
            throw new NotSupportedException("a group, or a default value that is no number");
        }

        SchemaField? result = ResultField();
        var lines = new List<string>();
        var parameters = new List<string>();
        for (int i = 0; i < _sent.Fields.Count; i++)
        {
            SchemaField field = _sent.Fields[i];
            if (i != Context && !IsCompanion(field, _sent.Fields, "has") && !IsWant(field))
            {
                parameters.Add(Parameter(field, i));
            }
        }

        for (int i = 0; i < _returned.Fields.Count; i++)
        {
            SchemaField field = _returned.Fields[i];
            if (field.Note(KnownIds.Exception) is { } exception)
            {
                string type = exception == KnownIds.AnyException || field.Type!.Kind != TypeKind.Struct
                    ? "Exception"
                    : makeException(_nodes[field.Type.TypeId]);
                lines.Add($"[CapnpThrows({i}, typeof({type}))]");
            }
            else if (field != result
                && !IsCompanion(field, _returned.Fields, "has")
                && _sent.Fields.All(other => other.Name != field.Name))
            {
                parameters.Add(Out(field, i));
            }
        }

        if (result is not null)
        {
            int ordinal = _returned.Fields.ToList().IndexOf(result);
            lines.Add($"[return: {FieldAttribute(result, ordinal, _returned.Fields, null)}]");
        }

        // A null pointer may arrive where a peer returns nothing.
        string returned = result is null
            ? "void"
            : _types.Of(result.Type!, []) + (IsNullable(result, _returned.Fields) ? "?" : "");
        string line = $"{returned} {name}({string.Join(", ", parameters)});";
        if (line.Length <= MaxLength)
        {
            lines.Add(line);
        }
        else
        {
            lines.Add($"{returned} {name}(");
            lines.AddRange(parameters.Select(
                (parameter, i) => $"    {parameter}{(i == parameters.Count - 1 ? ");" : ",")}"));
        }

        return lines;
    }

    private SchemaField? ResultField()
    {
        SchemaField? named = _returned.Fields.FirstOrDefault(field => field.Name == "result")
            ?? (_isWrapped ? null : _returned.Fields.FirstOrDefault());
        return named is not null && _sent.Fields.All(field => field.Name != named.Name) ? named : null;
    }

    private string Parameter(SchemaField field, int ordinal)
    {
        int inResults = _returned.Fields.ToList().FindIndex(other => other.Name == field.Name);
        string attribute = FieldAttribute(field, ordinal, _sent.Fields, inResults < 0 ? null : $"Result = {inResults}");
        bool isNullable = HasOf(field, _sent.Fields) >= 0
            || field.Type is { Kind: TypeKind.AnyPointer, IsAnyCapability: false };
        string type = _types.Of(field.Type!, []) + (isNullable ? "?" : "");
        return $"[{attribute}] {(inResults < 0 ? "" : "ref ")}{type} {ImportedTypes.Camel(field.Name)}";
    }

    private string Out(SchemaField field, int ordinal)
    {
        int want = _sent.Fields.ToList().FindIndex(other => other.Name == "want" + ImportedTypes.Pascal(field.Name));
        string attribute = FieldAttribute(field, ordinal, _returned.Fields, want < 0 ? null : $"Want = {want}");
        string type = _types.Of(field.Type!, []) + (IsNullable(field, _returned.Fields) ? "?" : "");
        return $"[{attribute}] out {type} {ImportedTypes.Camel(field.Name)}";
    }

    private bool IsWant(SchemaField field) => _returned.Fields.Any(
        other => "want" + ImportedTypes.Pascal(other.Name) == field.Name && field.Type!.Kind == TypeKind.Bool);

    private static bool IsNullable(SchemaField field, IReadOnlyList<SchemaField> fields)
        => HasOf(field, fields) >= 0
            || field.Type!.Kind is TypeKind.Struct or TypeKind.Interface or TypeKind.AnyPointer;

    /// <summary>The attribute that binds a field.</summary>
    public static string FieldAttribute(
        SchemaField field, int ordinal, IReadOnlyList<SchemaField> fields, string? more)
    {
        int has = HasOf(field, fields);
        return $"CapnpField({ordinal}"
            + (has < 0 ? "" : $", Has = {has}")
            + (more is null ? "" : ", " + more)
            + (Literal(field) is { } value ? $", Default = {value}" : "")
            + ")";
    }

    /// <summary>The default value as C# writes it; null for none.</summary>
    public static string? Literal(SchemaField field) => field.Default switch
    {
        null => null,
        bool flag => flag ? "true" : "false",
        double real when real == double.MaxValue => "double.MaxValue",
        double real when double.IsFinite(real) => real.ToString("R", System.Globalization.CultureInfo.InvariantCulture)
            + "d",
        double real => double.IsNaN(real) ? "double.NaN"
            : real > 0 ? "double.PositiveInfinity" : "double.NegativeInfinity",
        float real when float.IsFinite(real) => real.ToString("R", System.Globalization.CultureInfo.InvariantCulture)
            + "f",
        float real => float.IsNaN(real) ? "float.NaN" : real > 0 ? "float.PositiveInfinity" : "float.NegativeInfinity",
        IFormattable number => number.ToString(null, System.Globalization.CultureInfo.InvariantCulture)
            + (field.Type!.Kind == TypeKind.UInt64 ? "UL" : field.Type.Kind == TypeKind.Int64 ? "L" : ""),
        _ => null,
    };

    /// <summary>The ordinal of the Bool that says whether a field is there; -1 for none.</summary>
    public static int HasOf(SchemaField field, IReadOnlyList<SchemaField> fields) => fields.FirstOrDefault(
        other => other.Name == "has" + ImportedTypes.Pascal(field.Name) && other.Type?.Kind == TypeKind.Bool)
            ?.Ordinal ?? -1;

    /// <summary>Whether a field only says something about another one.</summary>
    public static bool IsCompanion(SchemaField field, IReadOnlyList<SchemaField> fields, string prefix)
        => field.Type?.Kind == TypeKind.Bool
            && fields.Any(other => prefix + ImportedTypes.Pascal(other.Name) == field.Name);
}
