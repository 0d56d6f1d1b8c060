using Bitcoin.Wallet.Spending;
using NBitcoin;
using FeeRate = Bitcoin.Wallet.Spending.FeeRate;

namespace Bitcoin.Tests;

[TestFixture]
internal sealed class CoinSelectionTests
{
    private const long Cent = 1_000_000;

    private int _made;

    [Test]
    public void Branch_and_bound_finds_the_sum_without_change()
    {
        SelectionOutcome outcome = Algorithms.BranchAndBound(Pool(1, 2, 3, 4), 5 * Cent, Cent / 2, 400_000);

        Assert.That(outcome.Selection!.Value, Is.EqualTo(5 * Cent));
        Assert.That(
            Algorithms.BranchAndBound(Pool(1, 2, 3, 4), 11 * Cent, Cent / 2, 400_000).Selection,
            Is.Null,
            "there is not enough");
        Assert.That(Algorithms.BranchAndBound(Pool(3, 3), Cent, Cent / 2, 400_000).Selection, Is.Null, "no sum fits");
        Assert.That(Algorithms.BranchAndBound([], Cent, Cent / 2, 400_000).Error, Is.Empty);
    }

    [Test]
    public void What_is_too_heavy_is_said_so()
    {
        Assert.That(
            Algorithms.BranchAndBound(Pool(1, 2, 2), 5 * Cent, Cent / 2, 700).Error, Is.EqualTo(Algorithms.TooHeavy));
        Assert.That(
            Algorithms.SingleRandomDraw(Pool(1, 1, 1), 2 * Cent, 0, 100).Error, Is.EqualTo(Algorithms.TooHeavy));
    }

    [Test]
    public void Coin_grinder_takes_the_least_weight()
    {
        SelectionOutcome outcome = Algorithms.CoinGrinder(Pool(1, 1, 1, 1, 5), 3 * Cent, Cent, 400_000);

        Assert.That(outcome.Selection!.Coins.Single().Value, Is.EqualTo(5 * Cent));
    }

    [Test]
    public void Random_draws_reach_the_target_with_change()
    {
        for (int round = 0; round < 50; round++)
        {
            Assert.That(
                Algorithms.SingleRandomDraw(Pool(1, 2, 3, 4), 4 * Cent, 100, 400_000).Selection!.Value,
                Is.GreaterThanOrEqualTo((4 * Cent) + Algorithms.ChangeLower + 100));
            Assert.That(
                Algorithms.Knapsack(Pool(1, 2, 3, 4), 6 * Cent, Cent, 400_000).Selection!.Value, Is.EqualTo(6 * Cent));
        }

        Assert.That(
            Algorithms.Knapsack(Pool(1, 10), 5 * Cent, Cent, 400_000).Selection!.Coins.Single().Value,
            Is.EqualTo(10 * Cent),
            "the lowest that is larger");
    }

    [Test]
    public void A_fee_rate_rounds_up_and_compares_without_loss()
    {
        FeeRate third = new(1, 3);

        Assert.That((third.For(1), third.For(3), third.For(4)), Is.EqualTo((1L, 1L, 2L)));
        Assert.That(third > FeeRate.PerKilobyte(333), Is.True);
        Assert.That(third < FeeRate.PerKilobyte(334), Is.True);
        Assert.That(FeeRate.PerKilobyte(12_345).ToString(), Is.EqualTo("12.345 sat/vB"));
    }

    private List<CoinGroup> Pool(params long[] cents)
    {
        return [.. cents.Select(value =>
        {
            CoinGroup group = new(FeeRate.PerKilobyte(10_000), subtractsFee: false);
            group.Add(
                new Candidate(
                    new OutPoint(new uint256((ulong)++_made), 0),
                    new TxOut(Money.Satoshis(value * Cent), Script.Empty),
                    6,
                    68,
                    isSafe: true,
                    0,
                    isFromMe: true,
                    FeeRate.Zero),
                0,
                0);
            return group;
        })];
    }
}
