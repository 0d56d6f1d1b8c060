using NBitcoin;

namespace Bitcoin.Descriptors.Miniscripts;

/// <summary>Satisfies a script in an input of a transaction.</summary>
public static class MiniscriptSpending
{
    private const uint DisabledLock = 1u << 31;
    private const uint TimeFlag = 1u << 22;
    private const uint LockMask = 0xffff;
    private const uint FirstTime = 500_000_000;

    /// <summary>
    /// The items of the witness without the script; null if the script is not miniscript, or cannot be met.
    /// </summary>
    /// <param name="script">The script.</param>
    /// <param name="isTapscript">Whether it is a leaf of taproot.</param>
    /// <param name="transaction">The transaction.</param>
    /// <param name="index">The input.</param>
    /// <param name="signatureOf">The signature of a key; null for none. Asked for every key of the script.</param>
    /// <param name="keyOfHash">The key of a hash; null if it is not known.</param>
    /// <param name="preimageOf">What a hash was made of, by the operation; null if it is not known.</param>
    public static IReadOnlyList<byte[]>? Satisfy(
        Script script,
        bool isTapscript,
        Transaction transaction,
        int index,
        Func<byte[], byte[]?> signatureOf,
        Func<byte[], byte[]?> keyOfHash,
        Func<OpcodeType, byte[], byte[]?> preimageOf)
    {
        ArgumentNullException.ThrowIfNull(script);
        ArgumentNullException.ThrowIfNull(transaction);
        List<byte[]> keys = [];
        MiniscriptNode? node = MiniscriptReader.Read(
            script, isTapscript, Add, hash => keyOfHash(hash) is { } key ? Add(key) : null);
        if (node is null)
        {
            return null;
        }

        MiniscriptMeans means = new(
            key => signatureOf(keys[key]),
            key => keys[key],
            age => IsOlder(transaction, index, age),
            time => IsAfter(transaction, index, time),
            preimageOf);
        return new MiniscriptWitness(means).Find(node);

        int? Add(byte[] key)
        {
            keys.Add(key);
            return keys.Count - 1;
        }
    }

    /// <summary>
    /// The most bytes of a witness without the script, with their lengths, and the most items; null if the script is
    /// not miniscript.
    /// </summary>
    /// <param name="script">The script, of a witness of version 0.</param>
    /// <param name="signature">The bytes of a signature, without its length.</param>
    /// <param name="knowsKeyOf">Whether the key of a hash is known.</param>
    public static (int Bytes, int Items)? MaxSize(Script script, int signature, Func<byte[], bool> knowsKeyOf)
    {
        ArgumentNullException.ThrowIfNull(script);
        return MiniscriptReader.Read(
                script, isTapscript: false, static _ => 0, hash => knowsKeyOf(hash) ? 0 : null) is { } node
            && MiniscriptSize.Of(node, signature).Satisfying is { } items
            ? (items.Bytes, items.Count)
            : null;
    }

    private static bool IsOlder(Transaction transaction, int index, uint age)
    {
        uint sequence = transaction.Inputs[index].Sequence.Value;
        return transaction.Version >= 2
            && (sequence & DisabledLock) == 0
            && (age & DisabledLock) == 0
            && (sequence & TimeFlag) == (age & TimeFlag)
            && (sequence & LockMask) >= (age & LockMask);
    }

    private static bool IsAfter(Transaction transaction, int index, uint time)
    {
        uint lockTime = transaction.LockTime.Value;
        return transaction.Inputs[index].Sequence.Value != uint.MaxValue
            && (lockTime >= FirstTime) == (time >= FirstTime)
            && lockTime >= time;
    }
}
