namespace Multiprocess.Tool.Contracts;

/// <summary>A contract, as a server describes it.</summary>
/// <param name="Name">The full name.</param>
/// <param name="IsDelegate">Whether it is a delegate type.</param>
/// <param name="Methods">The methods, in the order of their declaration.</param>
internal sealed record Contract(string Name, bool IsDelegate, IReadOnlyList<Method> Methods)
{
    /// <summary>The method with an id; null if there is none.</summary>
    public Method? Find(uint id) => Methods.FirstOrDefault(method => method.Id == id);
}

/// <summary>Which accessor of a property or an event a method is.</summary>
internal enum Accessor
{
    None,
    Get,
    Set,
    Add,
    Remove,
}

/// <summary>A method, as a server describes it.</summary>
/// <param name="Id">The id.</param>
/// <param name="Name">The name. The accessors of a property or an event have <c>get_</c> and so on before it.</param>
/// <param name="Parameters">The parameters, including tokens.</param>
/// <param name="Result">The returned value.</param>
internal sealed record Method(uint Id, string Name, IReadOnlyList<Parameter> Parameters, Place Result)
{
    public Accessor Accessor { get; init; }

    public bool IsOneWay { get; init; }

    /// <summary>Whether the method disposes its object.</summary>
    public bool Disposes { get; init; }

    /// <summary>The longest time that the caller waits, in milliseconds; 0 for the connection's limit.</summary>
    public int TimeoutMilliseconds { get; init; }

    /// <summary>The name of the member, without the prefix of an accessor.</summary>
    public string MemberName
        => Accessor == Accessor.None ? Name : Name[(Name.IndexOf('_', StringComparison.Ordinal) + 1)..];

    /// <summary>Whether the callee answers when a task ends.</summary>
    public bool IsAsynchronous
        => Accessor == Accessor.None
            && Result.Type is { Rank: 0, Name: "System.Threading.Tasks.Task" or "System.Threading.Tasks.ValueTask" };

    /// <summary>The first result in the answer; null if there is none.</summary>
    public Place? Returned => Result.Type.Name == "System.Void" ? null
        : !IsAsynchronous ? Result
        : Result.Type.Arguments.Count == 0 ? null
        : Result with { Type = Result.Type.Arguments[0] };

    /// <summary>The parameters that the caller sends.</summary>
    public IEnumerable<Parameter> Sent
        => Parameters.Where(parameter => !parameter.IsToken && parameter.Passing != Passing.Out);

    /// <summary>The parameters that the answer brings back.</summary>
    public IEnumerable<Parameter> Back
        => Parameters.Where(parameter => parameter.Passing is Passing.Ref or Passing.Out);
}

/// <summary>How a parameter is passed.</summary>
internal enum Passing
{
    Value,
    In,
    Ref,
    Out,

    /// <summary>The sender of an event: a reference to the event's source, or nil.</summary>
    Sender,
}

/// <summary>A place that has a type.</summary>
/// <param name="Type">The type.</param>
/// <param name="IsSensitive">Whether the value must not be shown.</param>
/// <param name="IsConverted">Whether a converter of the place writes the value.</param>
internal record Place(TypeName Type, bool IsSensitive, bool IsConverted);

/// <summary>A parameter.</summary>
internal sealed record Parameter(
    string Name,
    TypeName Type,
    Passing Passing,
    bool IsSensitive,
    bool IsConverted) : Place(Type, IsSensitive, IsConverted)
{
    public bool IsToken => Type.Name == "System.Threading.CancellationToken";

    /// <summary>The value that is sent if the caller gives none; null if the caller must give one.</summary>
    public DefaultValue? Default { get; init; }
}

/// <summary>How a type of the program crosses.</summary>
internal enum ShapeKind
{
    Record,
    Keyed,
    Map,
    Enum,
    Union,
    Converted,
}

/// <summary>A type that crosses by value, as a server describes it.</summary>
/// <param name="Name">The full name.</param>
/// <param name="Kind">How the type crosses.</param>
/// <param name="Underlying">The underlying type of an enum.</param>
/// <param name="Members">Members, values or cases, in the order in which they cross.</param>
internal sealed record Shape(string Name, ShapeKind Kind, TypeName? Underlying, IReadOnlyList<ShapeMember> Members)
{
    public bool IsFlags { get; init; }

    public bool IsStruct { get; init; }
}

/// <summary>A member, value or case.</summary>
/// <param name="Name">
/// The name of a member or value; the key of a member of a map; the type of a case.
/// </param>
/// <param name="Key">The integer key of a member, the key of a case, or the value of an enum's name.</param>
/// <param name="Type">The type; null for a value of an enum.</param>
/// <param name="HasDefault">Whether a reader accepts that the member is missing.</param>
internal sealed record ShapeMember(string Name, long Key, Place? Type, bool HasDefault)
{
    /// <summary>The value that a reader uses when the member is missing, if not the default of its type.</summary>
    public DefaultValue? Default { get; init; }
}
