namespace Bitcoin.Descriptors.Miniscripts;

/// <summary>What running a script costs at most; null where there is no satisfaction or dissatisfaction.</summary>
/// <param name="Operations">The operations that always count.</param>
/// <param name="SatisfyingKeys">How many keys of signature checks count too in a satisfaction.</param>
/// <param name="OtherKeys">And in a dissatisfaction.</param>
/// <param name="SatisfyingItems">The items of the witness of a satisfaction.</param>
/// <param name="OtherItems">And of a dissatisfaction.</param>
internal sealed record MiniscriptCost(
    int Operations, int? SatisfyingKeys, int? OtherKeys, int? SatisfyingItems, int? OtherItems)
{
    private const int MaxOperations = 201;
    private const int MaxItems = 100;
    private const int MaxTapscriptItems = 1000;

    internal bool CanBeSatisfied => SatisfyingItems is not null;

    internal bool Fits(bool isTapscript)
    {
        return SatisfyingItems is not { } items
            || (isTapscript ? items < MaxTapscriptItems : items <= MaxItems
                && Operations + (SatisfyingKeys ?? 0) <= MaxOperations);
    }

    internal static MiniscriptCost Of(MiniscriptNode node)
    {
        int all = node.Parts.Sum(static part => part.Cost.Operations);
        MiniscriptCost? x = node.Parts.Count > 0 ? node.Parts[0].Cost : null;
        MiniscriptCost? y = node.Parts.Count > 1 ? node.Parts[1].Cost : null;
        MiniscriptCost? z = node.Parts.Count > 2 ? node.Parts[2].Cost : null;
        int count = node.Keys.Count;
        return node.Fragment switch
        {
            Fragment.Zero => new MiniscriptCost(0, null, 0, null, 0),
            Fragment.One => new MiniscriptCost(0, 0, null, 0, null),
            Fragment.KeyItself => new MiniscriptCost(0, 0, 0, 1, 1),
            Fragment.KeyHash => new MiniscriptCost(3, 0, 0, 2, 2),
            Fragment.Older or Fragment.After => new MiniscriptCost(1, 0, null, 0, null),
            Fragment.Sha256 or Fragment.Hash256 or Fragment.Ripemd160 or Fragment.Hash160
                => new MiniscriptCost(4, 0, null, 1, 1),
            Fragment.Multi => new MiniscriptCost(1, count, count, (int)node.Number + 1, (int)node.Number + 1),
            Fragment.MultiA => new MiniscriptCost(count + 1, 0, 0, count, count),
            Fragment.WrapS or Fragment.WrapC => x! with { Operations = all + 1 },
            Fragment.WrapN => x! with { Operations = all + (int)node.Number },
            Fragment.WrapA => x! with { Operations = all + 2 },
            Fragment.WrapD => new MiniscriptCost(all + 3, x!.SatisfyingKeys, 0, x.SatisfyingItems + 1, 1),
            Fragment.WrapJ => new MiniscriptCost(all + 4, x!.SatisfyingKeys, 0, x.SatisfyingItems, 1),
            Fragment.WrapV => new MiniscriptCost(
                all + (node.Parts[0].Type.Has("x") ? 1 : 0), x!.SatisfyingKeys, null, x.SatisfyingItems, null),
            Fragment.AndV => new MiniscriptCost(
                all, x!.SatisfyingKeys + y!.SatisfyingKeys, null, x.SatisfyingItems + y.SatisfyingItems, null),
            Fragment.AndB => new MiniscriptCost(
                all + 1,
                x!.SatisfyingKeys + y!.SatisfyingKeys,
                x.OtherKeys + y.OtherKeys,
                x.SatisfyingItems + y.SatisfyingItems,
                x.OtherItems + y.OtherItems),
            Fragment.OrB => new MiniscriptCost(
                all + 1,
                Most(x!.SatisfyingKeys + y!.OtherKeys, x.OtherKeys + y.SatisfyingKeys),
                x.OtherKeys + y.OtherKeys,
                Most(x.SatisfyingItems + y.OtherItems, x.OtherItems + y.SatisfyingItems),
                x.OtherItems + y.OtherItems),
            Fragment.OrD => new MiniscriptCost(
                all + 3,
                Most(x!.SatisfyingKeys, x.OtherKeys + y!.SatisfyingKeys),
                x.OtherKeys + y.OtherKeys,
                Most(x.SatisfyingItems, x.OtherItems + y.SatisfyingItems),
                x.OtherItems + y.OtherItems),
            Fragment.OrC => new MiniscriptCost(
                all + 2,
                Most(x!.SatisfyingKeys, x.OtherKeys + y!.SatisfyingKeys),
                null,
                Most(x.SatisfyingItems, x.OtherItems + y.SatisfyingItems),
                null),
            Fragment.OrI => new MiniscriptCost(
                all + 3,
                Most(x!.SatisfyingKeys, y!.SatisfyingKeys),
                Most(x.OtherKeys, y.OtherKeys),
                Most(x.SatisfyingItems + 1, y.SatisfyingItems + 1),
                Most(x.OtherItems + 1, y.OtherItems + 1)),
            Fragment.AndOr => new MiniscriptCost(
                all + 3,
                Most(x!.SatisfyingKeys + y!.SatisfyingKeys, x.OtherKeys + z!.SatisfyingKeys),
                x.OtherKeys + z.OtherKeys,
                Most(x.SatisfyingItems + y.SatisfyingItems, x.OtherItems + z.SatisfyingItems),
                x.OtherItems + z.OtherItems),
            _ => new MiniscriptCost(
                all + node.Parts.Count,
                OfSome(node, static cost => (cost.SatisfyingKeys, cost.OtherKeys)),
                node.Parts.Sum(static part => part.Cost.OtherKeys ?? 0),
                OfSome(node, static cost => (cost.SatisfyingItems, cost.OtherItems)),
                node.Parts.Sum(static part => part.Cost.OtherItems ?? 0)),
        };
    }

    // The most expensive choice of the parts of a threshold.
    private static int? OfSome(MiniscriptNode node, Func<MiniscriptCost, (int? Satisfying, int? Other)> of)
    {
        int?[] best = [0];
        foreach (MiniscriptNode part in node.Parts)
        {
            (int? satisfying, int? other) = of(part.Cost);
            int?[] next = new int?[best.Length + 1];
            for (int i = 0; i < next.Length; i++)
            {
                next[i] = Most(i < best.Length ? best[i] + other : null, i > 0 ? best[i - 1] + satisfying : null);
            }

            best = next;
        }

        return node.Number < best.Length ? best[node.Number] : null;
    }

    private static int? Most(int? one, int? other)
        => one is null ? other : other is null ? one : Math.Max(one.Value, other.Value);
}
