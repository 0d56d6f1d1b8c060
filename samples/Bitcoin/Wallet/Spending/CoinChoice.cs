using Bitcoin.Descriptors;
using Bitcoin.Interfaces;
using Bitcoin.Wallet.Coins;
using NBitcoin;

namespace Bitcoin.Wallet.Spending;

/// <summary>
/// Chooses coins for a payment. Tries the strictest rules first, and takes the choice with the least waste.
/// </summary>
internal sealed class CoinChoice(IChain chain, WalletOptions options)
{
    private const int MaxInGroup = 100;

    internal SelectionOutcome Choose(
        List<Candidate> available, List<Candidate> chosen, long target, CoinControl control, SelectionTerms terms)
    {
        long left = target - chosen.Sum(coin => terms.SubtractsFee ? coin.Value : coin.EffectiveValue);
        if (!control.AllowsOthers && left > 0)
        {
            return new SelectionOutcome(
                null,
                "The preselected coins total amount does not cover the transaction target. Please allow other inputs "
                    + "to be automatically selected or include more coins manually");
        }

        Selection preset = new("manual", left <= 0 ? target : target - left);
        preset.Add(chosen, terms.SubtractsFee);
        if (left <= 0)
        {
            preset.Measure(terms.MinViableChange, terms.CostOfChange, terms.ChangeFee);
            return new SelectionOutcome(preset);
        }

        if (left > available.Sum(coin => terms.SubtractsFee ? coin.Value : coin.EffectiveValue))
        {
            return default;
        }

        SelectionOutcome outcome = ChooseByFilter(available, left, terms);
        if (outcome.Selection is not { } selection || chosen.Count == 0)
        {
            return outcome;
        }

        selection.Merge(preset);
        selection.Measure(terms.MinViableChange, terms.CostOfChange, terms.ChangeFee);
        return selection.Weight <= terms.MaxWeight - (terms.SizeWithoutInputs * Weights.Scale) ? outcome
            : new SelectionOutcome(
                null,
                "The combination of the pre-selected inputs and the wallet automatic inputs selection exceeds the "
                    + "transaction maximum weight. Please try sending a smaller amount or manually consolidating your "
                    + "wallet's UTXOs");
    }

    private SelectionOutcome ChooseByFilter(List<Candidate> available, long target, SelectionTerms terms)
    {
        (int limit, int clusterLimit) = (options.AncestorLimit, options.ClusterLimit);
        List<CoinFilter> filters = [new(1, 6, 0, long.MaxValue, MixesTypes: false), new(1, 1, 0, long.MaxValue)];
        if (options.SpendsUnconfirmedChange)
        {
            filters.Add(new CoinFilter(0, 1, 2, 2));
            filters.Add(new CoinFilter(0, 1, Math.Min(4, limit / 3), Math.Min(4, clusterLimit / 3)));
            filters.Add(new CoinFilter(0, 1, limit / 2, clusterLimit / 2));
            filters.Add(new CoinFilter(0, 1, limit - 1, clusterLimit - 1, IncludesPartial: true));
            if (terms.IncludesUnsafe)
            {
                filters.Add(new CoinFilter(0, 0, limit - 1, clusterLimit - 1, IncludesPartial: true));
            }

            if (!options.RejectsLongChains)
            {
                filters.Add(new CoinFilter(0, 1, long.MaxValue, long.MaxValue, IncludesPartial: true));
            }
        }

        // Filters for confirmed coins do not need the memory pool.
        filters[0] = filters[0] with { MaxCluster = 0 };
        filters[1] = filters[1] with { MaxCluster = 0 };
        List<CoinGroup> all = Groups(available, terms);
        List<CoinGroup> positive = terms.AvoidsPartialSpends
            ? Groups([.. available.Where(static coin => coin.EffectiveValue > 0)], terms)
            : all;
        long discarded = all.Where(group => !filters.Exists(group.Passes)).Sum(static group => group.Amount);
        long inLongChains = all.Where(
            group => !filters.Exists(group.Passes) && (group.Ancestors >= limit || group.Cluster >= clusterLimit))
            .Sum(static group => group.Amount);
        long total = available.Sum(static coin => coin.Value) - discarded;
        if (total < target)
        {
            return new SelectionOutcome(
                null,
                total + inLongChains > target
                    ? "Unconfirmed UTXOs are available, but spending them creates a chain of transactions that will be "
                        + "rejected by the mempool"
                    : "");
        }

        string error = "";
        foreach (CoinFilter filter in filters)
        {
            SelectionTerms own = terms.Version == CoinControl.RestrictedVersion
                && (filter.OwnDepth == 0 || filter.OtherDepth == 0)
                ? terms with { MaxWeight = Math.Min(terms.MaxWeight, CoinControl.MaxRestrictedChildWeight) }
                : terms;
            SelectionOutcome outcome = Attempt(
                Passing(all, filter), Passing(positive, filter), target, own, filter.MixesTypes);
            if (outcome.Selection is not null)
            {
                return outcome;
            }

            error = error.Length == 0 ? outcome.Error : error;
        }

        return new SelectionOutcome(null, error);
    }

    private static List<CoinGroup> Passing(List<CoinGroup> groups, CoinFilter filter)
    {
        // If a script has several groups, only the last resort takes the group that is not full.
        return [.. groups.Where(group => group.Passes(filter) && (filter.IncludesPartial || !group.IsPartial))];
    }

    private SelectionOutcome Attempt(
        List<CoinGroup> all, List<CoinGroup> positive, long target, SelectionTerms terms, bool mixesTypes)
    {
        List<Selection> found = [];
        OutputType[] types = [.. all.Select(static group => group.Coins[0].Type).Distinct().Order()];
        foreach (OutputType type in types)
        {
            SelectionOutcome outcome = ChooseBest(
                [.. all.Where(group => group.Coins[0].Type == type)],
                [.. positive.Where(group => group.Coins[0].Type == type)],
                target,
                terms);
            if (outcome.Error.Length > 0)
            {
                return outcome;
            }

            if (outcome.Selection is not null)
            {
                found.Add(outcome.Selection);
            }
        }

        return found.Count > 0
            ? new SelectionOutcome(Best(found))
            : mixesTypes && types.Length > 1
            ? ChooseBest(all, positive, target, terms)
            : default;
    }

    private SelectionOutcome ChooseBest(
        List<CoinGroup> all, List<CoinGroup> positive, long target, SelectionTerms terms)
    {
        List<CoinGroup> worthwhile = [.. positive.Where(static group => group.Amount > 0)];
        List<Selection> found = [];
        string error = "";
        long maxWeight = terms.MaxWeight - (terms.SizeWithoutInputs * Weights.Scale);
        if (maxWeight <= 0)
        {
            return new SelectionOutcome(
                null, "Maximum transaction weight is less than transaction weight without inputs");
        }

        if (!terms.SubtractsFee)
        {
            Take(Algorithms.BranchAndBound([.. worthwhile], target, terms.CostOfChange, maxWeight));
        }

        maxWeight -= terms.ChangeOutputSize * Weights.Scale;
        if (maxWeight < 0 && found.Count == 0)
        {
            return new SelectionOutcome(
                null, "Maximum transaction weight is too low, can not accommodate change output");
        }

        Take(Algorithms.Knapsack(all, target, terms.MinChangeTarget, maxWeight));
        if (terms.Rate > new FeeRate(3 * terms.LongTermRate.Fee, terms.LongTermRate.Size))
        {
            Take(Algorithms.CoinGrinder([.. worthwhile], target, terms.MinChangeTarget, maxWeight));
        }

        Take(Algorithms.SingleRandomDraw(worthwhile, target, terms.ChangeFee, maxWeight));
        foreach (Selection selection in found)
        {
            Candidate[] unconfirmed = [.. selection.Coins.Where(static coin => coin.Depth == 0)];
            if (unconfirmed.Length > 1)
            {
                long together = chain.GetCombinedBumpFee(
                    [.. unconfirmed.Select(static coin => coin.Id)], Money.Satoshis(terms.Rate.PerK))?.Satoshi
                    ?? 0;
                selection.BumpDiscount = Math.Max(unconfirmed.Sum(static coin => coin.BumpFee) - together, 0);
            }

            selection.Measure(terms.MinViableChange, terms.CostOfChange, terms.ChangeFee);
        }

        return found.Count > 0 ? new SelectionOutcome(Best(found)) : new SelectionOutcome(null, error);

        void Take(SelectionOutcome outcome)
        {
            if (outcome.Selection is not null)
            {
                found.Add(outcome.Selection);
            }
            else if (error.Length == 0)
            {
                error = outcome.Error;
            }
        }
    }

    private static Selection Best(List<Selection> found)
        => found.Aggregate(static (best, other) => other.IsBetterThan(best) ? other : best);

    private List<CoinGroup> Groups(IReadOnlyList<Candidate> coins, SelectionTerms terms)
    {
        List<CoinGroup> groups = [];
        Dictionary<Script, List<CoinGroup>> byScript = [];
        foreach (Candidate coin in coins)
        {
            (long ancestors, long cluster) = Ancestry(coin);
            if (!terms.AvoidsPartialSpends)
            {
                CoinGroup one = new(terms.LongTermRate, terms.SubtractsFee);
                one.Add(coin, ancestors, cluster);
                groups.Add(one);
                continue;
            }

            if (!byScript.TryGetValue(coin.Output.ScriptPubKey, out List<CoinGroup>? own))
            {
                byScript[coin.Output.ScriptPubKey] = own = [];
            }

            if (own.Count == 0 || own[^1].Coins.Count >= MaxInGroup)
            {
                own.Add(new CoinGroup(terms.LongTermRate, terms.SubtractsFee));
            }

            own[^1].Add(coin, ancestors, cluster);
        }

        foreach (List<CoinGroup> own in byScript.Values)
        {
            own[^1].IsPartial = own.Count > 1;
            groups.AddRange(own);
        }

        return groups;
    }

    private (long Ancestors, long Cluster) Ancestry(Candidate coin)
    {
        if (coin.Depth > 0)
        {
            return (0, 0);
        }

        chain.GetTransactionAncestry(coin.Id.Hash, out long ancestors, out long cluster, out _, out _);
        return (ancestors, cluster);
    }
}
