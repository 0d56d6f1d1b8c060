using Bitcoin.Chain.Coins;
using Bitcoin.Primitives;
using NBitcoin;

namespace Bitcoin.Chain.Rules;

/// <summary>
/// The number of signature operations of a transaction. NBitcoin counts them in a script; this class knows which count
/// applies where.
/// </summary>
internal static class SignatureOperations
{

    /// <summary>Those in its own scripts, without the outputs that it spends.</summary>
    internal static int Legacy(Transaction transaction)
    {
        long count = 0;
        foreach (TxIn input in transaction.Inputs)
        {
            count += Count(input.ScriptSig, isAccurate: false);
        }

        foreach (TxOut output in transaction.Outputs)
        {
            count += Count(output.ScriptPubKey, isAccurate: false);
        }

        return (int)count;
    }

    /// <summary>All of them, weighted.</summary>
    internal static long Cost(Transaction transaction, IReadOnlyList<UnspentCoin> spent)
    {
        long cost = Legacy(transaction) * (long)Sizes.WitnessScale;
        if (transaction.IsCoinBase)
        {
            return cost;
        }

        for (int i = 0; i < spent.Count; i++)
        {
            Script signature = transaction.Inputs[i].ScriptSig;
            Script script = spent[i].Script;
            bool isScriptHash = IsScriptHash(script);
            Script? redeem = isScriptHash ? LastPush(signature) : null;
            if (redeem is not null)
            {
                cost += Count(redeem, isAccurate: true) * (long)Sizes.WitnessScale;
            }

            Script program = redeem ?? script;
            if (Address.TryProgram(program.ToBytes(@unsafe: true), out int version, out ReadOnlySpan<byte> hash)
                && version == 0)
            {
                WitScript witness = transaction.Inputs[i].WitScript;
                cost += hash.Length == 20
                    ? 1
                    : witness is { PushCount: > 0 }
                    ? Count(Script.FromBytesUnsafe(witness.GetUnsafePush(witness.PushCount - 1)), isAccurate: true)
                    : 0;
            }
        }

        return cost;
    }

    /// <summary>Those of the redeem scripts alone.</summary>
    internal static int RedeemScripts(Transaction transaction, IReadOnlyList<UnspentCoin> spent)
    {
        int count = 0;
        for (int i = 0; i < spent.Count; i++)
        {
            if (IsScriptHash(spent[i].Script) && LastPush(transaction.Inputs[i].ScriptSig) is { } redeem)
            {
                count += Count(redeem, isAccurate: true);
            }
        }

        return count;
    }

    internal static bool IsScriptHash(Script script)
    {
        byte[] bytes = script.ToBytes(@unsafe: true);
        return bytes is [0xa9, 20, .., 0x87] && bytes.Length == 23;
    }

    /// <summary>The last push of a script that only pushes; null if it does anything else, or is empty.</summary>
    internal static Script? LastPush(Script script)
    {
        ReadOnlySpan<byte> bytes = script.ToBytes(@unsafe: true);
        ReadOnlySpan<byte> last = default;
        bool any = false;
        while (!bytes.IsEmpty)
        {
            if (!TryStep(ref bytes, out byte code, out last) || code > 0x60)
            {
                return null;
            }

            any = true;
        }

        return any ? Script.FromBytesUnsafe(last.ToArray()) : null;
    }

    internal static int Count(Script script, bool isAccurate)
    {
        const int MaxKeys = 20;
        int count = 0;
        byte before = 0xff;
        ReadOnlySpan<byte> bytes = script.ToBytes(@unsafe: true);
        while (!bytes.IsEmpty && TryStep(ref bytes, out byte code, out _))
        {
            if (code is 0xac or 0xad)
            {
                count++;
            }
            else if (code is 0xae or 0xaf)
            {
                count += isAccurate && before is >= 0x51 and <= 0x60 ? before - 0x50 : MaxKeys;
            }

            before = code;
        }

        return count;
    }

    /// <summary>Reads one operation from the start of a script.</summary>
    /// <returns>False if its data is incomplete.</returns>
    internal static bool TryStep(scoped ref ReadOnlySpan<byte> script, out byte code, out ReadOnlySpan<byte> data)
    {
        code = script[0];
        data = default;
        ReadOnlySpan<byte> rest = script[1..];
        int lengthBytes = code switch { 0x4c => 1, 0x4d => 2, 0x4e => 4, _ => 0 };
        if (rest.Length < lengthBytes)
        {
            return false;
        }

        uint length = code < 0x4c ? code : 0u;
        for (int i = 0; i < lengthBytes; i++)
        {
            length |= (uint)rest[i] << (8 * i);
        }

        rest = rest[lengthBytes..];
        if (length > rest.Length)
        {
            return false;
        }

        data = rest[..(int)length];
        script = rest[(int)length..];
        return true;
    }
}
