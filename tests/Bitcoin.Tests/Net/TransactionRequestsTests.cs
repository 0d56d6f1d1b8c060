using Bitcoin.Node.Net;
using NBitcoin;

namespace Bitcoin.Tests;

internal sealed class TransactionRequestsTests
{
    private static readonly uint256 s_hash = uint256.One;
    private static readonly DateTimeOffset s_start = DateTimeOffset.FromUnixTimeSeconds(1_700_000_000);

    private TransactionRequests _requests = new();

    [SetUp]
    public void Begin() => _requests = new TransactionRequests();

    [Test]
    public void One_peer_is_asked_and_the_next_when_it_does_not_answer_says_no_or_goes()
    {
        foreach (long peer in new[] { 1, 2, 3, 4 })
        {
            _requests.Announced(peer, s_hash, isWitness: true, isPreferred: false, s_start);
        }

        List<long> order = [Ask(s_start)];
        Assert.That(Candidates(s_start.AddSeconds(59)), Is.Empty, "one at a time");

        // Too late, not there, gone.
        order.Add(Ask(s_start.AddSeconds(60)));
        _requests.Answered(order[^1], s_hash);
        order.Add(Ask(s_start.AddSeconds(60)));
        _requests.RemovePeer(order[^1]);
        order.Add(Ask(s_start.AddSeconds(60)));

        Assert.That(order, Is.EquivalentTo(new[] { 1L, 2L, 3L, 4L }), "each was asked once");
        _requests.Answered(order[^1], s_hash);
        Assert.That(Enumerable.Range(1, 4).Sum(peer => _requests.Count(peer)), Is.Zero, "nothing is kept");
    }

    [Test]
    public void A_preferred_peer_comes_first_and_none_before_its_time()
    {
        _requests.Announced(1, s_hash, isWitness: true, isPreferred: false, s_start);
        _requests.Announced(2, s_hash, isWitness: true, isPreferred: true, s_start.AddSeconds(2));

        Assert.That(Candidates(s_start.AddSeconds(-1)), Is.Empty);
        Assert.That(Candidates(s_start), Is.EqualTo(new[] { 1L }));
        Assert.That(Candidates(s_start.AddSeconds(2)), Is.EqualTo(new[] { 2L }));
    }

    [Test]
    public void What_came_from_elsewhere_is_asked_of_nobody()
    {
        _requests.Announced(1, s_hash, isWitness: true, isPreferred: true, s_start);
        _requests.Announced(2, s_hash, isWitness: true, isPreferred: true, s_start);
        long asked = Ask(s_start);
        Assert.That(_requests.PeersFor(s_hash), Is.EquivalentTo(new[] { 1L, 2L }));

        _requests.Forget(s_hash);

        Assert.That(Candidates(s_start.AddSeconds(120)), Is.Empty);
        Assert.That((_requests.CountAsked(asked), _requests.Count(1), _requests.Count(2)), Is.EqualTo((0, 0, 0)));
    }

    [Test]
    public void Two_threads_that_find_a_transaction_due_ask_once()
    {
        _requests.Announced(1, s_hash, isWitness: true, isPreferred: true, s_start);
        _requests.Announced(2, s_hash, isWitness: true, isPreferred: true, s_start);
        long first = Candidates(s_start).Single();
        long other = 3 - first;

        Assert.That(_requests.Asked(other, s_hash, s_start, s_start.AddSeconds(60)), Is.False, "the other one is next");
        Assert.That(_requests.Asked(first, s_hash, s_start, s_start.AddSeconds(60)), Is.True);
        Assert.That(_requests.Asked(first, s_hash, s_start, s_start.AddSeconds(60)), Is.False, "it is asked already");
        Assert.That(_requests.Asked(other, s_hash, s_start, s_start.AddSeconds(60)), Is.False);
    }

    [Test]
    public void A_request_that_is_given_up_is_told_once_and_the_same_words_again_are_nothing_new()
    {
        _requests.Announced(1, s_hash, isWitness: false, isPreferred: true, s_start);
        _requests.Announced(1, s_hash, isWitness: false, isPreferred: true, s_start);
        Assert.That(_requests.Count(1), Is.EqualTo(1));
        _requests.Asked(1, s_hash, s_start, s_start.AddSeconds(60));
        List<(long, uint256, bool)> overdue = [];

        _requests.Due(2, s_start.AddSeconds(59), (peer, hash, isWitness) => overdue.Add((peer, hash, isWitness)));
        Assert.That(overdue, Is.Empty);
        _requests.Due(2, s_start.AddSeconds(60), (peer, hash, isWitness) => overdue.Add((peer, hash, isWitness)));
        _requests.Due(2, s_start.AddSeconds(61), (peer, hash, isWitness) => overdue.Add((peer, hash, isWitness)));

        Assert.That(overdue, Is.EqualTo(new[] { (1L, s_hash, false) }));
    }

    [Test]
    public void Recent_hashes_are_kept_and_old_ones_go()
    {
        RecentHashes recent = new(10);
        for (ulong i = 0; i < 100; i++)
        {
            recent.Add(new uint256(i));
        }

        int kept = Enumerable.Range(0, 100).Count(i => recent.Contains(new uint256((ulong)i)));
        Assert.That(kept, Is.InRange(5, 10));
        Assert.That(recent.Contains(new uint256(99)));
        recent.Clear();
        Assert.That(recent.Contains(new uint256(99)), Is.False);
    }

    [Test]
    public void Fee_rates_are_rounded_to_steps_and_the_highest_stands_for_none()
    {
        Random random = new(1);

        Assert.That(FeeFilterSteps.Highest, Is.EqualTo(9_936_506));
        Assert.That(FeeFilterSteps.Round(21_000_000L * Money.COIN, random), Is.EqualTo(FeeFilterSteps.Highest));
        Assert.That(FeeFilterSteps.Round(0, random), Is.Zero);
        IEnumerable<long> rounded = Enumerable.Range(0, 100).Select(_ => FeeFilterSteps.Round(1000, random));
        Assert.That(rounded.Distinct().Order(), Is.EqualTo(new[] { 959L, 1055L }));
    }

    private long[] Candidates(DateTimeOffset now)
        => [.. new[] { 1L, 2L, 3L, 4L }.Where(peer => _requests.Due(peer, now).Count > 0)];

    private long Ask(DateTimeOffset now)
    {
        long peer = Candidates(now).Single();
        _requests.Asked(peer, s_hash, now, now.AddSeconds(60));
        Assert.That(_requests.CountAsked(peer), Is.EqualTo(1));
        return peer;
    }
}
