using MessagePack;
using Multiprocess;
using NBitcoin;

namespace Bitcoin.Interfaces.Converters;

/// <summary>A hash, as 32 bytes.</summary>
public sealed class HashConverter : IIpcConverter<uint256>
{
    /// <inheritdoc/>
    public static void Write(ref MessagePackWriter writer, uint256 value) => writer.Write(value.ToBytes());

    /// <inheritdoc/>
    public static uint256 Read(ref MessagePackReader reader) => new(Bytes.Read(ref reader, "Hash", 32));
}
