namespace Multiprocess.Generator.Model;

/// <summary>How a call is made and answered.</summary>
internal enum CallKind
{
    Synchronous,
    OneWay,
    Task,
    ValueTask,
    Dispose,
    DisposeAsync,
}

/// <summary>How the stub reaches the member on its target.</summary>
internal enum Access
{
    Method,
    Get,
    Set,
    GetIndexed,
    SetIndexed,
    Add,
    Remove,
}

/// <summary>One call that a contract allows.</summary>
/// <param name="Id">The wire id.</param>
/// <param name="LogName">The name in logs.</param>
/// <param name="Signature">The declaration as the user wrote it, for comments.</param>
/// <param name="Kind">How it is made and answered.</param>
/// <param name="Access">How the stub reaches the member.</param>
/// <param name="TargetMember">
/// The expression that the stub invokes: the target, cast if its type hides the member, and the member's name.
/// </param>
/// <param name="Parameters">The parameters in order, the value of a setter last.</param>
/// <param name="Result">The type of the result, or of the returned task's result; null if there is none.</param>
/// <param name="TimeoutMilliseconds">The time limit, or 0 for the connection's own.</param>
/// <param name="WireSignature">The signature from which the id is computed.</param>
/// <param name="HasGivenId">Whether the id was given, so that it does not depend on the signature.</param>
/// <param name="HandlersAreOneWay">
/// Whether the event is one-way: raising it does not wait for the added handler.
/// </param>
internal sealed record CallModel(
    uint Id,
    string LogName,
    string Signature,
    CallKind Kind,
    Access Access,
    string TargetMember,
    EquatableArray<ParameterModel> Parameters,
    TypeModel? Result,
    int TimeoutMilliseconds,
    string WireSignature,
    bool HasGivenId = false,
    bool HandlersAreOneWay = false)
{
    /// <summary>
    /// The signature and, in further lines, the user's types that cross by value. Compared with that of a peer of
    /// another version.
    /// </summary>
    public string Description { get; init; } = "";

    /// <summary>The signature in a baseline: with the nullability that the id leaves out.</summary>
    public string BaselineSignature { get; init; } = "";

    /// <summary>
    /// The call's line in a description, without the id. It has words for the call's kind, the names of its parameters,
    /// and marks for sensitive values.
    /// </summary>
    public string Declaration { get; init; } = "";

    /// <summary>
    /// The lines about the call in the defaults of a description, without the id: the optional parameters and their
    /// values.
    /// </summary>
    public EquatableArray<string> Defaults { get; init; }

    /// <summary>Whether the method may return null instead of a task. Callers of the proxy always get a task.</summary>
    public bool MayReturnNoTask { get; init; }

    /// <summary>The event to which a handler is added, or from which one is removed.</summary>
    public string EventName { get; init; } = "";

    /// <summary>The method's name in metadata if an ordinary call might choose another overload; else null.</summary>
    public string? ExactName { get; init; }

    /// <summary>
    /// Whether the shape is sent before the first call: it is if the id alone does not define what crosses.
    /// </summary>
    public bool IsDescribed => HasGivenId || Description.Contains('\n');
}

/// <summary>A type and the codec that carries it, both as generated code names them.</summary>
internal sealed record TypeModel(string Type, string Codec)
{
    /// <summary>The type's full name on the wire, with a mark if a converter of this place writes it.</summary>
    public string Wire { get; init; } = "";

    /// <summary>The same for baselines: with nullability, which ids and shapes leave out.</summary>
    public string WireWithNull { get; init; } = "";

    /// <summary>The full names of the user's types that this type mentions and that cross by value.</summary>
    public EquatableArray<string> Uses { get; init; }

    /// <summary>Whether no log may show it.</summary>
    public bool IsSensitive { get; init; }
}

internal enum ParameterKind
{
    Value,

    /// <summary>
    /// A <c>ReadOnlySpan&lt;byte&gt;</c>: written from the caller's memory, and read in the received message.
    /// </summary>
    Bytes,
    In,
    RefReadOnly,
    Ref,
    Out,
    CancellationToken,

    /// <summary>
    /// The sender of an <see cref="EventHandler"/>: a reference to the event's source if the other side holds it, else
    /// null.
    /// </summary>
    Sender,
}

/// <summary>A parameter of a call.</summary>
/// <param name="Name">Its name as generated code writes it.</param>
/// <param name="Type">Its type and codec; the codec is empty if the parameter crosses without one.</param>
/// <param name="Kind">How it is passed.</param>
/// <param name="RefusesNull">Whether the proxy checks it for null before it writes anything.</param>
/// <param name="IsSensitiveBytes">Whether it is a span of bytes that no log may show.</param>
internal sealed record ParameterModel(
    string Name,
    TypeModel Type,
    ParameterKind Kind,
    bool RefusesNull,
    bool IsSensitiveBytes = false)
{
    /// <summary>Whether the caller sends the parameter.</summary>
    public bool IsSent
        => Kind
            is ParameterKind.Value
                or ParameterKind.Bytes
                    or ParameterKind.Sender or ParameterKind.In or ParameterKind.RefReadOnly or ParameterKind.Ref;

    /// <summary>Whether the answer contains the parameter.</summary>
    public bool IsReturned => Kind is ParameterKind.Ref or ParameterKind.Out;
}
