namespace Multiprocess.CapnProto.Messages;

/// <summary>How much space an element of a list has. The values are those on the wire.</summary>
public enum CapnpElementSize
{
    /// <summary>No space: a list of <c>Void</c>.</summary>
    Void = 0,

    /// <summary>One bit: a list of <c>Bool</c>.</summary>
    Bit = 1,

    /// <summary>One byte: also text and data.</summary>
    Byte = 2,

    /// <summary>Two bytes.</summary>
    TwoBytes = 3,

    /// <summary>Four bytes.</summary>
    FourBytes = 4,

    /// <summary>Eight bytes without a pointer.</summary>
    EightBytes = 5,

    /// <summary>A pointer: a list of texts, of lists, of capabilities.</summary>
    Pointer = 6,

    /// <summary>Structs. Their size precedes the first one.</summary>
    Composite = 7,
}
