using Bitcoin.Primitives;
using MessagePack;
using Multiprocess;
using NBitcoin;

namespace Bitcoin.Interfaces.Converters;

/// <summary>A transaction, with its witnesses.</summary>
public sealed class TransactionConverter : IIpcConverter<Transaction>
{
    /// <inheritdoc/>
    public static void Write(ref MessagePackWriter writer, Transaction value) => writer.Write(value.ToBytes());

    /// <inheritdoc/>
    public static Transaction Read(ref MessagePackReader reader)
        => Bytes.Read(ref reader, "Transaction", Currency.Main.Network.CreateTransaction());
}
