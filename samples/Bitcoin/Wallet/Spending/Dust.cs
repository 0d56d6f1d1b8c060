using Bitcoin.Wallet.Coins;
using NBitcoin;

namespace Bitcoin.Wallet.Spending;

/// <summary>Outputs that cost more to spend than they are worth.</summary>
internal static class Dust
{
    internal static bool IsDust(TxOut output, FeeRate rate) => output.Value.Satoshi < Of(output, rate);

    /// <summary>The least amount, in satoshis, with which an output is not dust.</summary>
    internal static long Of(TxOut output, FeeRate rate)
    {
        const int SpendBytes = 32 + 4 + 1 + 107 + 4;
        const int WitnessSpendBytes = 32 + 4 + 1 + (107 / Weights.Scale) + 4;
        byte[] script = output.ScriptPubKey.ToBytes(@unsafe: true);
        bool isUnspendable = script.Length > 0 && (script[0] == 0x6a || script.Length > 10_000);
        bool isWitness = script.Length is >= 4 and <= 42
            && script[1] == script.Length - 2
            && (script[0] == 0 || script[0] is >= 0x51 and <= 0x60);
        return isUnspendable ? 0 : rate.For(Weights.SizeOf(output) + (isWitness ? WitnessSpendBytes : SpendBytes));
    }
}
