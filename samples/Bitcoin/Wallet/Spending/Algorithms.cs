using System.Security.Cryptography;
using NBitcoin;

namespace Bitcoin.Wallet.Spending;

/// <summary>The ways to choose coins.</summary>
internal static class Algorithms
{
    internal const long ChangeLower = 50_000;
    internal const long ChangeUpper = 1_000_000;

    internal const string TooHeavy =
        "The inputs size exceeds the maximum weight. Please try sending a smaller amount or manually consolidating "
            + "your wallet's UTXOs";

    private const int MaxTries = 100_000;
    private const int Iterations = 1000;

    /// <summary>
    /// Searches for coins whose sum is the target, so that no change is needed. Tries all choices, the largest coins
    /// first.
    /// </summary>
    internal static SelectionOutcome BranchAndBound(
        List<CoinGroup> pool, long target, long costOfChange, long maxWeight)
    {
        pool.Sort(
            static (one, other) => one.Amount != other.Amount ? other.Amount.CompareTo(
                one.Amount) : (one.Fee - one.LongTermFee).CompareTo(other.Fee - other.LongTermFee));
        long[] ahead = Ahead(pool, out long available);
        if (available < target || pool.Count == 0)
        {
            return default;
        }

        List<int> chosen = [];
        List<int> best = [];
        long amount = 0;
        long waste = 0;
        long weight = 0;
        long bestWaste = 21_000_000L * Money.COIN;
        bool wasTooHeavy = false;
        bool isRateHigh = pool[0].Fee > pool[0].LongTermFee;
        int next = 0;
        for (int tries = 1; ; tries++)
        {
            CoinGroup group = pool[next];
            amount += group.Amount;
            weight += group.Weight;
            waste += group.Fee - group.LongTermFee;
            chosen.Add(next++);
            bool shifts = false;
            bool cuts = false;
            if (amount + ahead[chosen[^1]] < target)
            {
                cuts = true;
            }
            else if (weight > maxWeight)
            {
                wasTooHeavy = true;
                shifts = true;
            }
            else if (amount > target + costOfChange || (isRateHigh && waste > bestWaste))
            {
                shifts = true;
            }
            else if (amount >= target)
            {
                shifts = true;
                long whole = waste + amount - target;
                if (whole <= bestWaste)
                {
                    best = [.. chosen];
                    bestWaste = whole;
                }
            }

            if (tries >= MaxTries || !Advance(pool, chosen, ref next, shifts, cuts, Drop))
            {
                break;
            }
        }

        return Result("bnb", pool, best, target, wasTooHeavy);

        void Drop()
        {
            CoinGroup last = pool[chosen[^1]];
            amount -= last.Amount;
            weight -= last.Weight;
            waste -= last.Fee - last.LongTermFee;
            chosen.RemoveAt(chosen.Count - 1);
        }
    }

    /// <summary>
    /// Searches for the coins of the least weight that pay the target and change. Used when fees are high.
    /// </summary>
    internal static SelectionOutcome CoinGrinder(List<CoinGroup> pool, long target, long changeTarget, long maxWeight)
    {
        pool.Sort(
            static (one, other) => one.Amount != other.Amount ? other.Amount.CompareTo(
                one.Amount) : one.Weight.CompareTo(other.Weight));
        long[] ahead = Ahead(pool, out long available);
        long[] lightest = new long[pool.Count];
        long least = int.MaxValue;
        for (int i = pool.Count - 1; i >= 0; i--)
        {
            lightest[i] = least;
            least = Math.Min(least, pool[i].Weight);
        }

        long wanted = target + changeTarget;
        if (available < wanted || pool.Count == 0)
        {
            return default;
        }

        List<int> chosen = [];
        List<int> best = [];
        long amount = 0;
        long weight = 0;
        long bestAmount = 21_000_000L * Money.COIN;
        long bestWeight = maxWeight;
        bool wasTooHeavy = false;
        int next = 0;
        for (int tries = 1; ; tries++)
        {
            CoinGroup group = pool[next];
            amount += group.Amount;
            weight += group.Weight;
            chosen.Add(next++);
            int tail = chosen[^1];
            bool shifts = false;
            bool cuts = false;
            bool isLight = group.Weight <= lightest[tail];
            if (amount + ahead[tail] < wanted)
            {
                cuts = true;
            }
            else if (weight > bestWeight)
            {
                wasTooHeavy |= weight > maxWeight;
                (cuts, shifts) = (isLight, !isLight);
            }
            else if (amount >= wanted)
            {
                shifts = true;
                if (weight < bestWeight || (weight == bestWeight && amount < bestAmount))
                {
                    best = [.. chosen];
                    bestWeight = weight;
                    bestAmount = amount;
                }
            }
            else if (best.Count > 0
                && weight + (lightest[tail] * ((wanted - amount + group.Amount - 1) / group.Amount)) > bestWeight)
            {
                (cuts, shifts) = (isLight, !isLight);
            }

            if (tries >= MaxTries || !Advance(pool, chosen, ref next, shifts, cuts, Drop))
            {
                break;
            }
        }

        return Result("cg", pool, best, target, wasTooHeavy);

        void Drop()
        {
            CoinGroup last = pool[chosen[^1]];
            amount -= last.Amount;
            weight -= last.Weight;
            chosen.RemoveAt(chosen.Count - 1);
        }
    }

    /// <summary>Takes random coins until they pay the target and change.</summary>
    internal static SelectionOutcome SingleRandomDraw(
        IReadOnlyList<CoinGroup> pool, long target, long changeFee, long maxWeight)
    {
        long wanted = target + ChangeLower + changeFee;
        CoinGroup[] order = [.. pool];
        RandomNumberGenerator.Shuffle(order.AsSpan());
        PriorityQueue<CoinGroup, (long, long)> drawn = new();
        long amount = 0;
        long weight = 0;
        bool wasTooHeavy = false;
        foreach (CoinGroup group in order)
        {
            drawn.Enqueue(group, (group.Amount, -group.Weight));
            amount += group.Amount;
            weight += group.Weight;
            if (weight > maxWeight)
            {
                wasTooHeavy = true;
                do
                {
                    CoinGroup gone = drawn.Dequeue();
                    amount -= gone.Amount;
                    weight -= gone.Weight;
                }
                while (drawn.Count > 0 && weight > maxWeight);
            }

            if (amount >= wanted)
            {
                Selection selection = new("srd", target);
                foreach ((CoinGroup chosen, _) in drawn.UnorderedItems)
                {
                    selection.Add(chosen);
                }

                return new SelectionOutcome(selection);
            }
        }

        return new SelectionOutcome(null, wasTooHeavy ? TooHeavy : "");
    }

    /// <summary>Searches random choices for a sum just above the target.</summary>
    internal static SelectionOutcome Knapsack(
        IEnumerable<CoinGroup> pool, long target, long changeTarget, long maxWeight)
    {
        Selection selection = new("knapsack", target);
        CoinGroup[] order = [.. pool];
        RandomNumberGenerator.Shuffle(order.AsSpan());
        CoinGroup? larger = null;
        List<CoinGroup> smaller = [];
        long total = 0;
        bool wasTooHeavy = false;
        foreach (CoinGroup group in order)
        {
            if (group.Weight > maxWeight)
            {
                wasTooHeavy = true;
            }
            else if (group.Amount == target)
            {
                selection.Add(group);
                return new SelectionOutcome(selection);
            }
            else if (group.Amount < target + changeTarget)
            {
                smaller.Add(group);
                total += group.Amount;
            }
            else if (larger is null || group.Amount < larger.Amount)
            {
                larger = group;
            }
        }

        if (total == target)
        {
            smaller.ForEach(selection.Add);
            if (selection.Weight <= maxWeight && selection.Coins.Count > 0)
            {
                return new SelectionOutcome(selection);
            }

            wasTooHeavy |= selection.Weight > maxWeight;
            selection.Clear();
        }

        if (total < target)
        {
            if (larger is null)
            {
                return new SelectionOutcome(null, wasTooHeavy ? TooHeavy : "");
            }

            selection.Add(larger);
            return new SelectionOutcome(selection);
        }

        smaller.Sort(static (one, other) => other.Amount.CompareTo(one.Amount));
        bool[] best = BestSubset(smaller, total, target, maxWeight, out long sum);
        if (sum != target && total >= target + changeTarget)
        {
            best = BestSubset(smaller, total, target + changeTarget, maxWeight, out sum);
        }

        if (larger is not null && ((sum != target && sum < target + changeTarget) || larger.Amount <= sum))
        {
            selection.Add(larger);
            return new SelectionOutcome(selection);
        }

        for (int i = 0; i < smaller.Count; i++)
        {
            if (best[i])
            {
                selection.Add(smaller[i]);
            }
        }

        if (selection.Weight > maxWeight)
        {
            if (larger is null)
            {
                return new SelectionOutcome(null, TooHeavy);
            }

            selection.Clear();
            selection.Add(larger);
        }

        return new SelectionOutcome(selection.Coins.Count == 0 ? null : selection);
    }

    /// <summary>
    /// A random amount of change, about as large as the payment: observers cannot tell which of the two is the payment.
    /// </summary>
    internal static long ChangeTarget(long payment, long changeFee)
    {
        return payment <= ChangeLower / 2 ? changeFee + ChangeLower
            : changeFee + ChangeLower + Random.Shared.NextInt64(Math.Min(payment * 2, ChangeUpper) - ChangeLower);
    }

    private static bool[] BestSubset(List<CoinGroup> groups, long total, long target, long maxWeight, out long bestSum)
    {
        bool[] best = new bool[groups.Count];
        Array.Fill(best, true);
        bestSum = total;
        for (int repeat = 0; repeat < Iterations && bestSum != target; repeat++)
        {
            bool[] included = new bool[groups.Count];
            long sum = 0;
            long weight = 0;
            bool isReached = false;
            for (int pass = 0; pass < 2 && !isReached; pass++)
            {
                for (int i = 0; i < groups.Count; i++)
                {
                    if (pass == 0 ? Random.Shared.Next(2) == 0 : included[i])
                    {
                        continue;
                    }

                    sum += groups[i].Amount;
                    weight += groups[i].Weight;
                    included[i] = true;
                    if (sum < target || weight > maxWeight)
                    {
                        continue;
                    }

                    isReached = true;
                    if (sum < bestSum)
                    {
                        bestSum = sum;
                        best = [.. included];
                    }

                    sum -= groups[i].Amount;
                    weight -= groups[i].Weight;
                    included[i] = false;
                }
            }
        }

        return best;
    }

    private static long[] Ahead(List<CoinGroup> pool, out long available)
    {
        long[] ahead = new long[pool.Count];
        available = 0;
        for (int i = pool.Count - 1; i >= 0; i--)
        {
            ahead[i] = available;
            available += pool[i].Amount;
        }

        return ahead;
    }

    // Goes to the next choice: drops the last coin and coins equal to it. If the branch is exhausted, drops the coin
    // before.
    private static bool Advance(
        List<CoinGroup> pool, List<int> chosen, ref int next, bool shifts, bool cuts, Action drop)
    {
        if (next == pool.Count || cuts)
        {
            drop();
            shifts = true;
        }

        while (shifts)
        {
            if (chosen.Count == 0)
            {
                return false;
            }

            next = chosen[^1] + 1;
            drop();
            shifts = false;
            while (next < pool.Count && pool[next - 1].Amount == pool[next].Amount)
            {
                if (next >= pool.Count - 1)
                {
                    shifts = true;
                    break;
                }

                next++;
            }
        }

        return true;
    }

    private static SelectionOutcome Result(
        string algorithm, List<CoinGroup> pool, List<int> best, long target, bool wasTooHeavy)
    {
        if (best.Count == 0)
        {
            return new SelectionOutcome(null, wasTooHeavy ? TooHeavy : "");
        }

        Selection selection = new(algorithm, target);
        best.ForEach(i => selection.Add(pool[i]));
        return new SelectionOutcome(selection);
    }
}
