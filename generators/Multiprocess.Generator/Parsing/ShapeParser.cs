using System.Globalization;
using System.Text;
using Microsoft.CodeAnalysis;
using Multiprocess.Generator.Model;

namespace Multiprocess.Generator.Parsing;

/// <summary>Describes the user's types that cross by value, and builds the description of each call.</summary>
/// <remarks>
/// The text is part of the protocol, see "The shape of a value" in PROTOCOL.md: it is compared before the first call
/// of a method.
/// </remarks>
internal static class ShapeParser
{
    /// <summary>
    /// The longest description that is sent, in UTF-16 code units. Of a longer description, the hash is sent.
    /// </summary>
    private const int LongestText = 16 * 1024;

    public static ShapeModel OfEnum(INamedTypeSymbol type) => new(
        TypeNames.Wire(type),
        "enum",
        ": " + TypeNames.Wire(type.EnumUnderlyingType!),
        type.GetMembers().OfType<IFieldSymbol>().Where(field => field.HasConstantValue)
            .Select(
                field => new ShapeMemberModel(field.Name, $"{field.Name} = {Number(field.ConstantValue!)}", default))
            .ToEquatableArray())
    {
        Word = type.HasAttribute(WellKnownTypes.Flags) ? "flags " : "",
    };

    public static ShapeModel OfUnion(
        INamedTypeSymbol type, IEnumerable<(int Key, ITypeSymbol Type, EquatableArray<string> Uses)> cases) => new(
        TypeNames.Wire(type),
        "union",
        "",
        cases.OrderBy(@case => @case.Key)
            .Select(
                @case
                    => new ShapeMemberModel(
                        @case.Type.Name,
                        $"{Number(@case.Key)}: {TypeNames.Wire(@case.Type)}",
                        @case.Uses))
            .ToEquatableArray());

    public static ShapeModel OfConverted(ITypeSymbol type) => new(TypeNames.Wire(type), "converted", "", default);

    public static ShapeModel OfValue(
        INamedTypeSymbol type, ValueLayout layout, IEnumerable<ValueMemberModel> members) => new(
        TypeNames.Wire(type),
        layout switch
        {
            ValueLayout.IntegerKeys => "keyed",
            ValueLayout.StringKeys => "map",
            _ => "record",
        },
        "",
        members.Select(member => new ShapeMemberModel(
            member.Name.TrimStart('@'), TextOf(member, layout, member.Type.Wire), member.Type.Uses)
        {
            BaselineLine = TextOf(member, layout, member.Type.WireWithNull),
            Default = member.DescribedDefault is { } value ? $"{KeyOf(member, layout)} = {value}" : null,
            IsSensitive = member.Type.IsSensitive,
        }).ToEquatableArray())
    {
        Word = type.IsValueType ? "struct " : "",
    };

    /// <summary>The contract with the descriptions of its calls, and its fingerprint over these.</summary>
    public static ContractModel Describe(ContractModel contract, IReadOnlyDictionary<string, ShapeModel> shapes)
    {
        var members = contract.Members
            .Select(member => member with
            {
                Calls = member.Calls.Select(call => Describe(call, shapes)).ToEquatableArray(),
            })
            .ToEquatableArray();
        return contract with
        {
            Members = members,
            Fingerprint = WireIds.Fingerprint(members.SelectMany(member => member.Calls)),
        };
    }

    private static CallModel Describe(CallModel call, IReadOnlyDictionary<string, ShapeModel> shapes)
    {
        var sent = call.Parameters.Where(parameter => parameter.IsSent).SelectMany(parameter => parameter.Type.Uses);
        var returned = call.Parameters.Where(parameter => parameter.IsReturned)
            .SelectMany(parameter => parameter.Type.Uses)
            .Concat(call.Result is { } result ? result.Uses : default);
        var order = new List<string>();
        var arguments = Reach(sent, shapes, order);
        var results = Reach(returned, shapes, order);
        if (order.Count == 0)
        {
            return call with { Description = call.WireSignature };
        }

        var text = new StringBuilder(call.WireSignature);
        foreach (string name in order)
        {
            text.Append('\n')
                .Append(!results.Contains(name) ? "> " : !arguments.Contains(name) ? "< " : "<> ")
                .Append(shapes[name].Head);
            foreach (var member in shapes[name].Members)
            {
                text.Append("\n ").Append(member.Text);
            }
        }

        string all = text.ToString();
        return call with
        {
            Description = all.Length <= LongestText
                ? all
                : call.WireSignature + "\nhash " + WireIds.Hash(all).ToString("X16", CultureInfo.InvariantCulture),
        };
    }

    /// <summary>All types that can be reached from the given types through members and cases.</summary>
    private static HashSet<string> Reach(
        IEnumerable<string> from,
        IReadOnlyDictionary<string, ShapeModel> shapes,
        List<string> order)
    {
        var reached = new HashSet<string>();
        var open = new Stack<string>(from.Reverse());
        while (open.Count != 0)
        {
            string name = open.Pop();
            if (!reached.Add(name) || !shapes.TryGetValue(name, out var shape))
            {
                continue;
            }

            if (!order.Contains(name))
            {
                order.Add(name);
            }

            foreach (string used in shape.Members.SelectMany(member => member.Uses).Reverse())
            {
                open.Push(used);
            }
        }

        return reached;
    }

    private static string TextOf(ValueMemberModel member, ValueLayout layout, string type)
        => $"{KeyOf(member, layout)}: {type}{(member.Default is null ? "" : " = default")}";

    private static string KeyOf(ValueMemberModel member, ValueLayout layout)
    {
        string name = member.Name.TrimStart('@');
        return layout switch
        {
            ValueLayout.IntegerKeys => Number(member.IntegerKey) + " " + name,
            ValueLayout.StringKeys => member.StringKey,
            _ => name,
        };
    }

    private static string Number(object value) => Convert.ToString(value, CultureInfo.InvariantCulture)!;
}
