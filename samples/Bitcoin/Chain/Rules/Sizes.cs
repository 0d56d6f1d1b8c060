using Bitcoin.Primitives;
using NBitcoin;

namespace Bitcoin.Chain.Rules;

/// <summary>Sizes and weights, in bytes and weight units.</summary>
internal static class Sizes
{
    internal const int WitnessScale = 4;

    private const int BytesPerSignatureOperation = 50;

    /// <summary>The largest weight of a block at a height.</summary>
    internal static int MaxBlockWeight(this NetworkParameters network, int height)
        => network.MaxBlockBytes(height) * WitnessScale;

    /// <summary>The highest cost of the signature operations of a block at a height.</summary>
    internal static int MaxBlockSignatureCost(this NetworkParameters network, int height)
        => network.MaxBlockBytes(height) / BytesPerSignatureOperation * WitnessScale;

    internal static int Stripped(this Transaction transaction)
        => transaction.GetSerializedSize(TransactionOptions.None);

    internal static int Total(this Transaction transaction) => transaction.GetSerializedSize(TransactionOptions.All);

    internal static int Weight(this Transaction transaction)
    {
        int stripped = transaction.Stripped();
        return (stripped * (WitnessScale - 1)) + (transaction.HasWitness ? transaction.Total() : stripped);
    }

    internal static int VirtualSize(this Transaction transaction)
        => (transaction.Weight() + WitnessScale - 1) / WitnessScale;

    internal static int Stripped(this Block block) => block.GetSerializedSize(TransactionOptions.None);

    internal static int Total(this Block block) => block.GetSerializedSize(TransactionOptions.All);

    internal static int Weight(this Block block) => (block.Stripped() * (WitnessScale - 1)) + block.Total();
}
