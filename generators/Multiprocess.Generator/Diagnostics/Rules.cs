using System.Collections.Immutable;
using System.Reflection;
using Microsoft.CodeAnalysis;

namespace Multiprocess.Generator.Diagnostics;

/// <summary>All diagnostics. Each has a help page in <c>generators/diagnostics</c>.</summary>
internal static class Rules
{
    /// <summary>The address of the help pages: the build's RepositoryUrl, and the folder in that repository.</summary>
    public static readonly string HelpFolder = Repository() + "/blob/HEAD/generators/diagnostics/";

    public static readonly DiagnosticDescriptor GenericContract = Rule(
        "MP0001", "A marked type must be closed",
        "'{0}' is generic, so its content is not one closed set of members; {1}");

    public static readonly DiagnosticDescriptor InaccessibleType = Rule(
        "MP0002", "Generated code cannot name the type",
        "'{0}' cannot be named from another file of its assembly; make it and the types around it internal or public");

    public static readonly DiagnosticDescriptor UnsupportedType = Rule(
        "MP0003", "The type cannot cross between processes",
        "{0}: '{1}' cannot cross between processes; {2}");

    public static readonly DiagnosticDescriptor UnmarkedInterface = Rule(
        "MP0004", "The interface is not a contract",
        "{0}: '{1}' is an interface without [IpcInterface]; mark it so that it crosses by reference, or use a record or a collection that crosses by value");

    public static readonly DiagnosticDescriptor NotConstructible = Rule(
        "MP0005", "A value of the type cannot be created again",
        "{0}: '{1}' cannot be created again on the other side; {2}");

    public static readonly DiagnosticDescriptor OpenHierarchy = Rule(
        "MP0006", "An abstract type cannot cross by value",
        "{0}: '{1}' is abstract, so the receiver could not know the type; name its cases with [IpcUnion], use a concrete type, or an interface with [IpcInterface], which crosses by reference");

    public static readonly DiagnosticDescriptor GenericMethod = Rule(
        "MP0007", "A method of a contract cannot be generic",
        "'{0}' is generic: the types that cross must be known when the contract is compiled; declare one method for each type");

    public static readonly DiagnosticDescriptor RefReturn = Rule(
        "MP0008", "A reference to a variable cannot be returned",
        "'{0}' returns by reference: a variable of another process cannot be referred to; return the value");

    public static readonly DiagnosticDescriptor RefOnAsynchronous = Rule(
        "MP0009", "An asynchronous method cannot have ref or out parameters",
        "'{0}' of '{1}' is passed by reference, but the method has returned by the time its answer arrives; return a tuple in the task");

    public static readonly DiagnosticDescriptor RefStruct = Rule(
        "MP0010", "A ref struct cannot cross between processes",
        "{0}: '{1}' lives on the stack of one thread; use an array, System.ReadOnlyMemory<T>, or for a parameter System.ReadOnlySpan<byte>");

    public static readonly DiagnosticDescriptor InitAccessor = Rule(
        "MP0011", "A contract's property cannot have an init accessor",
        "'{0}' has an init accessor, but an object behind a contract is created by its own process; use set, or remove the accessor");

    public static readonly DiagnosticDescriptor NotImplementable = Rule(
        "MP0012", "A proxy cannot implement the member",
        "'{0}' is {1}, which a proxy cannot implement; {2}");

    public static readonly DiagnosticDescriptor IdCollision = Rule(
        "MP0013", "Two methods of a contract have the same wire id",
        "'{0}' has the wire id 0x{1} of '{2}'; give one of them another id with [IpcMethod(id)]");

    public static readonly DiagnosticDescriptor OneWay = Rule(
        "MP0014", "A one-way method cannot have an answer",
        "'{0}' is one-way, so nobody waits for {1}; remove [IpcOneWay] or change the signature");

    public static readonly DiagnosticDescriptor CancellationToken = Rule(
        "MP0015", "A cancellation token is in a place where it cannot work",
        "{0}; a method takes one System.Threading.CancellationToken, by value");

    public static readonly DiagnosticDescriptor HiddenState = Rule(
        "MP0016", "A part of the value would be lost",
        "{0}: '{1}' would lose '{2}', {3}; make it public with an init accessor, take it in the constructor, or mark it [System.Runtime.Serialization.IgnoreDataMember]");

    public static readonly DiagnosticDescriptor MessagePackKeys = Rule(
        "MP0017", "The MessagePack keys are incomplete",
        "{0}: '{1}' is marked [MessagePackObject], but {2}");

    public static readonly DiagnosticDescriptor Fault = Rule(
        "MP0018", "The exception cannot cross completely",
        "'{0}' is marked [IpcFault], but {1}");

    public static readonly DiagnosticDescriptor MethodOptions = Rule(
        "MP0019", "The options of a method are out of range",
        "'{0}': {1}");

    public static readonly DiagnosticDescriptor LocalWithoutBody = Rule(
        "MP0020", "A local member needs a body",
        "'{0}' is marked [IpcLocal], but has no body to run in the calling process; give it a body, or remove [IpcLocal]");

    public static readonly DiagnosticDescriptor Union = Rule(
        "MP0021", "The union is not closed",
        "'{0}' is a union, but {1}");

    public static readonly DiagnosticDescriptor Converter = Rule(
        "MP0022", "The converter cannot be used",
        "'{0}' cannot convert: {1}");

    public static readonly DiagnosticDescriptor ClosedInterface = Rule(
        "MP0026", "The assembly names a type that is not a closed contract",
        "[IpcClosedInterface] cannot name '{0}': {1}");

    public static readonly DiagnosticDescriptor UnknownRoot = Rule(
        "MP0027", "Nothing generates the generic contract",
        "'{0}' is generic, and no code is generated for it; name it with [assembly: IpcClosedInterface(typeof({0}))], here or in an assembly that both sides refer to");

    public static readonly DiagnosticDescriptor RootNotContract = Rule(
        "MP0028", "The root is not a contract",
        "'{0}' cannot be the root of a connection: it is {1}; {2}");

    public static readonly DiagnosticDescriptor UnmarkedException = new(
        "MP0029", "The exception arrives as IpcRemoteException",
        "'{0}' is thrown by a contract's implementation and has no [IpcFault]: a caller in another process gets an "
            + "IpcRemoteException instead; mark it to let callers catch it as itself",
        "Multiprocess", DiagnosticSeverity.Info, isEnabledByDefault: true, helpLinkUri: HelpFolder + "MP0029.md");

    public static readonly DiagnosticDescriptor Borrowed = Rule(
        "MP0030", "The parameter cannot be borrowed",
        "{0} is marked [IpcBorrowed], but {1}");

    public static readonly DiagnosticDescriptor Failure = Rule(
        "MP0031", "The generator failed",
        "The generator failed at '{0}': {1}; this is a defect of the generator; other contracts are not affected");

    public static readonly DiagnosticDescriptor LostOverload = new(
        "MP0032", "A trimmed program would lose the method",
        "'{0}' differs from '{1}' only in the rank of an array: a trimmed program keeps one of them and cannot load the "
            + "class; implement it explicitly, as a member of '{2}', or give it another name",
        "Multiprocess", DiagnosticSeverity.Warning, isEnabledByDefault: true, helpLinkUri: HelpFolder + "MP0032.md");

    public static readonly DiagnosticDescriptor CapnpShape = Rule(
        "MP0033", "Cap'n Proto cannot express the contract",
        "{0}: {1}");

    public static readonly DiagnosticDescriptor CapnpOrdinal = Rule(
        "MP0034", "The ordinals are not those of a schema",
        "{0}: {1}");

    public static readonly DiagnosticDescriptor BrokenBaseline = new(
        "MP0023", "The contract breaks its baseline",
        "{0} breaks the baseline: expected {1}, got {2}; {3}; keep the old element and add a new one, or accept the break with "
            + "'dotnet build -p:MultiprocessUpdateBaseline=true'",
        "Multiprocess",
        DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        helpLinkUri: HelpFolder + "MP0023.md",
        customTags: WellKnownDiagnosticTags.CompilationEnd);

    public static readonly DiagnosticDescriptor OldBaseline = new(
        "MP0024", "The baseline is not up to date",
        "{0} differs from the baseline: expected {1}, got {2}; earlier peers are not affected; update the baseline with 'dotnet "
            + "build -p:MultiprocessUpdateBaseline=true'",
        "Multiprocess",
        DiagnosticSeverity.Warning,
        isEnabledByDefault: true,
        helpLinkUri: HelpFolder + "MP0024.md",
        customTags: WellKnownDiagnosticTags.CompilationEnd);

    public static readonly DiagnosticDescriptor UnreadableBaseline = new(
        "MP0025", "The baseline cannot be read",
        "'{0}' is not a line of a baseline; undo the edit, or write the file again with 'dotnet build "
            + "-p:MultiprocessUpdateBaseline=true'",
        "Multiprocess",
        DiagnosticSeverity.Error,
        isEnabledByDefault: true,
        helpLinkUri: HelpFolder + "MP0025.md",
        customTags: WellKnownDiagnosticTags.CompilationEnd);

    /// <summary>The diagnostics for differences between a contract and its baseline.</summary>
    public static ImmutableArray<DiagnosticDescriptor> OfBaselines => [BrokenBaseline, OldBaseline, UnreadableBaseline];

    /// <summary>All of them.</summary>
    public static ImmutableArray<DiagnosticDescriptor> All => [.. OfContracts, .. OfBaselines];

    /// <summary>The diagnostics that need no baseline.</summary>
    public static readonly ImmutableArray<DiagnosticDescriptor> OfContracts =
    [
        GenericContract,
        InaccessibleType,
        UnsupportedType,
        UnmarkedInterface,
        NotConstructible,
        OpenHierarchy,
        GenericMethod,
        RefReturn,
        RefOnAsynchronous,
        RefStruct,
        InitAccessor,
        NotImplementable,
        IdCollision,
        OneWay,
        CancellationToken,
        HiddenState,
        MessagePackKeys,
        Fault,
        MethodOptions,
        LocalWithoutBody,
        Union,
        Converter,
        ClosedInterface,
        UnknownRoot,
        RootNotContract,
        UnmarkedException,
        Borrowed,
        Failure,
        LostOverload,
        CapnpShape,
        CapnpOrdinal,
    ];

    private static string Repository() => typeof(Rules).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(static metadata => metadata.Key == "RepositoryUrl").Value!.TrimEnd('/');

    /// <summary>An error that cannot be turned off: no code is generated for its contract.</summary>
    private static DiagnosticDescriptor Rule(string id, string title, string message)
        => new(
            id,
            title,
            message,
            "Multiprocess",
            DiagnosticSeverity.Error,
            isEnabledByDefault: true,
            helpLinkUri: HelpFolder + id + ".md",
            customTags: WellKnownDiagnosticTags.NotConfigurable);
}
