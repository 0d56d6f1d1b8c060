namespace Bitcoin.Descriptors.Miniscripts;

/// <summary>
/// The most bytes and items of a witness, without the script; null where there is no satisfaction or dissatisfaction.
/// </summary>
internal sealed record MiniscriptSize(MiniscriptSize.Items? Satisfying, MiniscriptSize.Items? Other)
{
    private static readonly Items s_none = new(0, 0);
    private static readonly Items s_zero = new(1, 1);

    /// <summary>The sizes of an expression.</summary>
    /// <param name="node">The expression.</param>
    /// <param name="signature">The bytes of a signature, without its length.</param>
    internal static MiniscriptSize Of(MiniscriptNode node, int signature)
    {
        MiniscriptSize[] parts = [.. node.Parts.Select(part => Of(part, signature))];
        (Items? x, Items? notX) = parts.Length > 0 ? (parts[0].Satisfying, parts[0].Other) : default;
        (Items? y, Items? notY) = parts.Length > 1 ? (parts[1].Satisfying, parts[1].Other) : default;
        (Items? z, Items? notZ) = parts.Length > 2 ? (parts[2].Satisfying, parts[2].Other) : default;
        Items signed = new(1 + signature, 1);
        Items key = new(node.IsTapscript ? 33 : 34, 1);
        Items one = new(2, 1);
        int required = (int)node.Number;
        return node.Fragment switch
        {
            Fragment.Zero => new MiniscriptSize(null, s_none),
            Fragment.One or Fragment.Older or Fragment.After => new MiniscriptSize(s_none, null),
            Fragment.KeyItself => new MiniscriptSize(signed, s_zero),
            Fragment.KeyHash => new MiniscriptSize(Join(signed, key), Join(s_zero, key)),
            Fragment.Sha256 or Fragment.Hash256 or Fragment.Ripemd160 or Fragment.Hash160
                => new MiniscriptSize(new Items(33, 1), new Items(33, 1)),
            Fragment.Multi => new MiniscriptSize(
                new Items(1 + (required * signed.Bytes), 1 + required), new Items(1 + required, 1 + required)),
            Fragment.MultiA => new MiniscriptSize(
                new Items((required * signed.Bytes) + node.Keys.Count - required, node.Keys.Count),
                new Items(node.Keys.Count, node.Keys.Count)),
            Fragment.WrapD => new MiniscriptSize(Join(x, one), s_zero),
            Fragment.WrapJ => new MiniscriptSize(x, s_zero),
            Fragment.WrapV => new MiniscriptSize(x, null),
            Fragment.AndV => new MiniscriptSize(Join(x, y), null),
            Fragment.AndB => new MiniscriptSize(Join(x, y), Join(notX, notY)),
            Fragment.OrB => new MiniscriptSize(Most(Join(x, notY), Join(notX, y)), Join(notX, notY)),
            Fragment.OrC => new MiniscriptSize(Most(x, Join(notX, y)), null),
            Fragment.OrD => new MiniscriptSize(Most(x, Join(notX, y)), Join(notX, notY)),
            Fragment.OrI => new MiniscriptSize(
                Most(Join(x, one), Join(y, s_zero)), Most(Join(notX, one), Join(notY, s_zero))),
            Fragment.AndOr => new MiniscriptSize(Most(Join(x, y), Join(notX, z)), Join(notX, notZ)),
            Fragment.Threshold => OfSome(parts, required),
            _ => new MiniscriptSize(x, notX),
        };
    }

    private static MiniscriptSize OfSome(MiniscriptSize[] parts, int required)
    {
        // By how many parts are satisfied.
        Items?[] best = [s_none];
        foreach (MiniscriptSize part in parts)
        {
            Items?[] next = new Items?[best.Length + 1];
            for (int i = 0; i < next.Length; i++)
            {
                next[i] = Most(
                    i < best.Length ? Join(best[i], part.Other) : null,
                    i > 0 ? Join(best[i - 1], part.Satisfying) : null);
            }

            best = next;
        }

        return new MiniscriptSize(best[required], best[0]);
    }

    private static Items? Join(Items? one, Items? other)
        => one is null || other is null ? null : new Items(one.Bytes + other.Bytes, one.Count + other.Count);

    private static Items? Most(Items? one, Items? other)
    {
        return one is null ? other
            : other is null ? one
            : new Items(Math.Max(one.Bytes, other.Bytes), Math.Max(one.Count, other.Count));
    }

    /// <summary>Items of a witness.</summary>
    /// <param name="Bytes">Their bytes, with their lengths.</param>
    /// <param name="Count">How many there are.</param>
    internal sealed record Items(int Bytes, int Count);
}
