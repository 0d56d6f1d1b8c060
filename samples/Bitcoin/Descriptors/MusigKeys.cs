using System.Buffers.Binary;
using System.Security.Cryptography;
using NBitcoin;
using NBitcoin.Secp256k1;

namespace Bitcoin.Descriptors;

/// <summary>Aggregates keys (BIP327), and derives from the result (BIP328).</summary>
public static class MusigKeys
{
    private static readonly byte[] s_chainCode =
        Convert.FromHexString("868087ca02a6f974c4598924c36b57762d32cb45717167e300622c7167e38965");

    /// <summary>The order in which keys are aggregated.</summary>
    public static PubKey[] Sort(IEnumerable<PubKey> keys)
    {
        PubKey[] sorted = [.. keys];
        Array.Sort(sorted, static (one, other) => one.ToBytes().AsSpan().SequenceCompareTo(other.ToBytes()));
        return sorted;
    }

    /// <summary>The key that stands for several.</summary>
    /// <param name="sorted">The keys in their order.</param>
    public static PubKey Aggregate(IEnumerable<PubKey> sorted)
        => new(ECPubKey.MusigAggregate([.. sorted.Select(ToCurve)], sort: false).ToBytes(compressed: true));

    /// <summary>An extended key of an aggregated one, from which others are derived.</summary>
    public static ExtPubKey Extend(PubKey aggregate) => new(aggregate, s_chainCode);

    /// <summary>What a step of a derivation adds to a key.</summary>
    internal static byte[] Tweak(ExtPubKey parent, uint step)
    {
        byte[] data = [.. parent.PubKey.ToBytes(), 0, 0, 0, 0];
        BinaryPrimitives.WriteUInt32BigEndian(data.AsSpan(33), step);
        return HMACSHA512.HashData(parent.ChainCode, data)[..32];
    }

    internal static ECPubKey ToCurve(PubKey key) => ECPubKey.Create(key.ToBytes());
}
