namespace Multiprocess.Generator.Model;

/// <summary>How a call is made and answered.</summary>
internal enum CallShape
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
/// <param name="LogName">The name that logs show.</param>
/// <param name="Signature">The declaration as a reader knows it.</param>
/// <param name="Shape">How it is made and answered.</param>
/// <param name="Access">How the stub reaches the member.</param>
/// <param name="TargetMember">What the stub invokes: the target, cast where its own type hides the member, and the member's name.</param>
/// <param name="Parameters">The parameters in order, the value of a setter last.</param>
/// <param name="Result">What is returned, or what the returned task carries; null for nothing.</param>
/// <param name="TimeoutMilliseconds">The time limit, or 0 for the connection's own.</param>
/// <param name="WireSignature">The signature that its id is made of.</param>
/// <param name="HasGivenId">Whether its id was given, and so says nothing of the signature.</param>
/// <param name="HandlersAreOneWay">Whether who raises the event does not wait for the handler that is added or removed.</param>
internal sealed record CallModel(
    uint Id,
    string LogName,
    string Signature,
    CallShape Shape,
    Access Access,
    string TargetMember,
    EquatableArray<ParameterModel> Parameters,
    TypeModel? Result,
    int TimeoutMilliseconds,
    string WireSignature,
    bool HasGivenId = false,
    bool HandlersAreOneWay = false)
{
    /// <summary>The signature and, in further lines, the user's types that cross by value: what a peer of another version is held against.</summary>
    public string Description { get; init; } = "";

    /// <summary>The signature as baselines have it, with the nullability that the id leaves out.</summary>
    public string BaselineSignature { get; init; } = "";

    /// <summary>Its line in a description, without the id: how it is made, what its parameters are called, and what is sensitive.</summary>
    public string Declaration { get; init; } = "";

    /// <summary>Whether the method may return null instead of a task, which no caller of its proxy sees.</summary>
    public bool MayReturnNoTask { get; init; }

    /// <summary>The event to which a handler is added, or from which one is removed.</summary>
    public string EventName { get; init; } = "";

    /// <summary>The method's name in metadata, where a call as it would be written might choose another overload; else null.</summary>
    public string? ExactName { get; init; }

    /// <summary>Whether the peer is told the shape before the first call: where the id alone leaves open what crosses.</summary>
    public bool IsDescribed => HasGivenId || Description.Contains('\n');
}

/// <summary>A type and the codec that carries it, both as generated code names them.</summary>
internal sealed record TypeModel(string Type, string Codec)
{
    /// <summary>The type's full name as both sides know it, with a mark where a converter of this place writes it.</summary>
    public string Wire { get; init; } = "";

    /// <summary>The same for baselines: with nullability, which the wire leaves to each value.</summary>
    public string WireWithNull { get; init; } = "";

    /// <summary>The user's types that it mentions and that cross by value, by full name.</summary>
    public EquatableArray<string> Uses { get; init; }

    /// <summary>Whether no log may show it.</summary>
    public bool IsSensitive { get; init; }
}

internal enum ParameterKind
{
    Value,

    /// <summary>A <c>ReadOnlySpan&lt;byte&gt;</c>: written from the caller's memory, read in the message that arrived.</summary>
    Bytes,
    In,
    RefReadOnly,
    Ref,
    Out,
    CancellationToken,

    /// <summary>The sender of an <see cref="EventHandler"/>: a reference to the event's source, as far as the other side holds it.</summary>
    Sender,
}

/// <summary>A parameter of a call.</summary>
/// <param name="Name">Its name as generated code writes it.</param>
/// <param name="Type">Its type and codec; the codec of what crosses without one is empty.</param>
/// <param name="Kind">How it is passed.</param>
/// <param name="RefusesNull">Whether the proxy checks it for null before anything is written.</param>
/// <param name="IsSensitiveBytes">Whether it is bytes without a codec that no log may show.</param>
internal sealed record ParameterModel(string Name, TypeModel Type, ParameterKind Kind, bool RefusesNull, bool IsSensitiveBytes = false)
{
    /// <summary>Whether the caller sends it.</summary>
    public bool IsSent => Kind is ParameterKind.Value or ParameterKind.Bytes or ParameterKind.Sender or ParameterKind.In or ParameterKind.RefReadOnly or ParameterKind.Ref;

    /// <summary>Whether the answer brings it back.</summary>
    public bool IsReturned => Kind is ParameterKind.Ref or ParameterKind.Out;
}
