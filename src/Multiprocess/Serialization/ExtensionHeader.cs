namespace Multiprocess.Serialization;

/// <summary>What stands before the bytes of an extension value.</summary>
/// <param name="TypeCode">The extension's type: negative ones belong to the specification, −1 is the timestamp.</param>
/// <param name="Length">How many bytes follow.</param>
public readonly record struct ExtensionHeader(sbyte TypeCode, uint Length)
{
    /// <summary>The type code of the specification's timestamp.</summary>
    public const sbyte Timestamp = -1;
}
