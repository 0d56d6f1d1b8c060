using System.Runtime.CompilerServices;
using Bitcoin.Primitives;
using NBitcoin;

namespace Bitcoin.Chain.Rules;

/// <summary>
/// Distinguishes a witness script that leaves several elements from one that leaves a false element. NBitcoin has one
/// error for both and does not show the stack, so the script is run again. That happens for refused transactions only.
/// </summary>
internal static class WitnessStack
{
    private const byte AnnexTag = 0x50;
    private const long ExtraWeight = 50;

    /// <summary>Whether a failed witness script ran to its end, but did not leave exactly one element.</summary>
    /// <param name="failed">The context in which it failed.</param>
    /// <param name="input">The input.</param>
    /// <param name="spent">The output that it spends.</param>
    /// <param name="checker">Checks signatures.</param>
    internal static bool IsUnclean(ScriptEvaluationContext failed, TxIn input, TxOut spent, TransactionChecker checker)
    {
        byte[] program = spent.ScriptPubKey.ToBytes(@unsafe: true);
        if (SignatureOperations.IsScriptHash(spent.ScriptPubKey))
        {
            program = input.ScriptSig.ToOps().LastOrDefault()?.PushData ?? [];
        }

        List<byte[]> stack = [.. (input.WitScript ?? WitScript.Empty).Pushes];
        bool isTaproot = program is [0x51, 32, ..] && program.Length == 34;
        if (isTaproot && stack.Count >= 2 && stack[^1] is [AnnexTag, ..])
        {
            stack.RemoveAt(stack.Count - 1);
        }

        bool isScript = isTaproot
            ? stack.Count >= 2
            : program is [0, 32, ..] && program.Length == 34 && stack.Count > 0;
        if (!isScript)
        {
            return false;
        }

        if (isTaproot)
        {
            // The control block.
            stack.RemoveAt(stack.Count - 1);
        }

        Script script = Script.FromBytesUnsafe(stack[^1]);
        stack.RemoveAt(stack.Count - 1);
        ScriptEvaluationContext context = new() { ScriptVerify = failed.ScriptVerify };
        stack.ForEach(context.Stack.Push);
        if (isTaproot)
        {
            SetTapleafHash(context.ExecutionData, failed.ExecutionData.TapleafHash);
            SetAnnexHash(context.ExecutionData, failed.ExecutionData.AnnexHash);
            SetValidationWeightLeft(context.ExecutionData, input.WitScript!.GetSerializedSize() + ExtraWeight);
        }

        return EvalScript(context, script, checker, isTaproot ? HashVersion.Tapscript : HashVersion.WitnessV0)
            && context.Stack.Count != 1;
    }

    [UnsafeAccessor(UnsafeAccessorKind.Method)]
    private static extern bool EvalScript(
        ScriptEvaluationContext context, Script script, TransactionChecker checker, HashVersion version);

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "set_TapleafHash")]
    private static extern void SetTapleafHash(ExecutionData data, uint256? hash);

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "set_AnnexHash")]
    private static extern void SetAnnexHash(ExecutionData data, uint256? hash);

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "set_ValidationWeightLeft")]
    private static extern void SetValidationWeightLeft(ExecutionData data, long weight);
}
