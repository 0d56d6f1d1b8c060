namespace Multiprocess.CapnProto.Messages;

/// <summary>The kind of a pointer's target.</summary>
public enum CapnpPointerKind
{
    /// <summary>Nothing: the field has its default value.</summary>
    Null = 0,

    /// <summary>A struct.</summary>
    Struct = 1,

    /// <summary>A list, a text, or data.</summary>
    List = 2,

    /// <summary>A capability: an index in the table of the message.</summary>
    Capability = 3,
}
