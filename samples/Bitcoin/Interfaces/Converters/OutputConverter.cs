using MessagePack;
using Multiprocess;
using NBitcoin;

namespace Bitcoin.Interfaces.Converters;

/// <summary>An output, as it stands in a transaction.</summary>
public sealed class OutputConverter : IIpcConverter<TxOut>
{
    /// <inheritdoc/>
    public static void Write(ref MessagePackWriter writer, TxOut value) => writer.Write(value.ToBytes());

    /// <inheritdoc/>
    public static TxOut Read(ref MessagePackReader reader) => Bytes.Read(ref reader, "Output", new TxOut());
}
