namespace Multiprocess.Generator.Model;

/// <summary>How a value is written in Cap'n Proto.</summary>
internal enum CapnpForm
{
    /// <summary>A number, a bool or an enum: in the data of its struct.</summary>
    Number,
    Text,

    /// <summary>A string as bytes.</summary>
    TextAsData,
    Data,
    Struct,
    List,

    /// <summary>An object of a contract.</summary>
    Object,

    /// <summary>A reference without a contract.</summary>
    Reference,

    /// <summary>A message of its own: a pointer to anything.</summary>
    Any,

    /// <summary>Fields of the struct that has it.</summary>
    Group,

    /// <summary>Nothing.</summary>
    Void,
}

/// <summary>A type that crosses by Cap'n Proto.</summary>
/// <param name="Form">How it is written.</param>
/// <param name="Type">The type as generated code names it, without null.</param>
/// <param name="AdmitsNull">Whether null is allowed.</param>
internal sealed record CapnpType(CapnpForm Form, string Type, bool AdmitsNull)
{
    /// <summary>The end of the names of methods that read and write a number: <c>Int32</c>.</summary>
    public string Wire { get; init; } = "";

    /// <summary>
    /// The expression that turns a value, <c>{0}</c>, into the number that is written; empty if it is that number.
    /// </summary>
    public string ToWire { get; init; } = "";

    /// <summary>The expression that turns a number, <c>{0}</c>, into the type; empty if it is that type.</summary>
    public string FromWire { get; init; } = "";

    /// <summary>Whether the type is a nullable value type.</summary>
    public bool IsNullableValue { get; init; }

    /// <summary>The generated codec of a struct or a list.</summary>
    public string Codec { get; init; } = "";

    /// <summary>For a text that is no string: the expression that turns the text, <c>{0}</c>, into the type.</summary>
    public string FromText { get; init; } = "";

    /// <summary>For a text that is no string: the expression that turns the type, <c>{0}</c>, into the text.</summary>
    public string ToText { get; init; } = "";

    /// <summary>For data: the expression that turns a span of bytes, <c>{0}</c>, into the type.</summary>
    public string FromBytes { get; init; } = "";

    /// <summary>For data: the expression that turns the type, <c>{0}</c>, into a span of bytes.</summary>
    public string ToBytes { get; init; } = "{0}";

    /// <summary>The type with its nullability.</summary>
    public string FullType => AdmitsNull ? Type + "?" : Type;
}

/// <summary>A field of a struct, of parameters or of results.</summary>
/// <param name="Name">The C# name: of a member, of a parameter; empty for the returned value.</param>
/// <param name="Type">Its type.</param>
/// <param name="Offset">The number of the pointer, or the offset in units of the field's size.</param>
/// <param name="Default">The default value as C# writes it; empty for none.</param>
/// <param name="Has">The offset of the Bool that says whether the value is there; -1 for none.</param>
/// <param name="Local">A name for the value once it is known to be there.</param>
internal sealed record CapnpField(string Name, CapnpType Type, int Offset, string Default, int Has, string Local);

/// <summary>The size of a struct.</summary>
internal sealed record CapnpSize(int DataWords, int Pointers);

/// <summary>A type that crosses as a struct.</summary>
/// <param name="Codec">The name of its codec.</param>
/// <param name="Type">The type.</param>
/// <param name="Size">The struct's size.</param>
/// <param name="Fields">The fields.</param>
/// <param name="Arguments">The fields that are arguments of the constructor, in its order.</param>
/// <param name="Others">The fields that are set afterwards.</param>
/// <param name="IsTuple">Whether it is a tuple.</param>
internal sealed record CapnpStruct(
    string Codec,
    string Type,
    CapnpSize Size,
    EquatableArray<CapnpField> Fields,
    EquatableArray<CapnpField> Arguments,
    EquatableArray<CapnpField> Others,
    bool IsTuple)
{
    /// <summary>The struct's id in its schema; 0 if it was not given.</summary>
    public ulong Id { get; init; }

    /// <summary>
    /// For a union, and for a nullable value, which is a union of nothing and the only field: the offset of its tag;
    /// -1 for others.
    /// </summary>
    public int Tag { get; init; } = -1;

    /// <summary>
    /// The cases of a union. Then <see cref="Fields"/> are those that all cases have, before their own ones.
    /// </summary>
    public EquatableArray<CapnpCase> Cases { get; init; }

    /// <summary>For a type without members: the values of the fields.</summary>
    public EquatableArray<string> Values { get; init; }

    /// <summary>For a type without members: the expression that makes it of the fields, <c>{0}</c> and so on.</summary>
    public string Make { get; init; } = "";

    /// <summary>Whether it is a group or a case of a union: its fields are in another struct.</summary>
    public bool IsPart { get; init; }

    /// <summary>Whether null must be refused when it is written.</summary>
    public bool RefusesNull { get; init; }
}

/// <summary>A case of a union.</summary>
/// <param name="Value">The tag that stands for it.</param>
/// <param name="Type">Its type.</param>
/// <param name="IsExact">Whether a value must have exactly this type, because a derived type would lose
/// members.</param>
/// <param name="Content">Its group, or the pointer to its value.</param>
internal sealed record CapnpCase(int Value, string Type, bool IsExact, CapnpField Content);

/// <summary>A type that crosses as a list.</summary>
/// <param name="Codec">The name of its codec.</param>
/// <param name="Type">The type.</param>
/// <param name="Element">The type of an element.</param>
/// <param name="ElementSize">The member of <c>CapnpElementSize</c>; empty for structs.</param>
/// <param name="StructSize">The size of an element that is a struct.</param>
/// <param name="Count">The property with the number of elements.</param>
/// <param name="Make">The expression that creates the collection for a number of elements.</param>
/// <param name="Add">The statement that adds an element; <c>{0}</c> is the element, <c>{1}</c> its index.</param>
/// <param name="Finish">The expression that is returned.</param>
internal sealed record CapnpList(
    string Codec,
    string Type,
    CapnpType Element,
    string ElementSize,
    CapnpSize? StructSize,
    string Count,
    string Make,
    string Add,
    string Finish)
{
    /// <summary>The expression of the items that are written.</summary>
    public string Items { get; init; } = "ipcValue";

    /// <summary>What is checked for a comparer; empty for a collection without one.</summary>
    public string Comparer { get; init; } = "";

    /// <summary>Whether the type has a default value that cannot be enumerated. A list is empty instead.</summary>
    public bool MayBeDefault { get; init; }
}

internal enum CapnpCallKind
{
    Method,
    Getter,
    Setter,
    Delegate,
}

internal enum CapnpAnswer
{
    Synchronous,
    Task,
    ValueTask,
}

/// <summary>A parameter of a method as C# declares it.</summary>
/// <param name="Name">Its name as generated code writes it.</param>
/// <param name="Type">Its type with nullability.</param>
/// <param name="Modifier"><c>ref </c>, <c>out </c>, <c>in </c> or nothing.</param>
/// <param name="IsOut">Whether it is an out parameter.</param>
/// <param name="IsToken">Whether it is the cancellation token.</param>
/// <param name="RefusesNull">Whether the proxy checks it for null.</param>
internal sealed record CapnpParameter(
    string Name, string Type, string Modifier, bool IsOut, bool IsToken, bool RefusesNull);

/// <summary>A declared exception.</summary>
/// <param name="Type">The exception.</param>
/// <param name="Pointer">The number of its pointer in the results.</param>
/// <param name="Codec">The codec of its struct; empty for a text.</param>
internal sealed record CapnpThrown(string Type, int Pointer, string Codec);

/// <summary>A method of an interface.</summary>
internal sealed record CapnpMethod(
    string InterfaceId,
    int Ordinal,
    string Signature,
    string Declarer,
    string Name,
    string RunName,
    CapnpCallKind Kind,
    CapnpAnswer Answer,
    EquatableArray<CapnpParameter> Parameters,
    CapnpSize ParameterSize,
    EquatableArray<CapnpField> ParameterFields,
    CapnpSize ResultSize,
    EquatableArray<CapnpField> ResultFields,
    string? ResultType,
    EquatableArray<CapnpThrown> Throws)
{
    /// <summary>The number of the context's pointer in the parameters; -1 for none.</summary>
    public int Context { get; init; } = -1;

    /// <summary>The offsets of the Bools that say that the caller wants an out parameter.</summary>
    public EquatableArray<int> Wants { get; init; }

    /// <summary>Whether it exchanges thread maps.</summary>
    public bool IsThreadMap { get; init; }
}

/// <summary>A contract: an interface or a delegate type.</summary>
/// <param name="Type">The type as generated code names it.</param>
/// <param name="DisplayName">The type's name for comments.</param>
/// <param name="Prefix">The common part of the names of its proxy and its stub.</param>
/// <param name="IsDelegate">Whether it is a delegate type.</param>
/// <param name="Methods">Its methods, those of its bases last.</param>
/// <param name="Constructs">The interface and the ordinal of each <c>construct</c>.</param>
/// <param name="Destroys">The interface, the ordinal and whether there is a context, of each <c>destroy</c>.</param>
/// <param name="IsDisposable">Whether it is <c>IDisposable</c>.</param>
/// <param name="IsAsyncDisposable">Whether it is <c>IAsyncDisposable</c>.</param>
internal sealed record CapnpContract(
    string Type,
    string DisplayName,
    string Prefix,
    bool IsDelegate,
    EquatableArray<CapnpMethod> Methods,
    EquatableArray<CapnpSpecial> Constructs,
    EquatableArray<CapnpSpecial> Destroys,
    bool IsDisposable,
    bool IsAsyncDisposable)
{
    /// <summary>The implementations of members that Cap'n Proto cannot express.</summary>
    public EquatableArray<string> LeftOut { get; init; }

    /// <summary>Whether the type has type arguments, so that a comment cannot link to it.</summary>
    public bool IsGeneric { get; init; }
}

/// <summary>A method that C# does not declare.</summary>
internal sealed record CapnpSpecial(string InterfaceId, int Ordinal, bool HasContext)
{
    /// <summary>Its name in the schema, if that is not the usual one.</summary>
    public string Name { get; init; } = "";
}

/// <summary>One generated file: everything that follows from one contract.</summary>
internal sealed record CapnpFile(
    string HintName,
    string? Namespace,
    string Source,
    CapnpContract? Contract,
    EquatableArray<CapnpStruct> Structs,
    EquatableArray<CapnpList> Lists,
    EquatableArray<ErrorModel> Errors)
{
    /// <summary>The delegate types that a contract without attributes uses.</summary>
    public EquatableArray<CapnpContract> Delegates { get; init; }
}
