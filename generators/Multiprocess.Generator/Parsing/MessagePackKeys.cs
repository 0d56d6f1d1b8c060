using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Multiprocess.Generator.Diagnostics;
using Multiprocess.Generator.Model;

namespace Multiprocess.Generator.Parsing;

/// <summary>
/// Reads MessagePack-CSharp's attributes by name, so that types made for that library cross as it would write them.
/// </summary>
internal static class MessagePackKeys
{
    /// <summary>The largest integer key: every smaller one costs a byte in each value.</summary>
    private const int LargestKey = 1023;

    public static ValueLayout LayoutOf(INamedTypeSymbol type)
    {
        var attribute = type.FindAttribute(WellKnownTypes.MessagePackObject);
        if (attribute is null)
        {
            return ValueLayout.Members;
        }

        bool keyIsName = IsTrue(attribute);
        bool hasStringKey = type.GetMembers().Any(member => KeyOf(member) is string);
        return keyIsName || hasStringKey ? ValueLayout.StringKeys : ValueLayout.IntegerKeys;
    }

    public static bool HasKey(ISymbol member) => KeyOf(member) is not null;

    public static int? IntegerKey(ISymbol member) => KeyOf(member) as int?;

    /// <summary>The member's key in a map, as a C# literal: the given key, or the member's name.</summary>
    public static string StringKey(ISymbol member)
        => SymbolDisplay.FormatLiteral(KeyOf(member) as string ?? member.Name, quote: true);

    /// <summary>Refuses a type whose keys do not define what crosses.</summary>
    public static bool Check(
        INamedTypeSymbol type,
        ValueLayout layout,
        IReadOnlyList<ISymbol> members,
        FileScope scope,
        Site site)
    {
        if (layout == ValueLayout.Members)
        {
            return true;
        }

        bool keyIsName = IsTrue(type.FindAttribute(WellKnownTypes.MessagePackObject)!);
        var keys = new HashSet<object>();
        foreach (var member in members)
        {
            object? key = KeyOf(member) ?? (keyIsName ? member.Name : null);
            string? problem = key is null ? $"'{member.Name}' has neither [Key] nor [IgnoreMember]"
                : (key is int) != (layout == ValueLayout.IntegerKeys)
                    ? $"the key of '{member.Name}' is of another kind than the others"
                : key is int number and (< 0 or > LargestKey)
                    ? $"the key {number} of '{member.Name}' is not between 0 and {LargestKey}"
                : !keys.Add(key) ? $"the key of '{member.Name}' is given twice"
                : null;
            if (problem is not null)
            {
                scope.Refusals.Add(Rules.MessagePackKeys, site.Location, site.Path, TypeNames.Display(type), problem);
                return false;
            }
        }

        return true;
    }

    private static object? KeyOf(ISymbol member)
        => member.FindAttribute(WellKnownTypes.MessagePackKey)?.ConstructorArguments.FirstOrDefault().Value;

    private static bool IsTrue(AttributeData attribute)
        => attribute.ConstructorArguments.FirstOrDefault().Value is true;
}
