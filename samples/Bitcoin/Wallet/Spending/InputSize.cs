using Bitcoin.Descriptors.Miniscripts;
using Bitcoin.Primitives;
using Bitcoin.Wallet.Coins;
using Bitcoin.Wallet.Keys;
using NBitcoin;

namespace Bitcoin.Wallet.Spending;

/// <summary>Computes how large an input will be when it is signed.</summary>
internal static class InputSize
{
    private const int Fixed = 32 + 4 + 4;
    private const int Signature = 72;
    private const int SmallSignature = 71;
    private const int SchnorrSignature = 1 + 65;

    /// <summary>The weight of an input that spends an output; null if the scripts are not known.</summary>
    /// <param name="output">The script of the output.</param>
    /// <param name="data">The known keys and scripts.</param>
    /// <param name="isInWitness">Whether the transaction has witnesses.</param>
    /// <param name="grinds">Whether the signer makes signatures of the smaller size.</param>
    internal static long? Weight(Script output, SolvingData data, bool isInWitness, bool grinds)
    {
        if (Satisfy(output, data, grinds ? SmallSignature : Signature) is not { } size)
        {
            return null;
        }

        bool isWitness = IsWitness(output, data);
        long scriptSig = isWitness ? 1 : Weights.SizeOfCount(size.Weight / Weights.Scale);
        long stack = isWitness ? Weights.SizeOfCount(size.Elements) : isInWitness ? 1 : 0;
        return ((Fixed + scriptSig) * Weights.Scale) + stack + size.Weight;
    }

    /// <summary>The virtual size of such an input; -1 if the scripts are not known.</summary>
    internal static int VirtualSize(Script output, SolvingData? data, bool grinds)
    {
        return data is not null && Weight(output, data, isInWitness: true, grinds) is { } weight
            ? (int)Weights.VirtualSize(weight)
            : -1;
    }

    internal static bool IsWitness(Script output, SolvingData data) => ScriptKinds.Of(output) switch
    {
        ScriptKind.WitnessKeyHash or ScriptKind.WitnessScriptHash or ScriptKind.Taproot => true,
        ScriptKind.ScriptHash
            => data.Inner(output) is { } inner
                && ScriptKinds.Of(inner) is ScriptKind.WitnessKeyHash or ScriptKind.WitnessScriptHash,
        _ => false,
    };

    private static (long Weight, int Elements)? Satisfy(Script output, SolvingData data, int signature)
    {
        switch (ScriptKinds.Of(output))
        {
            case ScriptKind.WitnessKeyHash:
                return Plain(output, data, signature);
            case ScriptKind.WitnessScriptHash:
                return data.Inner(output) is { } witness
                    && (Plain(witness, data, signature) ?? Miniscript(witness, data, signature)) is { } inWitness
                    ? (Weights.SizeOfCount(witness.Length) + witness.Length + inWitness.Size, inWitness.Elements + 1)
                    : null;
            case ScriptKind.Taproot:
                return data.Taproot(output) is not null || data.Key(output.ToBytes().AsSpan(2)) is not null
                    ? (SchnorrSignature, 1)
                    : null;
            case ScriptKind.ScriptHash:
                if (data.Inner(output) is not { } redeem)
                {
                    return null;
                }

                long push = (1 + redeem.Length) * Weights.Scale;
                return ScriptKinds.Of(redeem) is ScriptKind.WitnessKeyHash or ScriptKind.WitnessScriptHash
                    ? Satisfy(redeem, data, signature) is { } nested ? (push + nested.Weight, nested.Elements) : null
                    : Plain(redeem, data, signature) is { } inner
                        ? (push + (inner.Size * Weights.Scale), inner.Elements + 1)
                        : null;
            default:
                return Plain(output, data, signature) is { } plain
                    ? (plain.Size * Weights.Scale, plain.Elements)
                    : null;
        }
    }

    private static (long Size, int Elements)? Miniscript(Script script, SolvingData data, int signature)
        => MiniscriptSpending.MaxSize(script, signature, hash => data.Key(new KeyId(hash)) is not null);

    private static (long Size, int Elements)? Plain(Script script, SolvingData data, int signature)
    {
        byte[] bytes = script.ToBytes(@unsafe: true);
        switch (ScriptKinds.Of(script))
        {
            case ScriptKind.PublicKey:
                return (1 + signature, 1);
            case ScriptKind.PublicKeyHash:
                return data.Key(new KeyId(bytes[3..23])) is { } key
                    ? (1 + signature + 1 + key.ToBytes().Length, 2)
                    : null;
            case ScriptKind.WitnessKeyHash:
                return data.Key(new KeyId(bytes[2..])) is not null ? (1 + signature + 1 + 33, 2) : null;
            case ScriptKind.Multisig when ScriptKinds.TryMultisig(bytes, out int required, out _):
                return (1 + ((1 + signature) * required), 1 + required);
            default:
                return null;
        }
    }
}
