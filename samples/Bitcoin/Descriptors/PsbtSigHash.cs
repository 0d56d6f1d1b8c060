using NBitcoin;

namespace Bitcoin.Descriptors;

/// <summary>How the inputs of a PSBT are to be signed.</summary>
public static class PsbtSigHash
{
    /// <summary>Chooses how an input is signed, and states it in the PSBT unless it is the usual way.</summary>
    /// <param name="input">The input.</param>
    /// <param name="isTaproot">Whether the input spends a taproot output.</param>
    /// <param name="wanted">What the caller wants; null for the usual way.</param>
    /// <param name="chosen">How to sign; 0 is taproot's usual way.</param>
    /// <returns>False if the input states another way than the chosen one.</returns>
    public static bool TryChoose(PSBTInput input, bool isTaproot, SigHash? wanted, out SigHash chosen)
    {
        ArgumentNullException.ThrowIfNull(input);
        SigHash usual = isTaproot ? 0 : SigHash.All;
        chosen = wanted ?? usual;
        SigHash? stated = isTaproot ? (SigHash?)input.TaprootSighashType : input.SighashType;
        if (stated is { } other && other != chosen)
        {
            return false;
        }

        if (chosen != usual && chosen != 0)
        {
            if (isTaproot)
            {
                input.TaprootSighashType = (TaprootSigHash)chosen;
            }
            else
            {
                input.SighashType = chosen;
            }
        }

        return true;
    }
}
