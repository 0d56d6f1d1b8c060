using MessagePack;
using Multiprocess;
using NBitcoin;

namespace Bitcoin.Interfaces.Converters;

/// <summary>An amount, as a number of satoshis.</summary>
public sealed class MoneyConverter : IIpcConverter<Money>
{
    /// <inheritdoc/>
    public static void Write(ref MessagePackWriter writer, Money value) => writer.Write(value.Satoshi);

    /// <inheritdoc/>
    public static Money Read(ref MessagePackReader reader) => Money.Satoshis(reader.ReadInt64());
}
