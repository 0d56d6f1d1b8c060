using MessagePack;
using Multiprocess;
using NBitcoin;

namespace Bitcoin.Interfaces.Converters;

/// <summary>A reference to an output: transaction id and index, as 36 bytes.</summary>
public sealed class OutPointConverter : IIpcConverter<OutPoint>
{
    /// <inheritdoc/>
    public static void Write(ref MessagePackWriter writer, OutPoint value) => writer.Write(value.ToBytes());

    /// <inheritdoc/>
    public static OutPoint Read(ref MessagePackReader reader) => Bytes.Read(ref reader, "Outpoint", new OutPoint());
}
