namespace Multiprocess.Serialization;

/// <summary>The families of MessagePack values.</summary>
public enum MessagePackType : byte
{
    /// <summary>The one code that the format never uses, 0xc1.</summary>
    Unknown = 0,

    /// <summary>An integer, signed or unsigned, of any length.</summary>
    Integer = 1,

    /// <summary>Nil.</summary>
    Nil = 2,

    /// <summary>True or false.</summary>
    Boolean = 3,

    /// <summary>A floating point number of 32 or 64 bits.</summary>
    Float = 4,

    /// <summary>UTF-8 text.</summary>
    String = 5,

    /// <summary>Bytes.</summary>
    Binary = 6,

    /// <summary>A sequence of values.</summary>
    Array = 7,

    /// <summary>A sequence of pairs of values.</summary>
    Map = 8,

    /// <summary>A type code and bytes; the timestamp is one.</summary>
    Extension = 9,
}
