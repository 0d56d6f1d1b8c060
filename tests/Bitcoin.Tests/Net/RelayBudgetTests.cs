using Bitcoin.Node.Mempool;
using Bitcoin.Node.Net;
using NBitcoin;

namespace Bitcoin.Tests;

[TestFixture]
internal sealed class RelayBudgetTests
{
    private static readonly DateTimeOffset s_start = DateTimeOffset.UnixEpoch.AddYears(50);

    // What a peer is does not matter here; that there is one does.
    private static readonly IReadOnlyList<Peer> s_somebody = [null!];

    [Test]
    public void More_than_the_tokens_waits_until_time_has_passed_and_what_left_the_pool_is_dropped()
    {
        RelayBudget budget = new(rate: 2, factor: 1, overdrawnSeconds: 5);
        PoolEntry[] entries = [.. Enumerable.Range(1, 80).Select(Entry)];
        int taken = 0;
        foreach (PoolEntry entry in entries)
        {
            budget.Add(entry, s_somebody);
            taken += budget.Take(s_start, static all => [.. all]).Count;
        }

        Assert.That((taken, budget.Waiting), Is.EqualTo((60, 20)), "half a minute's at once");
        Assert.That(budget.Take(s_start.AddSeconds(-100), static all => [.. all]), Is.Empty, "a clock that went back");
        Assert.That(budget.Take(s_start.AddSeconds(-99), all => [.. all.Skip(1)]), Has.Count.EqualTo(12));
        Assert.That(budget.Waiting, Is.EqualTo(7), "one was dropped");
        Assert.That(budget.Take(s_start, static all => [.. all]), Has.Count.EqualTo(7));
    }

    [Test]
    public void What_has_no_peer_to_go_to_uses_no_tokens()
    {
        RelayBudget budget = new(rate: 1, factor: 1, overdrawnSeconds: 5);
        double before = budget.CountTokens;

        budget.Add(Entry(1), []);

        Assert.That(budget.Take(s_start, static all => [.. all]), Is.Empty);
        Assert.That((budget.Waiting, budget.CountTokens), Is.EqualTo((0, before)));
    }

    private static PoolEntry Entry(int number)
    {
        Transaction transaction = Forge.Spend(new OutPoint(uint256.One, number));
        return new PoolEntry(transaction, [], 1000, 1, s_start, 1, 20);
    }
}
