using NBitcoin;
using NBitcoin.Crypto;

namespace Bitcoin.Descriptors.Miniscripts;

/// <summary>A script in the language miniscript, within wsh or as a leaf of tr.</summary>
internal sealed class MiniscriptExpression(MiniscriptNode node, IReadOnlyList<KeyExpression> keys) : Descriptor
{
    public override IEnumerable<KeyExpression> Keys => keys.SelectMany(static key => key.WithParticipants);

    // Consensus looks at 16 bits of a relative lock and at the bit that chooses its unit: a higher value locks for less
    // than it says, or not at all.
    public override IEnumerable<string> Warnings => node.All
        .Where(static one => one.Fragment == Fragment.Older
            && (one.Number & ~Sequence.SEQUENCE_LOCKTIME_TYPE_FLAG) > Sequence.SEQUENCE_LOCKTIME_MASK)
        .Select(static one => (one.Number & Sequence.SEQUENCE_LOCKTIME_TYPE_FLAG) != 0
            ? $"time-based relative locktime: older({one.Number}) > (65535 * 512) seconds is unsafe"
            : $"height-based relative locktime: older({one.Number}) > 65535 blocks is unsafe");

    public override string Format(Func<KeyExpression, string> keyText)
        => MiniscriptText.Format(node, key => keyText(keys[key]));

    internal override string ToText(uint index)
        => MiniscriptText.Format(node, key => keys[key].TextAt(index, node.IsTapscript));

    public override IEnumerable<Script> Expand(uint index)
    {
        return [node.ToScript(BytesOf, key => Hashes.Hash160(BytesOf(key)).ToBytes())];

        byte[] BytesOf(int key)
        {
            PubKey derived = Derive(keys[key], index);
            return node.IsTapscript ? derived.TaprootInternalKey.ToBytes() : derived.ToBytes();
        }
    }

    /// <summary>What is wrong with an expression, in Bitcoin Core's words; null for nothing.</summary>
    internal static string? WrongWith(MiniscriptNode node, IReadOnlyList<KeyExpression> keys)
    {
        bool hasDuplicates = keys.Select(static key => key.ToPublicText()).Distinct().Count() != keys.Count;
        if (node.IsSane && !hasDuplicates && node.Cost.CanBeSatisfied)
        {
            return null;
        }

        MiniscriptNode insane = node.FindInsane() ?? node;
        string text = MiniscriptText.Format(insane, key => keys[key].ToPublicText());
        return !insane.IsValid ? $"{text} is invalid"
            : node.IsSane && !hasDuplicates ? $"{text} is not satisfiable"
            : $"{text} is not sane" + (!insane.IsNonMalleable ? ": malleable witnesses exist"
                : ReferenceEquals(insane, node) && !insane.NeedsSignature ? ": witnesses without signature exist"
                : !insane.KeepsTimeLocksApart ? ": contains mixes of timelocks expressed in blocks and seconds"
                : hasDuplicates ? ": contains duplicate public keys"
                : !insane.FitsLimits ? ": needs witnesses that may exceed resource limits"
                : "");
    }
}
