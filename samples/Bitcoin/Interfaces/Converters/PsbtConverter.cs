using Bitcoin.Primitives;
using MessagePack;
using Multiprocess;
using NBitcoin;

namespace Bitcoin.Interfaces.Converters;

/// <summary>
/// A partially signed transaction. Its network is not part of the bytes; only the text of addresses depends on it.
/// </summary>
public sealed class PsbtConverter : IIpcConverter<PSBT>
{
    /// <inheritdoc/>
    public static void Write(ref MessagePackWriter writer, PSBT value) => writer.Write(value.ToBytes());

    /// <inheritdoc/>
    public static PSBT Read(ref MessagePackReader reader)
        => PSBT.Load(Bytes.Read(ref reader, "PSBT"), Currency.Main.Network);
}
