using Bitcoin.Primitives;
using NBitcoin;

namespace Bitcoin.Chain.Rules;

/// <summary>Which script rules apply where.</summary>
internal static class ScriptFlags
{
    /// <summary>Rules that all blocks obey from the start, except two old ones that broke them.</summary>
    internal const ScriptVerify Always = ScriptVerify.P2SH | ScriptVerify.Witness | ScriptVerify.Taproot;

    /// <summary>Rules whose violation is invalid, not merely nonstandard.</summary>
    internal const ScriptVerify Mandatory = Always
        | ScriptVerify.DerSig
        | ScriptVerify.NullDummy
        | ScriptVerify.CheckLockTimeVerify
        | ScriptVerify.CheckSequenceVerify;

    /// <summary>The rules of the pool.</summary>
    internal const ScriptVerify Standard = Mandatory
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

    private static readonly Dictionary<uint256, ScriptVerify> s_exceptions = new()
    {
        [uint256.Parse("00000000000002dc756eebf4f49723ed8d30cc28a5f108eb94b1ba88ac4f9c22")] = ScriptVerify.None,
        [uint256.Parse("0000000000000000000f14c35b2d841e986ab5441de8c585d5ffe55ea1e395ad")] =
            ScriptVerify.P2SH | ScriptVerify.Witness,
        [uint256.Parse("00000000dd30457c001f4095d208cc1296b0eed002427aa599874af7a432b105")] = ScriptVerify.None,
    };

    internal static ScriptVerify Of(uint256 hash, int height, NetworkParameters network)
    {
        ScriptVerify flags = s_exceptions.GetValueOrDefault(hash, Always);
        flags |= height >= network.Bip66Height ? ScriptVerify.DerSig : 0;
        flags |= height >= network.Bip65Height ? ScriptVerify.CheckLockTimeVerify : 0;
        flags |= height >= network.CsvHeight ? ScriptVerify.CheckSequenceVerify : 0;
        return flags | (height >= network.SegwitHeight ? ScriptVerify.NullDummy : 0);
    }
}
