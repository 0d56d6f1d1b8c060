using Microsoft.CodeAnalysis;

namespace Multiprocess.Generator.Parsing;

/// <summary>The types and attributes that the parser knows by name.</summary>
internal static class WellKnownTypes
{
    public const string IpcInterface = "Multiprocess.IpcInterfaceAttribute";
    public const string IpcClosedInterface = "Multiprocess.IpcClosedInterfaceAttribute";
    public const string IpcFault = "Multiprocess.IpcFaultAttribute";
    public const string IpcMethod = "Multiprocess.IpcMethodAttribute";
    public const string IpcOneWay = "Multiprocess.IpcOneWayAttribute";
    public const string IpcLocal = "Multiprocess.IpcLocalAttribute";
    public const string IpcConverter = "Multiprocess.IpcConverterAttribute";
    public const string ConverterInterface = "Multiprocess.IIpcConverter`1";
    public const string FormatterInterface = "MessagePack.Formatters.IMessagePackFormatter`1";
    public const string MessagePackFormatter = "MessagePack.MessagePackFormatterAttribute";
    public const string IpcSensitive = "Multiprocess.IpcSensitiveAttribute";
    public const string IpcBorrowed = "Multiprocess.IpcBorrowedAttribute";
    public const string IpcUnion = "Multiprocess.IpcUnionAttribute";
    public const string MessagePackUnion = "MessagePack.UnionAttribute";
    public const string MessagePackObject = "MessagePack.MessagePackObjectAttribute";
    public const string MessagePackKey = "MessagePack.KeyAttribute";
    public const string MessagePackIgnore = "MessagePack.IgnoreMemberAttribute";
    public const string MessagePackConstructor = "MessagePack.SerializationConstructorAttribute";
    public const string IgnoreDataMember = "System.Runtime.Serialization.IgnoreDataMemberAttribute";
    public const string Obsolete = "System.ObsoleteAttribute";
    public const string Flags = "System.FlagsAttribute";
    public const string Experimental = "System.Diagnostics.CodeAnalysis.ExperimentalAttribute";
    public const string OverloadResolutionPriority =
        "System.Runtime.CompilerServices.OverloadResolutionPriorityAttribute";
    public const string SetsRequiredMembers = "System.Diagnostics.CodeAnalysis.SetsRequiredMembersAttribute";

    public static bool IsSensitive(AttributeData attribute)
        => attribute.AttributeClass is { Name: "IpcSensitiveAttribute" } type && FullName(type) == IpcSensitive;

    /// <summary>Whether using the symbol is an error that cannot be turned off.</summary>
    public static bool IsObsoleteAsError(ISymbol symbol)
        => symbol.FindAttribute(Obsolete)?.ConstructorArguments is { Length: 2 } arguments
            && arguments[1].Value is true;

    public static bool IsBorrowed(AttributeData attribute)
        => attribute.AttributeClass is { Name: "IpcBorrowedAttribute" } type && FullName(type) == IpcBorrowed;

    public static bool IsCancellationToken(ITypeSymbol type) => FullName(type) == "System.Threading.CancellationToken";

    /// <summary>Whether the type is one of the task classes.</summary>
    public static bool IsTask(ITypeSymbol type)
        => FullName(type) is "System.Threading.Tasks.Task" or "System.Threading.Tasks.Task`1";

    public static bool IsDisposable(ITypeSymbol type) => type.SpecialType == SpecialType.System_IDisposable;

    /// <summary>Whether the parameter is a span of bytes that the callee reads in the received message.</summary>
    public static bool IsBytes(IParameterSymbol parameter)
        => parameter
            is { RefKind: RefKind.None, Type: INamedTypeSymbol { TypeArguments: { Length: 1 } arguments } type }
            && arguments[0].SpecialType == SpecialType.System_Byte
            && FullName(type) == "System.ReadOnlySpan`1";

    public static bool IsProgress(ITypeSymbol type) => FullName(type) == "System.IProgress`1";

    public static bool IsAsyncDisposable(ITypeSymbol type) => FullName(type) == "System.IAsyncDisposable";

    /// <summary>
    /// Whether the type is <c>EventArgs</c>: it has no state, so types may derive from it, unlike from other framework
    /// classes.
    /// </summary>
    public static bool IsEventArgs(ITypeSymbol type) => FullName(type) == "System.EventArgs";

    /// <summary>Whether the parameter is the sender of an <c>EventHandler</c>.</summary>
    public static bool IsEventSender(IParameterSymbol parameter)
        => parameter is { Ordinal: 0, Type.SpecialType: SpecialType.System_Object }
            && FullName(parameter.ContainingType) is "System.EventHandler" or "System.EventHandler`1";

    /// <summary>
    /// The name with namespace, containing types and arity: <c>System.Collections.Generic.List`1</c>.
    /// </summary>
    public static string FullName(ITypeSymbol type)
    {
        if (type is not INamedTypeSymbol named)
        {
            return "";
        }

        string container = named.ContainingType is { } outer
            ? FullName(outer) + "+"
            : Prefix(named.ContainingNamespace);
        return container + named.MetadataName;
    }

    private static string Prefix(INamespaceSymbol? space)
        => space is null or { IsGlobalNamespace: true } ? "" : Prefix(space.ContainingNamespace) + space.Name + ".";

    /// <summary>Whether the type belongs to the framework: the parser makes no assumptions about its members.</summary>
    public static bool IsFramework(ITypeSymbol type)
    {
        if (type.DeclaringSyntaxReferences.Length != 0)
        {
            return false;
        }

        string space = type.ContainingNamespace?.ToDisplayString() ?? "";
        return space == "System"
            || space.StartsWith("System.", StringComparison.Ordinal)
            || space.StartsWith("Microsoft.", StringComparison.Ordinal);
    }

    public static AttributeData? FindAttribute(this ISymbol symbol, string fullName)
        => symbol.GetAttributes()
            .FirstOrDefault(attribute => attribute.AttributeClass is { } type && Is(type, fullName));

    /// <summary>Whether the type has that name. A type of MessagePack must also come from that package.</summary>
    public static bool Is(INamedTypeSymbol type, string fullName)
        => fullName.EndsWith(type.Name, StringComparison.Ordinal)
            && FullName(type) == fullName
            && (!fullName.StartsWith("MessagePack.", StringComparison.Ordinal)
                || type.ContainingAssembly.Name is "MessagePack.Annotations" or "MessagePack");

    public static bool HasAttribute(this ISymbol symbol, string fullName) => symbol.FindAttribute(fullName) is not null;
}
