using Bitcoin.Primitives;
using NBitcoin;

namespace Bitcoin.Chain.Rules;

/// <summary>Which script rules apply where.</summary>
internal static class ScriptFlags
{
    /// <summary>Rules that all blocks obey from the start, except two old ones that broke them.</summary>
    internal static ScriptVerify Always { get; } = Currency.Current.HasWitnesses
        ? ScriptVerify.P2SH | ScriptVerify.Witness | ScriptVerify.Taproot
        : ScriptVerify.P2SH;

    /// <summary>Rules whose violation is invalid, not merely nonstandard.</summary>
    internal static ScriptVerify Mandatory { get; } = Always
        | ScriptVerify.DerSig
        | ScriptVerify.NullDummy
        | ScriptVerify.CheckLockTimeVerify
        | ScriptVerify.CheckSequenceVerify;

    /// <summary>
    /// The rules of the pool. NBitcoin checks a clean stack only with those of witnesses, which change nothing where no
    /// transaction can have one but that the pool takes no transaction that spends a witness program.
    /// </summary>
    internal static ScriptVerify Standard { get; } = Mandatory
        | ScriptVerify.Witness
        | ScriptVerify.StrictEnc
        | ScriptVerify.MinimalData
        | ScriptVerify.DiscourageUpgradableNops
        | ScriptVerify.CleanStack
        | ScriptVerify.MinimalIf
        | ScriptVerify.NullFail
        | ScriptVerify.LowS
        | ScriptVerify.DiscourageUpgradableWitnessProgram
        | ScriptVerify.WitnessPubkeyType
        | ScriptVerify.ConstScriptCode
        | ScriptVerify.DiscourageUpgradableTaprootVersion
        | ScriptVerify.DiscourageOpSuccess
        | ScriptVerify.DiscourageUpgradablePubKeyType;

    internal static ScriptVerify Of(uint256 hash, int height, NetworkParameters network)
    {
        ScriptVerify flags = network.ScriptExceptions.GetValueOrDefault(hash, Always);
        flags |= height >= network.Bip66Height ? ScriptVerify.DerSig : 0;
        flags |= height >= network.Bip65Height ? ScriptVerify.CheckLockTimeVerify : 0;
        flags |= height >= network.CsvHeight ? ScriptVerify.CheckSequenceVerify : 0;
        return flags | (height >= (network.Bip147Height ?? network.SegwitHeight) ? ScriptVerify.NullDummy : 0);
    }
}
