using NBitcoin;

namespace Bitcoin.Chain.Rules;

/// <summary>
/// The rule of the pool that what a signature covers must not change while a script runs: neither by OP_CODESEPARATOR
/// nor because the signature stands in it. NBitcoin's engine does not know the rule, and scripts of witnesses are not
/// concerned.
/// </summary>
internal static class ConstantCode
{
    private const byte CodeSeparator = 0xab;
    private const byte CheckSig = 0xac;
    private const byte CheckMultiSigVerify = 0xaf;
    private const int MaxDirectPush = 75;

    /// <summary>What is wrong with an input that is good otherwise; <see cref="ScriptError.OK"/> for nothing.</summary>
    internal static ScriptError Check(Script signature, Script output, ScriptVerify flags)
    {
        if ((flags & ScriptVerify.ConstScriptCode) == 0)
        {
            return ScriptError.OK;
        }

        ScriptError error = CheckCode(signature);
        error = error == ScriptError.OK ? CheckCode(output) : error;
        if (error == ScriptError.OK
            && (flags & ScriptVerify.P2SH) != 0
            && SignatureOperations.IsScriptHash(output)
            && SignatureOperations.LastPush(signature) is { } redeem)
        {
            error = CheckCode(redeem);
        }

        return error;
    }

    /// <summary>
    /// The first error of an input that is not good: OP_CODESEPARATOR if the engine, which does not know the rule,
    /// found nothing before it.
    /// </summary>
    /// <param name="failure">The error in Bitcoin Core's terms.</param>
    /// <param name="engine">The engine's error.</param>
    /// <param name="signature">The script of the input.</param>
    /// <param name="output">The script of the output.</param>
    /// <param name="flags">The flags.</param>
    /// <param name="run">Runs two scripts and returns the engine's error.</param>
    internal static ScriptError First(
        ScriptError failure,
        ScriptError engine,
        Script signature,
        Script output,
        ScriptVerify flags,
        Func<Script, Script, ScriptError> run)
    {
        if ((flags & ScriptVerify.ConstScriptCode) == 0)
        {
            return failure;
        }

        ScriptError? before = BeforeSeparator(signature) is { } part ? run(part, Script.Empty)
            : BeforeSeparator(output) is { } rest ? run(signature, rest)
            : null;

        // What fails before the operation fails without the rest too, and in the same way.
        return before is not null && before != engine ? ScriptErrors.CodeSeparator : failure;
    }

    private static Script? BeforeSeparator(Script script)
    {
        byte[] bytes = script.ToBytes(@unsafe: true);
        ReadOnlySpan<byte> left = bytes;
        while (!left.IsEmpty)
        {
            int at = bytes.Length - left.Length;
            if (!SignatureOperations.TryStep(ref left, out byte code, out _))
            {
                return null;
            }

            if (code == CodeSeparator)
            {
                return Script.FromBytesUnsafe(bytes[..at]);
            }
        }

        return null;
    }

    private static ScriptError CheckCode(Script script)
    {
        ReadOnlySpan<byte> left = script.ToBytes(@unsafe: true);
        bool checks = false;
        bool hasSignature = false;
        while (!left.IsEmpty && SignatureOperations.TryStep(ref left, out byte code, out ReadOnlySpan<byte> data))
        {
            if (code == CodeSeparator)
            {
                // Wherever it stands, for it is looked at even where it is not run.
                return ScriptErrors.CodeSeparator;
            }

            // A signature is looked for as it is pushed by its length alone.
            checks |= code is >= CheckSig and <= CheckMultiSigVerify;
            hasSignature |= code is > 0 and <= MaxDirectPush && IsSignature(data);
        }

        return checks && hasSignature ? ScriptErrors.SignatureInCode : ScriptError.OK;
    }

    /// <summary>Whether bytes have the form of a signature with its type of hash.</summary>
    private static bool IsSignature(ReadOnlySpan<byte> data)
        => data.Length is >= 9 and <= 73 && data[0] == 0x30 && data[1] == data.Length - 3;
}
