using Bitcoin.Primitives;
using MessagePack;
using Multiprocess;
using NBitcoin;

namespace Bitcoin.Interfaces.Converters;

/// <summary>A block, with its witnesses.</summary>
public sealed class BlockConverter : IIpcConverter<Block>
{
    /// <inheritdoc/>
    public static void Write(ref MessagePackWriter writer, Block value) => writer.Write(value.ToBytes());

    /// <inheritdoc/>
    public static Block Read(ref MessagePackReader reader)
        => Bytes.Read(ref reader, "Block", Currency.Main.Network.Consensus.ConsensusFactory.CreateBlock());
}
