namespace Multiprocess.CapnProto;

/// <summary>
/// Marks a class, a record or a struct as a struct of a Cap'n Proto schema. Its public properties and fields are the
/// fields, in the order of their declaration or of <see cref="CapnpFieldAttribute"/>.
/// </summary>
/// <param name="id">The struct's id in the schema; 0 if it does not matter. It does not cross.</param>
/// <remarks>
/// A null value crosses as a null pointer. A null pointer arrives as null where C# allows null, otherwise as a value
/// whose fields have their defaults. An exception with this attribute is a declared exception of the methods that name
/// it with <see cref="CapnpThrowsAttribute"/>. A struct with a union is an abstract class whose cases
/// <see cref="IpcUnionAttribute"/> names: the key is the position of the case's lowest ordinal among those of all
/// cases. Members of the abstract class are fields beside the union, members of a case are those of its group. A case
/// without members is a Void, to which <see cref="CapnpFieldAttribute"/> gives its ordinal.
/// </remarks>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct, Inherited = false)]
public sealed class CapnpStructAttribute(ulong id = 0) : Attribute
{
    /// <summary>The struct's id in the schema; 0 if it does not matter.</summary>
    public ulong Id { get; } = id;

    /// <summary>
    /// The ordinal that an old schema gives to the unnamed union of the struct. Default -1: none.
    /// </summary>
    public int UnionOrdinal { get; set; } = -1;
}
