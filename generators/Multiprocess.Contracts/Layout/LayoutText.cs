using System.Globalization;
using System.Text;
using Microsoft.CodeAnalysis;
using Multiprocess.Generator.Model;
using Multiprocess.Generator.Parsing;

namespace Multiprocess.Contracts.Tool.Layout;

/// <summary>
/// Says where each value of the contracts for Cap'n Proto is in its message, so that a schema can be compared.
/// </summary>
/// <remarks>
/// A line for each interface, <c>interface 0x… Name</c>, then a line for each method: ordinal, name, parameters,
/// results, apart by tabs. A struct is its size and its fields by their places: <c>1,2{Int32@0=7 Text^1}</c>;
/// <c>@</c> is an offset in units of the field's size, <c>^</c> the number of a pointer.
/// </remarks>
internal sealed class LayoutText
{
    private readonly CapnpFile _file;

    // Structs that are being written: a struct that contains itself would never end.
    private readonly List<string> _open = [];

    private LayoutText(CapnpFile file) => _file = file;

    /// <summary>The lines of an assembly.</summary>
    /// <exception cref="InvalidDataException">A contract is refused, or there is none.</exception>
    public static IEnumerable<string> Of(
        IAssemblySymbol assembly, IEnumerable<INamedTypeSymbol> types, CapnpDerived? derived)
    {
        var all = types.ToList();
        var files = all.Where(type => type.HasAttribute(CapnpAttributes.Interface))
            .Select(type => CapnpContractParser.Parse(type, CancellationToken.None))
            .Concat(derived is null ? [] : all.Where(CapnpDerived.Applies).Select(
                type => CapnpDerivedParser.Parse(type, derived, out _, CancellationToken.None)).OfType<CapnpFile>())
            .ToList();
        if (files.Count == 0)
        {
            throw new InvalidDataException(
                $"'{assembly.Name}' has no contracts for Cap'n Proto: no interface in it is marked [CapnpInterface].");
        }

        return files.SelectMany(file => file.Contract is { } contract
            ? file.Delegates.Prepend(contract).SelectMany(new LayoutText(file).Write)
            : throw new InvalidDataException($"{file.Errors[0].Id}: {file.Errors[0].Message}"));
    }

    private IEnumerable<string> Write(CapnpContract contract)
    {
        var specials = contract.Constructs.Select(construct => (construct, Name: "construct"))
            .Concat(contract.Destroys.Select(
                destroy => (destroy, Name: destroy.Name.Length == 0 ? "destroy" : destroy.Name)));
        foreach (var methods in contract.Methods
            .Select(method => (method.InterfaceId, method.Ordinal, Line: Line(method)))
            .Concat(specials.Select(special => (
                special.Item1.InterfaceId, special.Item1.Ordinal, Line: $"{special.Item1.Ordinal}\t{special.Name}")))
            .GroupBy(method => method.InterfaceId))
        {
            // Methods of a base are in the lines of the base too.
            yield return $"interface {methods.Key} {contract.DisplayName}";
            foreach (var method in methods.OrderBy(method => method.Ordinal))
            {
                yield return method.Line;
            }
        }
    }

    private string Line(CapnpMethod method) => string.Join(
        '\t',
        method.Ordinal.ToString(CultureInfo.InvariantCulture),
        method.Name,
        method.IsThreadMap ? "0,1{Interface^0}" : Sized(method.ParameterSize, Sent(method)),
        method.IsThreadMap ? "0,1{Interface^0}" : Sized(method.ResultSize, Returned(method)));

    private IEnumerable<(string Place, string Text)> Sent(CapnpMethod method)
        => method.ParameterFields.SelectMany(Field)
            .Concat(method.Context < 0 ? [] : [Pointer("Struct(0,2{Interface^0 Interface^1})", method.Context)])
            .Concat(method.Wants.Select(Bool));

    private IEnumerable<(string Place, string Text)> Returned(CapnpMethod method)
        => method.ResultFields.SelectMany(Field).Concat(method.Throws.Select(
            thrown => Pointer(thrown.Codec.Length == 0 ? "Text" : StructOf(thrown.Codec), thrown.Pointer)));

    private static string Sized(CapnpSize size, IEnumerable<(string Place, string Text)> fields)
        => $"{size.DataWords},{size.Pointers}{Fields(fields)}";

    private static string Fields(IEnumerable<(string Place, string Text)> fields)
    {
        var ordered = fields.OrderBy(field => field.Place, StringComparer.Ordinal).Select(field => field.Text);
        return $"{{{string.Join(' ', ordered)}}}";
    }

    private IEnumerable<(string Place, string Text)> Field(CapnpField field)
    {
        switch (field.Type.Form)
        {
            case CapnpForm.Void:
                yield break;
            case CapnpForm.Group:
                foreach (var inner in Places(StructWith(field.Type.Codec), common: 0))
                {
                    yield return inner;
                }

                yield break;
        }

        if (field.Has >= 0)
        {
            yield return Bool(field.Has);
        }

        yield return field.Type.Form == CapnpForm.Number
            ? Data(field.Type.Wire, field.Offset, Default(field.Default))
            : Pointer(Of(field.Type), field.Offset);
    }

    private string Of(CapnpType type) => type.Form switch
    {
        CapnpForm.Number => type.Wire,
        CapnpForm.Text => "Text",
        CapnpForm.Data or CapnpForm.TextAsData => "Data",
        CapnpForm.List => $"List({Of(_file.Lists.First(list => list.Codec == type.Codec).Element)})",
        CapnpForm.Struct => StructOf(type.Codec),
        CapnpForm.Any => "AnyPointer",
        CapnpForm.Void => "Void",
        _ => "Interface",
    };

    private string StructOf(string codec)
    {
        // One struct of a schema may be several types here: a value, and an exception.
        var value = StructWith(codec);
        string key = value.Id == 0 ? codec : value.Id.ToString("x16", CultureInfo.InvariantCulture);
        if (_open.Contains(key))
        {
            return $"Struct(up {_open.Count - _open.IndexOf(key)})";
        }

        _open.Add(key);
        string text = $"Struct({Sized(value.Size, Places(value, common: 0))})";
        _open.RemoveAt(_open.Count - 1);
        return text;
    }

    private CapnpStruct StructWith(string codec) => _file.Structs.First(each => each.Codec == codec);

    // The fields of a group are fields of its struct; those of a union depend on the tag.
    private IEnumerable<(string Place, string Text)> Places(CapnpStruct value, int common)
    {
        if (value.Tag < 0)
        {
            return value.Fields.Skip(common).SelectMany(Field);
        }

        bool isOptional = value.Cases.Count == 0;
        IEnumerable<string> cases = isOptional
            ? ["0{}", "1" + Fields(value.Fields.SelectMany(Field))]
            : value.Cases.OrderBy(@case => @case.Value).Select(@case => Case(@case, value.Fields.Count));
        if (value.Cases.Count == 1)
        {
            cases = cases.Append("1{}");
        }

        var union = Data("Union", value.Tag, "");
        return (isOptional ? [] : value.Fields.Skip(common).SelectMany(Field))
            .Append((union.Place, $"{union.Text}({string.Join(' ', cases)})"));
    }

    private string Case(CapnpCase @case, int common)
        => @case.Value.ToString(CultureInfo.InvariantCulture) + Fields(
            @case.Content.Type.Form == CapnpForm.Group
                ? Places(StructWith(@case.Content.Type.Codec), common)
                : Field(@case.Content));

    // Numbers are written as the generator writes them in code, without the endings that C# needs.
    private static string Default(string literal)
    {
        string bare = literal.TrimEnd('d', 'f');
        bool isWord = literal.Length == 0 || char.IsLetter(literal[0]);
        return isWord ? (literal is "" or "false" ? "" : "=" + literal)
            : bare is "0" or "-0" ? "" : "=" + bare;
    }

    private static (string Place, string Text) Bool(int offset) => Data("Bool", offset, "");

    private static (string Place, string Text) Data(string kind, int offset, string value)
        => (string.Create(CultureInfo.InvariantCulture, $"@{BitOf(kind, offset):D8}"), $"{kind}@{offset}{value}");

    private static (string Place, string Text) Pointer(string kind, int number)
        => (string.Create(CultureInfo.InvariantCulture, $"^{number:D8}"), $"{kind}^{number}");

    private static int BitOf(string kind, int offset) => offset * kind switch
    {
        "Bool" => 1,
        "SByte" or "Byte" => 8,
        "Int16" or "UInt16" or "Union" => 16,
        "Int32" or "UInt32" or "Single" => 32,
        _ => 64,
    };
}
