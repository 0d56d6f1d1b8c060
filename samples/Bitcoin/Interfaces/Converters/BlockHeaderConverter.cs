using Bitcoin.Primitives;
using MessagePack;
using Multiprocess;
using NBitcoin;

namespace Bitcoin.Interfaces.Converters;

/// <summary>A block's header, as 80 bytes.</summary>
public sealed class BlockHeaderConverter : IIpcConverter<BlockHeader>
{
    /// <inheritdoc/>
    public static void Write(ref MessagePackWriter writer, BlockHeader value) => writer.Write(value.ToBytes());

    /// <inheritdoc/>
    public static BlockHeader Read(ref MessagePackReader reader)
        => Bytes.Read(ref reader, "Header", Currency.Main.Network.Consensus.ConsensusFactory.CreateBlockHeader());
}
