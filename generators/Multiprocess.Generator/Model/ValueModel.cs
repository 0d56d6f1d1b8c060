namespace Multiprocess.Generator.Model;

/// <summary>How the members of a type that crosses by value are laid out.</summary>
internal enum ValueLayout
{
    /// <summary>An array of the members in declaration order.</summary>
    Members,

    /// <summary>
    /// An array indexed by the members' integer keys, with nil in the gaps, as MessagePack-CSharp writes it.
    /// </summary>
    IntegerKeys,

    /// <summary>A map by the members' string keys, as MessagePack-CSharp writes it.</summary>
    StringKeys,
}

/// <summary>A type that crosses by value, for which a codec is generated.</summary>
/// <param name="Type">The type as generated code names it.</param>
/// <param name="DisplayName">The type's name for messages and comments.</param>
/// <param name="CodecName">The name of the generated codec.</param>
/// <param name="Layout">How its members are laid out.</param>
/// <param name="IsReferenceType">Whether null must be refused.</param>
/// <param name="MayBeDerived">Whether a value may have a derived type, whose additional members would be lost.</param>
/// <param name="Members">The members that cross, in order of the layout.</param>
/// <param name="ConstructorArguments">The arguments of the constructor, in order.</param>
/// <param name="Initialized">The members that an object initializer sets.</param>
internal sealed record ValueModel(
    string Type,
    string DisplayName,
    string CodecName,
    ValueLayout Layout,
    bool IsReferenceType,
    bool MayBeDerived,
    EquatableArray<ValueMemberModel> Members,
    EquatableArray<ArgumentModel> ConstructorArguments,
    EquatableArray<ArgumentModel> Initialized)
{
    /// <summary>
    /// The single object that stands for every value of a type without state; null if each value is created.
    /// </summary>
    public string? Shared { get; init; }
}

/// <summary>A member of a type that crosses by value.</summary>
/// <param name="Name">Its name, escaped if it is a keyword.</param>
/// <param name="Local">The local variable that holds the member while the value is read.</param>
/// <param name="Type">Its type and codec.</param>
/// <param name="IntegerKey">Its place in the array.</param>
/// <param name="StringKey">Its key in the map, as a C# literal.</param>
/// <param name="Default">The member's value if the peer does not send it; null if a missing member is an error.</param>
internal sealed record ValueMemberModel(
    string Name,
    string Local,
    TypeModel Type,
    int IntegerKey,
    string StringKey,
    string? Default)
{
    /// <summary>The default as a description has it; null if it is the default of the type, or none.</summary>
    public string? DescribedDefault { get; init; }
}

/// <summary>A constructor argument or an initialized member, by name, and the expression it gets.</summary>
internal sealed record ArgumentModel(string Name, string Value);

/// <summary>An exception type that crosses with its members.</summary>
/// <param name="Value">The exception's own members.</param>
/// <param name="CodecName">The name of the generated codec.</param>
/// <param name="WireName">The type's full name, as both sides know it.</param>
internal sealed record FaultModel(ValueModel Value, string CodecName, string WireName);
