namespace Multiprocess.CapnProto;

/// <summary>
/// Marks a class, a record or a struct as a group of a Cap'n Proto struct: a member of this type is no field, but its
/// public members are fields of the struct that has it.
/// </summary>
/// <example>
/// <code>
/// [CapnpStruct]
/// public sealed record Person
/// {
///     [CapnpField(0)]
///     public string Name { get; init; } = "";
///
///     public required Employment Employment { get; init; }
/// }
///
/// [CapnpGroup]
/// [IpcUnion(0, typeof(Unemployed)), IpcUnion(1, typeof(Employed))]
/// public abstract record Employment;
///
/// [CapnpField(1)]
/// public sealed record Unemployed : Employment;
///
/// public sealed record Employed([property: CapnpField(2)] string Employer) : Employment;
/// </code>
/// </example>
/// <remarks>
/// Ordinals are those of the whole struct. A group is always there, so a member of its type cannot be null. With
/// <see cref="IpcUnionAttribute"/>, the group is a named union.
/// </remarks>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct, Inherited = false)]
public sealed class CapnpGroupAttribute : Attribute
{
    /// <summary>
    /// The ordinal that an old schema gives to the union itself: 3 for <c>union @3</c>. Default -1: none.
    /// </summary>
    public int UnionOrdinal { get; set; } = -1;
}
