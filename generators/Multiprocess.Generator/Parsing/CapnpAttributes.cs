using Microsoft.CodeAnalysis;

namespace Multiprocess.Generator.Parsing;

/// <summary>The attributes that bind C# to a Cap'n Proto schema.</summary>
internal static class CapnpAttributes
{
    public const string Interface = "Multiprocess.CapnProto.CapnpInterfaceAttribute";
    public const string Contracts = "Multiprocess.CapnProto.CapnpContractsAttribute";
    public const string Method = "Multiprocess.CapnProto.CapnpMethodAttribute";
    public const string Struct = "Multiprocess.CapnProto.CapnpStructAttribute";
    public const string Group = "Multiprocess.CapnProto.CapnpGroupAttribute";
    public const string Field = "Multiprocess.CapnProto.CapnpFieldAttribute";
    public const string Throws = "Multiprocess.CapnProto.CapnpThrowsAttribute";
    public const string Reference = "Multiprocess.CapnProto.Rpc.CapnpReference";
    public const string Message = "Multiprocess.CapnProto.Messages.CapnpMessage";

    /// <summary>The ordinal or the id, which is the first argument.</summary>
    public static ulong First(AttributeData attribute) => attribute.ConstructorArguments.Length == 0
        ? 0
        : attribute.ConstructorArguments[0].Value switch
        {
            ulong id => id,
            int ordinal => unchecked((ulong)ordinal),
            _ => 0,
        };

    public static int Ordinal(AttributeData attribute) => unchecked((int)First(attribute));

    /// <summary>A named argument; null if it is not set.</summary>
    public static object? Named(AttributeData? attribute, string name)
        => attribute?.NamedArguments.FirstOrDefault(argument => argument.Key == name).Value is { IsNull: false } value
            ? value.Kind == TypedConstantKind.Array ? null : value.Value
            : null;

    public static int Number(AttributeData? attribute, string name, int otherwise = -1)
        => Named(attribute, name) is int number ? number : otherwise;

    public static bool Flag(AttributeData? attribute, string name) => Named(attribute, name) is true;

    public static AttributeData? FieldOfResult(IMethodSymbol method)
        => method.GetReturnTypeAttributes().FirstOrDefault(
            attribute => attribute.AttributeClass is { } type && WellKnownTypes.Is(type, Field));

    public static string Hex(ulong id)
        => "0x" + id.ToString("x16", System.Globalization.CultureInfo.InvariantCulture);
}
