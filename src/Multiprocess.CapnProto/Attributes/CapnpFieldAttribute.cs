namespace Multiprocess.CapnProto;

/// <summary>
/// Binds a member, a parameter, a result, or a case of a union without members, to a field of a Cap'n Proto struct.
/// </summary>
/// <example>
/// <code>
/// [CapnpMethod(2)]
/// [return: CapnpField(0, Has = 1)]
/// BlockRef? GetTip();
/// </code>
/// </example>
/// <remarks>
/// Without this attribute, fields have the next free ordinals in the order of their declaration. Parameters come after
/// the context. The returned value is the first result; ref and out parameters follow. Ordinals decide about the place
/// in the message, so they must be those of the schema, without gaps.
/// </remarks>
[AttributeUsage(
    AttributeTargets.Parameter | AttributeTargets.ReturnValue | AttributeTargets.Property | AttributeTargets.Field
        | AttributeTargets.Class,
    Inherited = false)]
public sealed class CapnpFieldAttribute(int ordinal) : Attribute
{
    /// <summary>
    /// The field's ordinal: in the parameters, in the results for an out parameter or a returned value, or in its
    /// struct.
    /// </summary>
    public int Ordinal { get; } = ordinal;

    /// <summary>The ordinal of a ref parameter in the results. Default -1: the next free one.</summary>
    public int Result { get; set; } = -1;

    /// <summary>
    /// The ordinal of the Bool that says whether the value is there. Default -1: none. A null value has it false.
    /// </summary>
    public int Has { get; set; } = -1;

    /// <summary>
    /// The ordinal of the Bool in the parameters that says whether the caller wants an out parameter. Default -1: none.
    /// C# callers always want it.
    /// </summary>
    public int Want { get; set; } = -1;

    /// <summary>The field's default value in the schema: a number, a bool or a value of an enum.</summary>
    public object? Default { get; set; }

    /// <summary>
    /// The field's type in the schema, where it is not the one that follows from the C# type: a number of another kind,
    /// which is checked for its range, or <see cref="CapnpFieldType.Data"/> for a string in UTF-8.
    /// </summary>
    public CapnpFieldType Type { get; set; }
}
