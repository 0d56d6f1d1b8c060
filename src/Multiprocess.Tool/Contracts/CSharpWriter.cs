using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Multiprocess.Tool.Contracts;

/// <summary>Writes described contracts and types as C# that could have declared them.</summary>
/// <remarks>
/// When compiled, the C# gives contracts with the same fingerprints, with two exceptions, because a description does
/// not contain them: converters of the program itself, and the definition of a generic contract or type, of which only
/// the closed form is known.
/// </remarks>
internal sealed partial class CSharpWriter
{
    private static readonly Dictionary<string, string> s_keywords = new()
    {
        ["System.Boolean"] = "bool", ["System.Byte"] = "byte", ["System.SByte"] = "sbyte", ["System.Int16"] = "short",
        ["System.UInt16"] = "ushort",
        ["System.Int32"] = "int", ["System.UInt32"] = "uint", ["System.Int64"] = "long", ["System.UInt64"] = "ulong",
        ["System.IntPtr"] = "nint",
        ["System.UIntPtr"] = "nuint", ["System.Char"] = "char", ["System.Single"] = "float",
        ["System.Double"] = "double", ["System.Decimal"] = "decimal",
        ["nint"] = "nint", ["nuint"] = "nuint",
        ["System.String"] = "string", ["System.Object"] = "object", ["System.Void"] = "void",
    };

    private readonly ContractBook _book;
    private readonly StringBuilder _text = new();
    private readonly SortedSet<string> _usings = new(StringComparer.Ordinal) { "Multiprocess" };
    private readonly Dictionary<string, Shape> _caseOf = [];
    private string _space = "";

    private CSharpWriter(ContractBook book)
    {
        _book = book;
        foreach (Shape union in book.Shapes.Where(shape => shape.Kind == ShapeKind.Union))
        {
            foreach (ShapeMember @case in union.Members)
            {
                _caseOf.TryAdd(@case.Name, union);
            }
        }
    }

    /// <summary>Writes the whole description as C#.</summary>
    public static string Write(ContractBook book) => new CSharpWriter(book).WriteAll();

    /// <summary>Writes a method on one line, for a list.</summary>
    public static string Signature(ContractBook book, Method method)
    {
        var writer = new CSharpWriter(book);
        return method.Accessor switch
        {
            Accessor.Get
                => $"{writer.Type(method.Result.Type)} {method.MemberName}{writer.Index(method.Parameters)} {{ get; }}",
            Accessor.Set
                => $"{writer.Type(method.Parameters[^1].Type)} "
                    + $"{method.MemberName}{writer.Index([.. method.Parameters.SkipLast(1)])} {{ set; }}",
            Accessor.Add or Accessor.Remove
                => $"event {writer.Type(method.Parameters[0].Type)} {method.MemberName} {{ "
                    + $"{(method.Accessor == Accessor.Add ? "add" : "remove")}; }}",
            _ => $"{writer.Type(method.Result.Type)} {method.Name}({writer.Parameters(method)})",
        };
    }

    private string WriteAll()
    {
        var blocks = new List<(string Space, string Name, Action Write)>();
        blocks.AddRange(
            _book.Described.Where(contract => !IsOfFramework(contract.Name)).Select(
                contract => (SpaceOf(contract.Name), contract.Name, (Action)(() => WriteContract(contract)))));
        blocks.AddRange(
            _book.Shapes
                .Where(shape => !IsOfFramework(shape.Name))
                .OrderBy(shape => shape.Name, StringComparer.Ordinal)
                .Select(shape => (SpaceOf(shape.Name), shape.Name, (Action)(() => WriteShape(shape)))));
        blocks.AddRange(Unknown().Select(name => (SpaceOf(name), name, (Action)(() => WriteUnknown(name)))));
        foreach (IGrouping<string, (string Space, string Name, Action Write)> group in blocks.GroupBy(
            block => block.Space))
        {
            _space = group.Key;
            _text.Append(group.Key.Length == 0 ? "" : $"\nnamespace {group.Key}\n{{");
            foreach ((_, _, Action write) in group)
            {
                _text.Append('\n');
                write();
            }

            _text.Append(group.Key.Length == 0 ? "" : "}\n");
        }

        string usings = string.Concat(
            _usings
                .OrderBy(name => name.StartsWith("System", StringComparison.Ordinal) ? 0 : 1)
                .ThenBy(name => name, StringComparer.Ordinal)
                .Select(name => $"using {name};\n"));
        return $"#nullable enable\n{usings}{_text}";
    }

    /// <summary>
    /// The program's types that are mentioned but not described, because a converter at the place of use writes them.
    /// </summary>
    private SortedSet<string> Unknown()
    {
        var unknown = new SortedSet<string>(StringComparer.Ordinal);
        IEnumerable<Place> places = _book.Described.SelectMany(contract => contract.Methods).SelectMany(
            method => method.Parameters.Append(method.Result))
            .Concat(_book.Shapes.SelectMany(shape => shape.Members).Select(member => member.Type).OfType<Place>());
        foreach (Place place in places)
        {
            Note(place.Type);
        }

        return unknown;

        void Note(TypeName type)
        {
            foreach (TypeName argument in type.Arguments)
            {
                Note(argument);
            }

            if (type.Rank == 0
                && !IsOfFramework(type.Name)
                && !type.Name.StartsWith("Multiprocess.", StringComparison.Ordinal)
                && _book.FindShape(type) is null && _book.FindContract(type) is null)
            {
                unknown.Add(type.Key);
            }
        }
    }

    private void WriteUnknown(string name)
    {
        Line("// Not described: a converter of the program's own writes it.");
        Line($"public sealed record {NameOf(name)};");
    }

    private void WriteContract(Contract contract)
    {
        if (contract.IsDelegate)
        {
            Method invoke = contract.Methods[0];
            Line(
                $"public delegate {Marked(invoke.Result, isReturn: true)} "
                    + $"{NameOf(contract.Name)}({Parameters(invoke)});");
            return;
        }

        if (contract.Name.Contains('<', StringComparison.Ordinal))
        {
            Line($"// A closed form of a generic contract: {contract.Name}");
        }

        string[] bases =
            [
                .. contract.Methods.Where(method => method.Disposes)
                    .Select(method => method.Name == "Dispose" ? "IDisposable" : "IAsyncDisposable")
                    .Distinct(),
            ];
        if (bases.Length > 0)
        {
            _usings.Add("System");
        }

        Line("[IpcInterface]");
        Line($"public interface {NameOf(contract.Name)}{(bases.Length == 0 ? "" : " : " + string.Join(", ", bases))}");
        Line("{");
        bool isFirst = true;
        foreach (Method method in contract.Methods.Where(
            method => !method.Disposes && !(method.Accessor == Accessor.Remove
                || (method.Accessor == Accessor.Set && Getter(contract, method) is not null))))
        {
            _text.Append(isFirst ? "" : "\n");
            isFirst = false;
            WriteMember(contract, method);
        }

        Line("}");
    }

    private static Method? Getter(Contract contract, Method set)
        => contract.Methods.FirstOrDefault(
            method
                => method.Accessor == Accessor.Get
                    && method.MemberName == set.MemberName
                    && method.Parameters.Count == set.Parameters.Count - 1);

    private static Method? Setter(Contract contract, Method get)
        => contract.Methods.FirstOrDefault(
            method
                => method.Accessor == Accessor.Set
                    && method.MemberName == get.MemberName
                    && method.Parameters.Count == get.Parameters.Count + 1);

    private void WriteMember(Contract contract, Method method)
    {
        List<string> options = [];
        if (method.Id != MethodIds.Of(_book, method))
        {
            options.Add(method.Id.ToString(CultureInfo.InvariantCulture));
        }

        if (method.TimeoutMilliseconds > 0)
        {
            options.Add(
                string.Create(CultureInfo.InvariantCulture, $"TimeoutMilliseconds = {method.TimeoutMilliseconds}"));
        }

        if (options.Count > 0)
        {
            Line($"    [IpcMethod({string.Join(", ", options)})]");
        }

        if (method.IsOneWay)
        {
            Line("    [IpcOneWay]");
        }

        Place place = method.Accessor switch
        {
            Accessor.Add or Accessor.Set => method.Parameters[^1],
            _ => method.Result,
        };
        if (place.IsConverted)
        {
            Line("    // A converter of the program's own writes the value.");
        }

        switch (method.Accessor)
        {
            case Accessor.Add:
                Line($"    event {Type(place.Type)} {Escape(method.MemberName)};");
                break;
            case Accessor.Get or Accessor.Set:
                bool isSettable = method.Accessor == Accessor.Set || Setter(contract, method) is not null;
                IReadOnlyList<Parameter> index = method.Accessor == Accessor.Get
                    ? method.Parameters
                    : [.. method.Parameters.SkipLast(1)];
                Line(
                    $"    {(place.IsSensitive ? "[IpcSensitive] " : "")}{Type(place.Type)} "
                        + $"{(index.Count == 0 ? Escape(method.MemberName) : "this")}{Index(index)} {{ "
                        + $"{(method.Accessor == Accessor.Get ? "get; " : "")}{(isSettable ? "set; " : "")}}}");
                break;
            default:
                Line($"    {Marked(method.Result, isReturn: true)} {Escape(method.Name)}({Parameters(method)});");
                break;
        }
    }

    private string Index(IReadOnlyList<Parameter> parameters)
        => parameters.Count == 0 ? "" : $"[{Declare(parameters)}]";

    private string Marked(Place place, bool isReturn)
        => (place.IsSensitive
            ? isReturn
            ? "[return: IpcSensitive] "
            : "[IpcSensitive] "
            : "") + (place.IsConverted ? "/* converted */ " : "") + Type(place.Type);

    private string Parameters(Method method) => Declare(method.Parameters);

    private string Declare(IReadOnlyList<Parameter> parameters)
        => string.Join(
            ", ",
            parameters.Select(
                (parameter, i) => Declare(
                    parameter,
                    parameters.Skip(i + 1).All(after => after.Default is not null || after.IsToken))));

    /// <summary>
    /// Writes a parameter. Optional parameters are usually last; attributes mark one that is not.
    /// </summary>
    private string Declare(Parameter parameter, bool isLast)
    {
        string passing = parameter.Passing switch
        {
            Passing.In => "in ",
            Passing.Ref => "ref ",
            Passing.Out => "out ",
            _ => "",
        };
        string marks =
            (parameter.IsSensitive ? "[IpcSensitive] " : "") + (parameter.IsConverted ? "/* converted */ " : "");
        (string before, string after) = Optional(parameter, isLast);
        return $"{marks}{before}{passing}{Type(parameter.Type)} {Escape(parameter.Name)}{after}";
    }

    /// <summary>The text before the type and after the name of an optional parameter.</summary>
    private (string Before, string After) Optional(Parameter parameter, bool isLast)
    {
        if (parameter.IsToken)
        {
            return isLast ? ("", " = default") : ("", "");
        }

        if (parameter.Default is not { } value)
        {
            return ("", "");
        }

        if (value.IsParams)
        {
            return ("params ", "");
        }

        string literal = Literal(parameter, value);
        if (CSharpLiterals.Ticks(parameter, value) is { } ticks)
        {
            _usings.UnionWith(["System.Runtime.InteropServices", "System.Runtime.CompilerServices"]);
            return ($"[Optional, DateTimeConstant({ticks.ToString(CultureInfo.InvariantCulture)})] ", "");
        }

        if (isLast)
        {
            return ("", " = " + literal);
        }

        _usings.Add("System.Runtime.InteropServices");
        return parameter.IsSensitive ? ("[Optional] ", "")
            : value.IsOfType || value.Json is null || parameter.Type.Name == "System.Decimal"
            ? ($"[Optional] /* = {literal} */ ", "")
            : ($"[Optional, DefaultParameterValue({literal})] ", "");
    }

    private string Literal(Place place, DefaultValue value)
        => CSharpLiterals.Of(_book, place, value, Type, Escape);

    private void WriteShape(Shape shape)
    {
        string name = NameOf(shape.Name);
        string kind = shape.IsStruct
            ? "readonly record struct"
            : shape.Kind == ShapeKind.Union
            ? "abstract record"
            : _book.Shapes.Any(
                other => other.Kind == ShapeKind.Union && other.Members.Any(member => member.Name == shape.Name))
            ? "record"
            : "sealed record";
        string @base = _caseOf.TryGetValue(shape.Name, out Shape? union) && union != shape
            ? " : " + Simple(union.Name)
            : "";
        switch (shape.Kind)
        {
            case ShapeKind.Enum:
                if (shape.IsFlags)
                {
                    _usings.Add("System");
                    Line("[Flags]");
                }

                bool isUnsigned =
                    shape.Underlying!.Name is "System.Byte" or "System.UInt16" or "System.UInt32" or "System.UInt64";
                Line(
                    $"public enum "
                        + $"{name}{(shape.Underlying.Name == "System.Int32" ? "" : " : " + Type(shape.Underlying))}");
                Line("{");
                foreach (ShapeMember member in shape.Members)
                {
                    Line(
                        $"    {Escape(member.Name)} = "
                            + $"{(isUnsigned ? ((ulong)member.Key).ToString(CultureInfo.InvariantCulture) : member.Key.ToString(CultureInfo.InvariantCulture))},");
                }

                Line("}");
                break;
            case ShapeKind.Union:
                foreach (ShapeMember @case in shape.Members)
                {
                    Line(
                        $"[IpcUnion({@case.Key.ToString(CultureInfo.InvariantCulture)}, "
                            + $"typeof({Type(@case.Type!.Type)}))]");
                }

                Line($"public {kind} {name};");
                break;
            case ShapeKind.Converted:
                Line("// A converter of the program's own writes it.");
                Line($"public {kind} {name};");
                break;
            case ShapeKind.Record:
                Line(
                    $"public {kind} "
                        + $"{name}({string.Join(", ", shape.Members.Select((member, i) => DeclareMember(member, shape.Members.Skip(i).All(rest => rest.HasDefault))))}){@base};");
                break;
            default:
                _usings.Add("MessagePack");
                Line("[MessagePackObject]");
                Line($"public {kind} {name}{@base}");
                Line("{");
                foreach (ShapeMember member in shape.Members)
                {
                    string key = shape.Kind == ShapeKind.Keyed
                        ? member.Key.ToString(CultureInfo.InvariantCulture)
                        : $"\"{member.Name}\"";
                    string property = shape.Kind == ShapeKind.Keyed
                        ? member.Name
                        : NotIdentifier().Replace(member.Name, "_");
                    Line(
                        $"    [Key({key})] {(member.Type!.IsSensitive ? "[IpcSensitive] " : "")}public "
                            + $"{(member.HasDefault ? "" : "required ")}{Type(member.Type.Type)} {Escape(property)} {{ "
                            + $"get; init; }}{Initializer(member)}");
                }

                Line("}");
                break;
        }
    }

    /// <summary>
    /// Writes a member of a record. Only the last members can have defaults; a value type has a default anyway.
    /// </summary>
    private string DeclareMember(ShapeMember member, bool isOptional)
        => $"{(member.Type!.IsSensitive ? "[property: IpcSensitive] " : "")}"
            + $"{(member.Type.IsConverted ? "/* converted */ " : "")}{Type(member.Type.Type)} {Escape(member.Name)}"
            + (isOptional ? " = " + DefaultOf(member) : "");

    /// <summary>The initializer that gives a property its default; empty where the property has it anyway.</summary>
    private string Initializer(ShapeMember member)
        => member.HasDefault && (member.Default is not null || IsPlain(member.Type!.Type))
            ? $" = {DefaultOf(member)};"
            : "";

    /// <summary>The default of a member that has one.</summary>
    private string DefaultOf(ShapeMember member)
        => member.Default is { } value && CSharpLiterals.Ticks(member.Type!, value) is null
            ? Literal(member.Type!, value)
            : "default" + (IsPlain(member.Type!.Type) ? "!" : "");

    /// <summary>Whether a default of null needs <c>!</c>, as far as the description shows.</summary>
    private bool IsPlain(TypeName type)
        => !type.IsNullable
            && !(_book.FindShape(type) is { } shape && (shape.IsStruct || shape.Kind == ShapeKind.Enum))
            && !(s_keywords.TryGetValue(type.Key, out string? word) && word is not ("string" or "object"));

    private string Type(TypeName type)
    {
        string text = type.Rank > 0 ? $"{Type(type.Arguments[0])}[{new string(',', type.Rank - 1)}]"
            : type.Name == "System.ValueTuple"
                && type.Arguments.Count > 1 ? $"({string.Join(", ", Flat(type).Select(Type))})"
            : s_keywords.TryGetValue(type.Key, out string? word) ? word
            : _book.FindContract(type) is { IsDelegate: false } contract
                && contract.Name.Contains('<', StringComparison.Ordinal)
                && !IsOfFramework(contract.Name) ? NameOf(contract.Name)
            : _book.FindShape(type) is { } shape
                && shape.Name.Contains('<', StringComparison.Ordinal) ? NameOf(shape.Name)
            : Simple(type.Name) + (type.Arguments.Count == 0
                ? ""
                : $"<{string.Join(", ", type.Arguments.Select(Type))}>");
        return text + (type.IsNullable ? "?" : "");
    }

    /// <summary>A tuple of eight or more elements is a tuple whose last element is a tuple of the rest.</summary>
    private static IEnumerable<TypeName> Flat(TypeName tuple)
        => tuple.Arguments is { Count: 8 } all && all[7].Name == "System.ValueTuple"
            ? all.Take(7).Concat(Flat(all[7]))
            : tuple.Arguments;

    private string Simple(string name)
    {
        string space = SpaceOf(name);
        if (space.Length > 0 && space != _space)
        {
            _usings.Add(space);
        }

        return space.Length == 0 ? name : name[(space.Length + 1)..];
    }

    private static string SpaceOf(string name)
    {
        int bracket = name.IndexOf('<', StringComparison.Ordinal);
        int dot = (bracket < 0 ? name : name[..bracket]).LastIndexOf('.');
        return dot < 0 ? "" : name[..dot];
    }

    /// <summary>The name in a declaration. A closed generic type gets a name of its own.</summary>
    private static string NameOf(string name)
    {
        string space = SpaceOf(name);
        string simple = space.Length == 0 ? name : name[(space.Length + 1)..];
        int bracket = simple.IndexOf('<', StringComparison.Ordinal);
        return bracket < 0 ? Escape(simple)
            : simple[..bracket] + "Of" + string.Join(
                "And",
                TypeName.Parse(name).Arguments.Select(
                    argument => NotIdentifier().Replace(argument.Name[(argument.Name.LastIndexOf('.') + 1)..], "_")));
    }

    private static bool IsOfFramework(string name)
        => name.StartsWith("System.", StringComparison.Ordinal) || s_keywords.ContainsKey(name);

    private static string Escape(string name)
        => Microsoft.CodeAnalysis.CSharp.SyntaxFacts.GetKeywordKind(
            name) != Microsoft.CodeAnalysis.CSharp.SyntaxKind.None
            ? "@" + name
            : name;

    private void Line(string line) => _text.Append(_space.Length == 0 ? "" : "    ").Append(line).Append('\n');

    [GeneratedRegex("[^A-Za-z0-9_]")]
    private static partial Regex NotIdentifier();
}
