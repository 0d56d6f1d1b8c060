namespace Multiprocess.CapnProto;

/// <summary>The type of a field in a Cap'n Proto schema.</summary>
public enum CapnpFieldType
{
    /// <summary>The type that follows from the C# type.</summary>
    Default = 0,

    /// <summary>A signed number of 8 bits.</summary>
    Int8,

    /// <summary>A signed number of 16 bits.</summary>
    Int16,

    /// <summary>A signed number of 32 bits.</summary>
    Int32,

    /// <summary>A signed number of 64 bits.</summary>
    Int64,

    /// <summary>An unsigned number of 8 bits.</summary>
    UInt8,

    /// <summary>An unsigned number of 16 bits.</summary>
    UInt16,

    /// <summary>An unsigned number of 32 bits.</summary>
    UInt32,

    /// <summary>An unsigned number of 64 bits.</summary>
    UInt64,

    /// <summary>Bytes: a string in UTF-8.</summary>
    Data,
}
