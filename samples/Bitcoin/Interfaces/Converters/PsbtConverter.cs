using MessagePack;
using Multiprocess;
using NBitcoin;

namespace Bitcoin.Interfaces.Converters;

/// <summary>
/// A partially signed transaction. Which network it is for is no part of it, and concerns the text of addresses alone.
/// </summary>
public sealed class PsbtConverter : IIpcConverter<PSBT>
{
    /// <inheritdoc/>
    public static void Write(ref MessagePackWriter writer, PSBT value) => writer.Write(value.ToBytes());

    /// <inheritdoc/>
    public static PSBT Read(ref MessagePackReader reader) => PSBT.Load(Bytes.Read(ref reader, "PSBT"), Network.Main);
}
