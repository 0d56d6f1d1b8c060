using System.Globalization;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Multiprocess.Generator.Model;

namespace Multiprocess.Generator.Parsing;

/// <summary>Decides how a type crosses by Cap'n Proto.</summary>
internal sealed class CapnpTypes(CapnpScope scope)
{
    /// <summary>The methods that read and write each number, and the number's C# type.</summary>
    private static readonly Dictionary<SpecialType, (string Wire, string Type)> s_numbers = new()
    {
        [SpecialType.System_Boolean] = ("Bool", "bool"),
        [SpecialType.System_SByte] = ("SByte", "sbyte"),
        [SpecialType.System_Byte] = ("Byte", "byte"),
        [SpecialType.System_Int16] = ("Int16", "short"),
        [SpecialType.System_UInt16] = ("UInt16", "ushort"),
        [SpecialType.System_Int32] = ("Int32", "int"),
        [SpecialType.System_UInt32] = ("UInt32", "uint"),
        [SpecialType.System_Int64] = ("Int64", "long"),
        [SpecialType.System_UInt64] = ("UInt64", "ulong"),
        [SpecialType.System_Single] = ("Single", "float"),
        [SpecialType.System_Double] = ("Double", "double"),
    };

    /// <summary>The members of <c>CapnpFieldType</c>, in their order.</summary>
    private static readonly (string Wire, string Type)[] s_fieldTypes =
    [
        ("", ""), ("SByte", "sbyte"), ("Int16", "short"), ("Int32", "int"), ("Int64", "long"),
        ("Byte", "byte"), ("UInt16", "ushort"), ("UInt32", "uint"), ("UInt64", "ulong"),
    ];

    private const int DataType = 9;

    private static readonly HashSet<string> s_asArrays =
    [
        "System.Collections.Generic.IReadOnlyList`1", "System.Collections.Generic.IReadOnlyCollection`1",
    ];

    private readonly CapnpDerivedTypes _derived = new(scope);

    /// <summary>Collections by what creates them.</summary>
    private static readonly Dictionary<string, string> s_collections = new()
    {
        ["System.Collections.Generic.List`1"] = "System.Collections.Generic.List",
        ["System.Collections.Generic.IList`1"] = "System.Collections.Generic.List",
        ["System.Collections.Generic.ICollection`1"] = "System.Collections.Generic.List",
        ["System.Collections.Generic.IReadOnlyList`1"] = "System.Collections.Generic.List",
        ["System.Collections.Generic.IReadOnlyCollection`1"] = "System.Collections.Generic.List",
        ["System.Collections.Generic.HashSet`1"] = "System.Collections.Generic.HashSet",
        ["System.Collections.Generic.ISet`1"] = "System.Collections.Generic.HashSet",
        ["System.Collections.Generic.IReadOnlySet`1"] = "System.Collections.Generic.HashSet",
        ["System.Collections.Generic.SortedSet`1"] = "System.Collections.Generic.SortedSet",
        ["System.Collections.Generic.Dictionary`2"] = "System.Collections.Generic.Dictionary",
        ["System.Collections.Generic.IDictionary`2"] = "System.Collections.Generic.Dictionary",
        ["System.Collections.Generic.IReadOnlyDictionary`2"] = "System.Collections.Generic.Dictionary",
        ["System.Collections.Generic.SortedDictionary`2"] = "System.Collections.Generic.SortedDictionary",
    };

    /// <summary>The type as it crosses; null, and a refusal, if it cannot.</summary>
    /// <param name="type">The type.</param>
    /// <param name="site">Where it is used.</param>
    /// <param name="field">The attribute of its place.</param>
    /// <param name="hasHas">Whether a Bool says that the value is there.</param>
    public CapnpType? Resolve(ITypeSymbol type, Site site, AttributeData? field = null, bool hasHas = false)
    {
        if (type is INamedTypeSymbol { OriginalDefinition.SpecialType: SpecialType.System_Nullable_T } nullable)
        {
            var value = Resolve(nullable.TypeArguments[0], site, field);
            if (value is null)
            {
                return null;
            }

            if (scope.Derived is not null)
            {
                return _derived.Optional(nullable, value);
            }

            if (value.Form == CapnpForm.Number && !hasHas)
            {
                scope.Refuse(
                    site,
                    $"Expected a Bool beside '{TypeNames.Display(type)}' that says whether the value is there, got "
                        + "none; name it with [CapnpField(ordinal, Has = ordinal)]");
                return null;
            }

            return value with { AdmitsNull = true, IsNullableValue = true };
        }

        string code = TypeNames.CodeWithoutNull(type);
        bool admitsNull = TypeNames.AdmitsNull(type);
        if (s_numbers.TryGetValue(type.SpecialType, out var number))
        {
            return Number(code, number.Type, number.Wire, field);
        }

        if (type.TypeKind == TypeKind.Enum)
        {
            return scope.Derived is null
                ? Number(code, "", "", field)
                : _derived.Enum((INamedTypeSymbol)type, code, site);
        }

        if (type.SpecialType == SpecialType.System_Char)
        {
            return new(CapnpForm.Number, code, false) { Wire = "UInt16", FromWire = "checked((char){0})" };
        }

        if (type.SpecialType == SpecialType.System_String)
        {
            bool isData = CapnpAttributes.Number(field, "Type", 0) == DataType;
            return new(isData ? CapnpForm.TextAsData : CapnpForm.Text, code, admitsNull);
        }

        if (scope.Derived is not null && _derived.Framework(type, code, admitsNull, site) is { } framework)
        {
            return framework;
        }

        if (Data(type, code, admitsNull) is { } data)
        {
            return data;
        }

        switch (WellKnownTypes.FullName(type))
        {
            case CapnpAttributes.Reference:
                return new(CapnpForm.Reference, code, admitsNull);
            case CapnpAttributes.Message:
                return new(CapnpForm.Any, code, admitsNull);
            case "System.ValueTuple" when scope.Derived is null:
                return new(CapnpForm.Void, code, false);
        }

        if (type is INamedTypeSymbol { TypeKind: TypeKind.Interface or TypeKind.Delegate } contract
            && contract.HasAttribute(CapnpAttributes.Interface))
        {
            return new(CapnpForm.Object, code, admitsNull);
        }

        if (scope.Derived is not null)
        {
            if (CapnpDerived.Applies(type))
            {
                return new(CapnpForm.Object, code, admitsNull);
            }

            if (type is INamedTypeSymbol { TypeKind: TypeKind.Delegate } callback)
            {
                return _derived.Delegate(callback, code, admitsNull, site);
            }
        }

        if (type is IArrayTypeSymbol { Rank: 1 } array)
        {
            return List(
                type,
                code,
                admitsNull,
                array.ElementType,
                site,
                "Length",
                Sized(code),
                "ipcItems[{1}] = {0};",
                "ipcItems");
        }

        if (type is IArrayTypeSymbol { Rank: > 1 } grid && scope.Derived is not null)
        {
            return _derived.Grid(grid, code, admitsNull, site, this);
        }

        return type is INamedTypeSymbol named ? Named(named, code, admitsNull, site) : Refused(type, site);
    }

    private static string Sized(string array)
    {
        // The first rank gets the length: int[][] becomes int[ipcCount][].
        int first = array.IndexOf("[]", StringComparison.Ordinal);
        return "new " + array.Substring(0, first) + "[ipcCount]" + array.Substring(first + 2);
    }

    private CapnpType? Refused(ITypeSymbol type, Site site)
    {
        string advice = scope.Derived is not null
            ? "use a number, a string, byte[], a collection, a tuple, a record, a delegate type, or an interface with "
                + "[IpcInterface]"
            : type.TypeKind switch
        {
            TypeKind.Array => "use an array of arrays, or a struct with the sizes and the items",
            TypeKind.Interface or TypeKind.Delegate => "mark it with [CapnpInterface]",
            TypeKind.Class when type.BaseType is { } union && UnionCases.Of(union).Any()
                => $"use the union '{TypeNames.Display(union)}', of which it is a case",
            TypeKind.Class or TypeKind.Struct when !WellKnownTypes.IsFramework(type) => "mark it with [CapnpStruct]",
            _ => "use a number, a string, byte[], a collection, a tuple, a class with [CapnpStruct], or an interface "
                + "with [CapnpInterface]",
        };
        scope.Refuse(site, $"Cap'n Proto has no form for '{TypeNames.Display(type)}'; {advice}");
        return null;
    }

    private static CapnpType? Data(ITypeSymbol type, string code, bool admitsNull)
    {
        if (type is IArrayTypeSymbol { Rank: 1, ElementType.SpecialType: SpecialType.System_Byte })
        {
            return new(CapnpForm.Data, code, admitsNull) { FromBytes = "{0}.ToArray()" };
        }

        return type is INamedTypeSymbol { TypeArguments: { Length: 1 } arguments }
            && arguments[0].SpecialType == SpecialType.System_Byte
            ? WellKnownTypes.FullName(type) switch
            {
                "System.ReadOnlySpan`1" => new(CapnpForm.Data, code, false) { FromBytes = "{0}" },
                "System.ReadOnlyMemory`1" or "System.Memory`1"
                    => new(CapnpForm.Data, code, false) { FromBytes = "{0}.ToArray()", ToBytes = "{0}.Span" },
                "System.Buffers.ReadOnlySequence`1" => new(CapnpForm.Data, code, false)
                {
                    FromBytes = "new global::System.Buffers.ReadOnlySequence<byte>({0}.ToArray())",
                    ToBytes = "global::System.Buffers.BuffersExtensions.ToArray({0})",
                },
                "System.Collections.Immutable.ImmutableArray`1" => new(CapnpForm.Data, code, false)
                {
                    FromBytes = "global::System.Collections.Immutable.ImmutableArray.Create({0})",
                    ToBytes = "{0}.AsSpan()",
                },
                _ => null,
            }
            : null;
    }

    /// <summary>A number that may be written as a number of another kind.</summary>
    private static CapnpType Number(string code, string type, string wire, AttributeData? field)
    {
        int wanted = CapnpAttributes.Number(field, "Type", 0);
        (string wireMethod, string wireType) = wanted is > 0 and < DataType ? s_fieldTypes[wanted] : (wire, type);
        if (wireMethod.Length == 0)
        {
            (wireMethod, wireType) = ("UInt16", "ushort"); // Cap'n Proto's own enums.
        }

        return wireMethod == wire
            ? new(CapnpForm.Number, code, false) { Wire = wire }
            : new(CapnpForm.Number, code, false)
            {
                Wire = wireMethod,
                ToWire = $"checked(({wireType}){{0}})",
                FromWire = $"checked(({code}){{0}})",
            };
    }

    private CapnpType? Named(INamedTypeSymbol type, string code, bool admitsNull, Site site)
    {
        string name = WellKnownTypes.FullName(type.OriginalDefinition);
        if (name == "System.Collections.Immutable.ImmutableArray`1")
        {
            return List(
                type,
                code,
                admitsNull,
                type.TypeArguments[0],
                site,
                "Length",
                "global::System.Collections.Immutable.ImmutableArray.CreateBuilder<"
                    + $"{TypeNames.Code(type.TypeArguments[0])}>(ipcCount)",
                "ipcItems.Add({0});",
                "ipcItems.ToImmutable()");
        }

        if (scope.Derived is not null && s_asArrays.Contains(name))
        {
            // As over the library's own protocol.
            string array = TypeNames.Code(type.TypeArguments[0]) + "[]";
            return List(
                type,
                code,
                admitsNull,
                type.TypeArguments[0],
                site,
                "Count",
                Sized(array),
                "ipcItems[{1}] = {0};",
                "ipcItems");
        }

        if (s_collections.TryGetValue(name, out string? made))
        {
            string arguments = Arguments(type);
            bool isMap = type.TypeArguments.Length == 2;
            bool isSorted = made.Contains(".Sorted");
            return List(
                type,
                code,
                admitsNull,
                isMap ? Pair(type) : type.TypeArguments[0],
                site,
                "Count",
                $"new global::{made}<{arguments}>({(isSorted ? "" : "ipcCount")})",
                isMap ? "ipcItems[{0}.Key] = {0}.Value;" : "ipcItems.Add({0});",
                "ipcItems");
        }

        if (CapnpCollections.Of(name, Arguments(type)) is { } collection)
        {
            return Collection(type, code, admitsNull, site, collection);
        }

        if (type.IsTupleType || name == "System.Collections.Generic.KeyValuePair`2")
        {
            return new(CapnpForm.Struct, code, false) { Codec = StructOf(type, code, site) };
        }

        if (name.StartsWith("System.Tuple`", StringComparison.Ordinal))
        {
            return new(CapnpForm.Struct, code, admitsNull) { Codec = StructOf(type, code, site) };
        }

        if (scope.Derived is not null && UnionCases.Of(type).Any())
        {
            return _derived.Union(type, code, admitsNull, site, this);
        }

        if (type.HasAttribute(CapnpAttributes.Group))
        {
            scope.Refuse(
                site,
                $"Expected a struct, got the group '{TypeNames.Display(type)}', whose fields are in the struct that "
                    + "has it as a member");
            return null;
        }

        if (type.HasAttribute(CapnpAttributes.Struct)
            || (scope.Derived is not null && type.TypeKind is TypeKind.Class or TypeKind.Struct
                && !WellKnownTypes.IsFramework(type)))
        {
            if ((type.IsGenericType && scope.Derived is null) || (type.IsAbstract && !UnionCases.Of(type).Any()))
            {
                scope.Refuse(
                    site,
                    $"Expected a struct with one layout, got '{TypeNames.Display(type)}', which is generic, or "
                        + "abstract without the cases of a union");
                return null;
            }

            return new(CapnpForm.Struct, code, admitsNull) { Codec = StructOf(type, code, site) };
        }

        return Refused(type, site);
    }

    private CapnpType? Collection(
        INamedTypeSymbol type, string code, bool admitsNull, Site site, CapnpCollections.Form form)
    {
        bool isMap = type.TypeArguments.Length == 2;

        // A collection without type arguments says by its indexer what it has.
        ITypeSymbol element = isMap ? Pair(type) : type.TypeArguments.FirstOrDefault()
            ?? type.GetMembers().OfType<IPropertySymbol>().First(property => property.IsIndexer).Type;
        return List(
            type,
            code,
            admitsNull,
            element,
            site,
            form.Count,
            isMap
                ? $"new global::System.Collections.Generic.Dictionary<{Arguments(type)}>(ipcCount)"
                : Sized(TypeNames.Code(element) + "[]"),
            isMap ? "ipcItems[{0}.Key] = {0}.Value;" : "ipcItems[{1}] = {0};",
            form.Finish,
            form.Items);
    }

    private static string Arguments(INamedTypeSymbol type)
        => string.Join(", ", type.TypeArguments.Select(argument => TypeNames.Code(argument)));

    private static ITypeSymbol Pair(INamedTypeSymbol map)
        => map.AllInterfaces.Append(map).SelectMany(each => each.TypeArguments).OfType<INamedTypeSymbol>().First(
            argument => argument.Name == "KeyValuePair");

    private CapnpType? List(
        ITypeSymbol type,
        string code,
        bool admitsNull,
        ITypeSymbol elementType,
        Site site,
        string count,
        string make,
        string add,
        string finish,
        string items = "ipcValue")
    {
        string key = code + " of " + TypeNames.Code(elementType);
        if (scope.Codecs.TryGetValue(key, out string? known))
        {
            return new(CapnpForm.List, code, admitsNull) { Codec = known };
        }

        string codec = scope.Take(
            TypeNames.Identifier(type.WithNullableAnnotation(NullableAnnotation.NotAnnotated)) + "Codec");
        scope.Codecs.Add(key, codec);
        var element = Resolve(elementType, site);
        if (element is null)
        {
            return null;
        }

        if (element is { Form: CapnpForm.Struct, AdmitsNull: true })
        {
            scope.Refuse(
                site, $"Cap'n Proto's lists of structs have no null, which '{TypeNames.Display(type)}' may have");
            return null;
        }

        string size = element.Form switch
        {
            CapnpForm.Struct => "",
            CapnpForm.Void => "Void",
            CapnpForm.Number => element.Wire switch
            {
                "Bool" => "Bit",
                "SByte" or "Byte" => "Byte",
                "Int16" or "UInt16" => "TwoBytes",
                "Int32" or "UInt32" or "Single" => "FourBytes",
                _ => "EightBytes",
            },
            _ => "Pointer",
        };
        scope.Lists.Add(new(
            codec,
            code,
            element,
            size,
            element.Form == CapnpForm.Struct ? scope.Sizes[element.Codec] : null,
            count,
            make,
            add,
            finish)
        {
            Items = items,
            Comparer = CapnpCollections.ComparerOf(WellKnownTypes.FullName(type.OriginalDefinition)),
            MayBeDefault = WellKnownTypes.FullName(type.OriginalDefinition)
                == "System.Collections.Immutable.ImmutableArray`1",
        });
        return new(CapnpForm.List, code, admitsNull) { Codec = codec };
    }

    /// <summary>The codec of a struct.</summary>
    public string StructOf(INamedTypeSymbol type, string code, Site site)
        => new CapnpStructs(scope, this, _derived).CodecOf(type, code, site);

    /// <summary>The default value as C# writes it; empty for none.</summary>
    public string DefaultOf(AttributeData? attribute, CapnpType type, Site site)
    {
        object? value = CapnpAttributes.Named(attribute, "Default");
        if (value is null)
        {
            return "";
        }

        if (type.Form != CapnpForm.Number)
        {
            scope.Refuse(site, "Expected a default value of a number or a bool, got one of another type");
            return "";
        }

        string literal = value switch
        {
            bool flag => flag ? "true" : "false",
            double real => Real(real, type.Wire),
            float real => Real(real, type.Wire),
            IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
            _ => "",
        };
        bool isReal = type.Wire is "Single" or "Double";
        if (literal.Length == 0 || (type.Wire == "Bool") != value is bool || (value is float or double && !isReal)
            || !Fits(value, type.Wire))
        {
            scope.Refuse(site, $"Expected a default value that a {type.Wire} can have, got {value}");
            return "";
        }

        return literal;
    }

    private static string Real(double value, string wire)
    {
        string type = wire == "Single" ? "float" : "double";
        return double.IsPositiveInfinity(value) ? type + ".PositiveInfinity"
            : double.IsNegativeInfinity(value) ? type + ".NegativeInfinity"
            : double.IsNaN(value) ? type + ".NaN"
            : wire == "Single" ? ((float)value).ToString("R", CultureInfo.InvariantCulture) + "f"
            : value.ToString("R", CultureInfo.InvariantCulture) + "d";
    }

    private static bool Fits(object value, string wire)
    {
        if (value is bool or float or double)
        {
            return true;
        }

        decimal number = Convert.ToDecimal(value, CultureInfo.InvariantCulture);
        return wire switch
        {
            "SByte" => number is >= sbyte.MinValue and <= sbyte.MaxValue,
            "Byte" => number is >= byte.MinValue and <= byte.MaxValue,
            "Int16" => number is >= short.MinValue and <= short.MaxValue,
            "UInt16" => number is >= ushort.MinValue and <= ushort.MaxValue,
            "Int32" => number is >= int.MinValue and <= int.MaxValue,
            "UInt32" => number is >= uint.MinValue and <= uint.MaxValue,
            "Int64" => number is >= long.MinValue and <= long.MaxValue,
            "UInt64" => number is >= ulong.MinValue and <= ulong.MaxValue,
            _ => true,
        };
    }
}
