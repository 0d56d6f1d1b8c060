namespace Multiprocess.Generator.Model;

/// <summary>A closed hierarchy, whose values cross as a key and one of its cases.</summary>
/// <param name="Type">The abstract type as generated code names it.</param>
/// <param name="DisplayName">The type's name for messages and comments.</param>
/// <param name="CodecName">The name of the generated codec.</param>
/// <param name="Cases">The cases, in the order in which a value is compared with them.</param>
internal sealed record UnionModel(
    string Type,
    string DisplayName,
    string CodecName,
    EquatableArray<UnionCaseModel> Cases);

/// <summary>A case of a union.</summary>
/// <param name="Key">The case's number on the wire.</param>
/// <param name="Type">Its type and codec.</param>
/// <param name="IsExact">Whether a value must have exactly this type, because a derived type would lose
/// members.</param>
internal sealed record UnionCaseModel(int Key, TypeModel Type, bool IsExact);
