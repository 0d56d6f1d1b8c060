namespace Multiprocess.Serialization;

/// <summary>An extension value: its type code and its bytes.</summary>
/// <param name="TypeCode">The extension's type: negative ones belong to the specification.</param>
/// <param name="Data">The bytes; read from a message they are a copy of their own.</param>
public readonly record struct ExtensionResult(sbyte TypeCode, ReadOnlyMemory<byte> Data)
{
    /// <summary>What stands before the bytes.</summary>
    public ExtensionHeader Header => new(TypeCode, (uint)Data.Length);
}
