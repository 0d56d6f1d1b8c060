using Bitcoin.Descriptors.Miniscripts;
using NBitcoin;

namespace Bitcoin.Descriptors;

/// <summary>Satisfies the scripts of taproot leaves.</summary>
public static class TaprootStack
{
    /// <summary>The smallest witness that spends an output through one of its scripts; null if there is none.</summary>
    /// <param name="spending">The scripts.</param>
    /// <param name="transaction">The transaction that spends it.</param>
    /// <param name="index">The input.</param>
    /// <param name="signatureOf">
    /// The signature of a key, in 32 bytes, for a leaf; null for none. It is asked for every key.
    /// </param>
    /// <param name="keyOfHash">The key, in 32 bytes, of a hash; null if it is not known.</param>
    /// <param name="preimageOf">What a hash was made of, by the operation; null if it is not known.</param>
    public static WitScript? Best(
        TaprootSpending spending,
        Transaction transaction,
        int index,
        Func<byte[], uint256, byte[]?> signatureOf,
        Func<byte[], byte[]?> keyOfHash,
        Func<OpcodeType, byte[], byte[]?> preimageOf)
    {
        ArgumentNullException.ThrowIfNull(spending);
        WitScript? best = null;
        foreach (TaprootLeafProof leaf in spending.Leaves)
        {
            if (MiniscriptSpending.Satisfy(
                leaf.Script,
                isTapscript: true,
                transaction,
                index,
                key => signatureOf(key, leaf.LeafHash),
                keyOfHash,
                preimageOf) is { } stack)
            {
                WitScript witness = new([.. stack, leaf.Script.ToBytes(), leaf.Control]);
                best = best is null || Size(witness) < Size(best) ? witness : best;
            }
        }

        return best;
    }

    private static int Size(WitScript witness) => witness.Pushes.Sum(static push => push.Length + 1);
}
