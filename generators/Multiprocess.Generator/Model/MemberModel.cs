namespace Multiprocess.Generator.Model;

internal enum MemberKind
{
    Method,
    Property,
    Indexer,
    Event,
}

/// <summary>A member of a contract: one call, or two for two accessors.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Owner">The interface that declares it.</param>
/// <param name="Name">Its name, escaped if it is a keyword.</param>
/// <param name="Type">The type it returns or has.</param>
/// <param name="IndexParameters">The parameters of an indexer.</param>
/// <param name="Calls">The call of a method; get and set, or add and remove, if the member has them.</param>
/// <param name="Fallback">The class nested in the proxy that runs the member's own body when the peer lacks the
/// member; null without a body.</param>
internal sealed record MemberModel(
    MemberKind Kind,
    string Owner,
    string Name,
    string Type,
    EquatableArray<ParameterModel> IndexParameters,
    EquatableArray<CallModel> Calls,
    string? Fallback = null);
