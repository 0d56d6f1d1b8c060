using NBitcoin;

namespace Bitcoin.Wallet.Coins;

/// <summary>Weights and sizes of transactions.</summary>
internal static class Weights
{
    internal const int Scale = 4;
    internal const int MaxStandard = 400_000;

    internal static long Of(Transaction transaction)
    {
        long total = transaction.GetSerializedSize();
        long stripped = transaction.HasWitness
            ? transaction.WithOptions(TransactionOptions.None).GetSerializedSize()
            : total;
        return (stripped * (Scale - 1)) + total;
    }

    internal static long VirtualSize(Transaction transaction) => VirtualSize(Of(transaction));

    internal static long VirtualSize(long weight) => (weight + Scale - 1) / Scale;

    internal static int SizeOfCount(long count) => count < 253 ? 1 : count <= ushort.MaxValue ? 3 : 5;

    internal static int SizeOf(TxOut output)
        => sizeof(long) + SizeOfCount(output.ScriptPubKey.Length) + output.ScriptPubKey.Length;
}
