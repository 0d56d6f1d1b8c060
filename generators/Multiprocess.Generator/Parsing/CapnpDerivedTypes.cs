using System.Globalization;
using Microsoft.CodeAnalysis;
using Multiprocess.Generator.CapnProto;
using Multiprocess.Generator.Model;

namespace Multiprocess.Generator.Parsing;

/// <summary>
/// Types of contracts without attributes that attributes would have to describe: nullable values, enums, delegate
/// types, and values of the framework. In the forms of the exported schema.
/// </summary>
internal sealed class CapnpDerivedTypes(CapnpScope scope)
{
    private const string Invariant = "global::System.Globalization.CultureInfo.InvariantCulture";

    private static readonly Dictionary<string, (string Wire, string To, string From)> s_numbers = new()
    {
        ["System.TimeSpan"] = ("Int64", "{0}.Ticks", "new global::System.TimeSpan({0})"),
        ["System.DateTime"] = ("Int64", "{0}.ToBinary()", "global::System.DateTime.FromBinary({0})"),
        ["System.TimeOnly"] = ("Int64", "{0}.Ticks", "new global::System.TimeOnly({0})"),
        ["System.DateOnly"] = ("Int32", "{0}.DayNumber", "global::System.DateOnly.FromDayNumber({0})"),
        ["System.Half"] = ("Single", "(float){0}", "(global::System.Half){0}"),
        ["System.Text.Rune"] = ("UInt32", "(uint){0}.Value", "new global::System.Text.Rune({0})"),
        ["System.IntPtr"] = ("Int64", "(long){0}", "checked((nint){0})"),
        ["System.UIntPtr"] = ("UInt64", "(ulong){0}", "checked((nuint){0})"),
        ["System.Index"] = (
            "Int32",
            "({0}.IsFromEnd ? ~{0}.Value : {0}.Value)",
            "({0} < 0 ? new global::System.Index(~{0}, true) : new global::System.Index({0}))"),
    };

    /// <summary>Values as bytes: the expression that makes them, and what they become.</summary>
    private static readonly Dictionary<string, (string To, string From)> s_bytes = new()
    {
        ["System.Numerics.BigInteger"] = ("{0}.ToByteArray()", "new global::System.Numerics.BigInteger({0})"),
        ["System.Int128"] = ("CapnpExchange.BytesOf({0})", "CapnpExchange.ReadInt128({0})"),
        ["System.UInt128"] = ("CapnpExchange.BytesOf({0})", "CapnpExchange.ReadUInt128({0})"),
        ["System.Net.IPAddress"] = ("{0}.GetAddressBytes()", "new global::System.Net.IPAddress({0})"),
    };

    /// <summary>Values of the framework that are structs: the properties that their constructors take.</summary>
    private static readonly Dictionary<string, string[]> s_structs = new()
    {
        ["System.DateTimeOffset"] = ["Ticks", "Offset"],
        ["System.Numerics.Complex"] = ["Real", "Imaginary"],
        ["System.Range"] = ["Start", "End"],
        ["System.Net.IPEndPoint"] = ["Address", "Port"],
        ["System.Net.IPNetwork"] = ["BaseAddress", "PrefixLength"],
    };

    /// <summary>Members whose numbers are other ones than those of their types.</summary>
    private static readonly Dictionary<string, CapnpType> s_members = new()
    {
        ["System.DateTimeOffset.Offset"] = new(CapnpForm.Number, "global::System.TimeSpan", false)
        {
            Wire = "Int16",
            ToWire = "(short){0}.TotalMinutes",
            FromWire = "global::System.TimeSpan.FromMinutes((double){0})",
        },
        ["System.Net.IPEndPoint.Port"] = new(CapnpForm.Number, "int", false)
        {
            Wire = "UInt16", ToWire = "checked((ushort){0})", FromWire = "checked((int){0})",
        },
        ["System.Net.IPNetwork.PrefixLength"] = new(CapnpForm.Number, "int", false)
        {
            Wire = "Byte", ToWire = "checked((byte){0})", FromWire = "checked((int){0})",
        },
    };

    private static readonly Dictionary<string, (string To, string From)> s_texts = new()
    {
        ["System.Guid"] = ("{0}.ToString()", "global::System.Guid.Parse({0})"),
        ["System.Decimal"] = (
            $"{{0}}.ToString({Invariant})",
            $"decimal.Parse({{0}}, global::System.Globalization.NumberStyles.Number, {Invariant})"),
        ["System.Uri"] = (
            "{0}?.OriginalString", "new global::System.Uri({0}, global::System.UriKind.RelativeOrAbsolute)"),
        ["System.Globalization.CultureInfo"] = (
            "{0}?.Name", "global::System.Globalization.CultureInfo.GetCultureInfo({0})"),
        ["System.Version"] = ("{0}?.ToString()", "global::System.Version.Parse({0})"),
    };

    /// <summary>The numbers of enums that are numbers in the schema.</summary>
    private static readonly Dictionary<SpecialType, (string Wire, string Cast)> s_underlying = new()
    {
        [SpecialType.System_SByte] = ("SByte", "(sbyte)"),
        [SpecialType.System_Byte] = ("Byte", "(byte)"),
        [SpecialType.System_Int16] = ("Int16", "(short)"),
        [SpecialType.System_UInt16] = ("UInt16", "(ushort)"),
        [SpecialType.System_Int32] = ("Int32", "(int)"),
        [SpecialType.System_UInt32] = ("UInt32", "(uint)"),
        [SpecialType.System_Int64] = ("Int64", "(long)"),
        [SpecialType.System_UInt64] = ("UInt64", "(ulong)"),
    };

    /// <summary>A value of the framework; null for any other type.</summary>
    public CapnpType? Framework(ITypeSymbol type, string code, bool admitsNull, Site site)
    {
        string name = WellKnownTypes.FullName(type);
        return s_numbers.TryGetValue(name, out var number)
            ? new(CapnpForm.Number, code, false) { Wire = number.Wire, ToWire = number.To, FromWire = number.From }
            : s_texts.TryGetValue(name, out var text)
            ? new(CapnpForm.Text, code, admitsNull) { ToText = text.To, FromText = text.From }
            : s_bytes.TryGetValue(name, out var bytes)
            ? new(CapnpForm.Data, code, admitsNull) { ToBytes = bytes.To, FromBytes = bytes.From }
            : s_structs.TryGetValue(name, out string[]? members)
            ? new(CapnpForm.Struct, code, admitsNull)
            {
                Codec = FrameworkStruct((INamedTypeSymbol)type, name, code, members, site),
            }
            : null;
    }

    private string FrameworkStruct(INamedTypeSymbol type, string name, string code, string[] members, Site site)
    {
        if (scope.Codecs.TryGetValue(code, out string? known))
        {
            return known;
        }

        string codec = scope.Take(TypeNames.Identifier(type) + "Codec");
        scope.Codecs.Add(code, codec);
        var fields = new CapnpFields(scope);
        foreach (string member in members)
        {
            ITypeSymbol own = type.GetMembers(member).OfType<IPropertySymbol>().Single().Type;
            CapnpType field = s_members.TryGetValue(name + "." + member, out var given)
                ? given
                : new CapnpTypes(scope).Resolve(own, site)!;
            fields.Add(member, field, site, ordinal: null);
        }

        var laid = fields.Lay()!;
        scope.Sizes[codec] = laid.Size;
        scope.Structs.Add(new(codec, code, laid.Size, laid.Fields, laid.Fields, default, IsTuple: false));
        return codec;
    }

    /// <summary>An enum: its values are positions, flags are numbers.</summary>
    public CapnpType? Enum(INamedTypeSymbol type, string code, Site site)
    {
        if (ShapeOf(type) is not { Kind: "enum" } shape)
        {
            return Number("Int64", "(long)"); // Of the framework, where no baseline keeps positions.
        }

        if (type.HasAttribute("System.FlagsAttribute"))
        {
            (string wire, string cast) = s_underlying[type.EnumUnderlyingType!.SpecialType];
            return Number(wire, cast);
        }

        var order = scope.Derived!.OrderOf(shape);
        for (int i = 0; i < order.Count; i++)
        {
            var field = type.GetMembers(order[i]).OfType<IFieldSymbol>().FirstOrDefault();
            decimal value = Convert.ToDecimal(
                field?.ConstantValue ?? -1, System.Globalization.CultureInfo.InvariantCulture);
            if (value != i)
            {
                scope.Refuse(
                    site,
                    $"Expected values that are positions, as Cap'n Proto's enums have them: {i} for "
                        + $"'{TypeNames.Display(type)}.{order[i]}', got {value}");
                return null;
            }
        }

        return Number("UInt16", "(ushort)");

        CapnpType Number(string wire, string cast)
            => new(CapnpForm.Number, code, false)
            {
                Wire = wire, ToWire = $"checked({cast}{{0}})", FromWire = $"checked(({code}){{0}})",
            };
    }

    /// <summary>A nullable value: a struct with a union of nothing and the value.</summary>
    public CapnpType Optional(INamedTypeSymbol type, CapnpType value)
    {
        string code = TypeNames.Code(type.WithNullableAnnotation(NullableAnnotation.NotAnnotated));
        if (!scope.Codecs.TryGetValue(code, out string? codec))
        {
            codec = scope.Take("Optional" + TypeNames.Identifier(type.TypeArguments[0]) + "Codec");
            scope.Codecs.Add(code, codec);
            var layout = new StructLayout();
            var union = new UnionLayout(layout);
            union.AddMember().AddVoid();
            var some = union.AddMember();
            int offset = CapnpFields.SizeOf(value) is { } bits ? some.AddData(bits) : some.AddPointer();
            var size = new CapnpSize(layout.DataWords, layout.PointerCount);
            scope.Sizes[codec] = size;
            scope.Structs.Add(new(
                codec,
                code,
                size,
                new[] { new CapnpField("some", value, offset, "", -1, "ipcSome") }.ToEquatableArray(),
                default,
                default,
                IsTuple: false)
            {
                Tag = union.Discriminant!.Value,
            });
        }

        return new(CapnpForm.Struct, code, false) { Codec = codec };
    }

    /// <summary>An array of several dimensions: a struct with the sizes and the items, row by row.</summary>
    public CapnpType? Grid(IArrayTypeSymbol type, string code, bool admitsNull, Site site, CapnpTypes types)
    {
        if (!scope.Codecs.TryGetValue(code, out string? codec))
        {
            codec = scope.Take(
                TypeNames.Identifier(type.WithNullableAnnotation(NullableAnnotation.NotAnnotated)) + "Codec");
            scope.Codecs.Add(code, codec);
            Compilation compilation = scope.Derived!.Compilation;
            ITypeSymbol ofSizes = compilation.CreateArrayTypeSymbol(
                compilation.GetSpecialType(SpecialType.System_Int32));
            ITypeSymbol ofItems = compilation.CreateArrayTypeSymbol(
                type.ElementType, elementNullableAnnotation: type.ElementNullableAnnotation);
            if (types.Resolve(ofSizes.WithNullableAnnotation(NullableAnnotation.NotAnnotated), site) is not { } sizes
                || types.Resolve(ofItems.WithNullableAnnotation(NullableAnnotation.NotAnnotated), site)
                    is not { } items)
            {
                return null;
            }

            string element = TypeNames.Code(type.ElementType);
            string rank = "[" + new string(',', type.Rank - 1) + "]";
            int at = code.IndexOf(rank, StringComparison.Ordinal);
            string sized = code.Substring(0, at)
                + $"[{string.Join(", ", Enumerable.Range(0, type.Rank).Select(i => $"ipcSizes[{i}]"))}]"
                + code.Substring(at + rank.Length);
            var fields = new CapnpFields(scope);
            fields.Add("sizes", sizes, site, ordinal: null);
            fields.Add("items", items, site, ordinal: null);
            var laid = fields.Lay()!;
            scope.Sizes[codec] = laid.Size;
            scope.Structs.Add(new(codec, code, laid.Size, laid.Fields, default, default, IsTuple: false)
            {
                Values = new[] { "CapnpExchange.SizesOf(ipcValue)", $"CapnpExchange.ItemsOf<{element}>(ipcValue)" }
                    .ToEquatableArray(),
                Make = $"({code})CapnpExchange.MakeArray<{element}>({{0}}, {{1}}, {type.Rank}, "
                    + $"static ipcSizes => new {sized})",
            });
        }

        return new(CapnpForm.Struct, code, admitsNull) { Codec = codec };
    }

    /// <summary>
    /// A closed hierarchy: a struct with a union of pointers to its cases, in the order of the baseline.
    /// </summary>
    public CapnpType? Union(INamedTypeSymbol type, string code, bool admitsNull, Site site, CapnpTypes types)
    {
        if (scope.Codecs.TryGetValue(code, out string? codec))
        {
            return new(CapnpForm.Struct, code, admitsNull) { Codec = codec };
        }

        if (ShapeOf(type) is not { Kind: "union" } shape)
        {
            scope.Refuse(
                site, $"Cap'n Proto has no form for '{TypeNames.Display(type)}', which has a converter of its own");
            return null;
        }

        codec = scope.Take(
            TypeNames.Identifier(type.WithNullableAnnotation(NullableAnnotation.NotAnnotated)) + "Codec");
        scope.Codecs.Add(code, codec);
        var layout = new StructLayout();
        var union = new UnionLayout(layout);
        var cases = new List<CapnpCase>();
        var ofKeys = UnionCases.Of(type).Select(UnionCases.Read).OfType<(int Key, INamedTypeSymbol Type)>().ToList();
        foreach (string line in scope.Derived!.OrderOf(shape, member => member.Text))
        {
            string key = line.Substring(0, line.IndexOf(':'));
            var found = ofKeys.First(each => each.Key.ToString(CultureInfo.InvariantCulture) == key);
            ITypeSymbol bare = found.Type.WithNullableAnnotation(NullableAnnotation.NotAnnotated);
            if (types.Resolve(bare, site.Case(found.Type.Name)) is not { } content)
            {
                return null;
            }

            int place = union.AddMember().AddPointer();
            cases.Add(new(
                cases.Count,
                TypeNames.CodeWithoutNull(bare),
                !found.Type.IsAbstract,
                new CapnpField("", content, place, "", -1, "ipcCase")));
        }

        if (cases.Count == 1)
        {
            union.AddMember().AddVoid(); // A schema reserves it, because a union has at least two members.
        }

        var size = new CapnpSize(layout.DataWords, layout.PointerCount);
        scope.Sizes[codec] = size;
        scope.Structs.Add(new(codec, code, size, default, default, default, IsTuple: false)
        {
            Tag = union.Discriminant!.Value,

            // Exact types first: an abstract case may be the base of another one.
            Cases = cases.OrderByDescending(@case => @case.IsExact).ToEquatableArray(),
            RefusesNull = type.IsReferenceType,
        });
        return new(CapnpForm.Struct, code, admitsNull) { Codec = codec };
    }

    /// <summary>A delegate type: an interface with one method, whose proxy and stub are in this file.</summary>
    public CapnpType? Delegate(INamedTypeSymbol type, string code, bool admitsNull, Site site)
    {
        if (type.TypeArguments.Any(argument => argument is ITypeParameterSymbol))
        {
            scope.Refuse(site, $"Expected a delegate type with one signature, got '{TypeNames.Display(type)}'");
            return null;
        }

        if (scope.KnownDelegates.Add(code))
        {
            string prefix = scope.Take(CapnpContractParser.PrefixOf(type));
            scope.Take(prefix + "Proxy");
            scope.Take(prefix + "Stub");
            string? outer = scope.ContractId;
            scope.ContractId = CapnpAttributes.Hex(CapnpDerived.IdOf(type));
            var method = new CapnpMethodParser(scope).Parse(
                type.DelegateInvokeMethod!, type, null, null, site, 0, CapnpCallKind.Delegate, "Invoke");
            scope.ContractId = outer;
            if (method is null)
            {
                return null;
            }

            scope.Delegates.Add(new(
                code,
                TypeNames.Display(type),
                prefix,
                IsDelegate: true,
                new[] { method }.ToEquatableArray(),
                new[] { new CapnpSpecial(CapnpAttributes.Hex(CapnpDerived.ThreadsId), 0, HasContext: false) }
                    .ToEquatableArray(),
                default,
                IsDisposable: false,
                IsAsyncDisposable: false)
            {
                IsGeneric = type.IsGenericType,
            });
        }

        return new(CapnpForm.Object, code, admitsNull);
    }

    /// <summary>
    /// The members of a type by value in the order of their ordinals; null, and a refusal, if Cap'n Proto cannot
    /// express the type.
    /// </summary>
    public List<CapnpMembers.Member>? MembersOf(INamedTypeSymbol type, Site site)
    {
        var members = CapnpMembers.Of(type);
        if (type.IsTupleType || WellKnownTypes.IsFramework(type))
        {
            return members;
        }

        if (ShapeOf(type) is not { Kind: "record" or "keyed" or "map" } shape)
        {
            scope.Refuse(
                site,
                $"Cap'n Proto has no form for '{TypeNames.Display(type)}', which has a converter of its own");
            return null;
        }

        var order = scope.Derived!.OrderOf(shape);
        var found = order.Select(name => members.FirstOrDefault(member => member.Symbol.Name == name)).ToList();
        if (found.Exists(member => member is null) || found.Count != members.Count)
        {
            scope.Refuse(
                site,
                $"Expected a type whose public members are its value, got '{TypeNames.Display(type)}'");
            return null;
        }

        return [.. found.OfType<CapnpMembers.Member>()];
    }

    private ShapeModel? ShapeOf(INamedTypeSymbol type)
        => scope.File!.Shapes.TryGetValue(
            TypeNames.Wire(type.WithNullableAnnotation(NullableAnnotation.NotAnnotated)), out var shape)
            ? shape
            : null;
}
