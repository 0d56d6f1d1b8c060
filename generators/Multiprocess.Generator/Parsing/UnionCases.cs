using Microsoft.CodeAnalysis;

namespace Multiprocess.Generator.Parsing;

/// <summary>The cases of a closed hierarchy: <c>[IpcUnion]</c>, or MessagePack-CSharp's <c>[Union]</c>.</summary>
internal static class UnionCases
{
    public const string Unreadable = "a case needs an integer as its key and a type known by typeof";

    /// <summary>The attributes that name the cases.</summary>
    public static IEnumerable<AttributeData> Of(ITypeSymbol type)
        => type.GetAttributes().Where(attribute => attribute.AttributeClass is { } attributeClass
            && (WellKnownTypes.Is(attributeClass, WellKnownTypes.IpcUnion) || WellKnownTypes.Is(
                attributeClass, WellKnownTypes.MessagePackUnion)));

    /// <summary>
    /// A case. Null for an error type, which the compiler has reported, and for a type name as text, which
    /// MessagePack-CSharp allows.
    /// </summary>
    public static (int Key, INamedTypeSymbol Type)? Read(AttributeData attribute)
    {
        var arguments = attribute.ConstructorArguments;
        return arguments.Length == 2 && arguments[0].Value is int key && arguments[1].Value is INamedTypeSymbol type
            ? (key, type)
            : null;
    }
}
