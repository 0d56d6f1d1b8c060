using Bitcoin.Node.Net;
using NBitcoin;

namespace Bitcoin.Tests;

[TestFixture]
internal sealed class PrivateQueueTests
{
    private static readonly NetAddress s_address = new("ipv4", "1.2.3.4", 8333);

    private ManualClock _clock = null!;
    private PrivateQueue _queue = null!;

    [SetUp]
    public void Start()
    {
        _clock = Forge.Clock();
        _queue = new PrivateQueue(_clock);
    }

    [Test]
    public void What_was_given_away_least_and_longest_ago_is_next()
    {
        Transaction one = Transaction(1);
        Transaction other = Transaction(2);
        Assert.That((_queue.Add(one), _queue.Add(one), _queue.Add(other)), Is.EqualTo((true, false, true)));

        Transaction?[] chosen = [.. Enumerable.Range(0, 4).Select(peer =>
        {
            _clock.Now += TimeSpan.FromSeconds(1);
            return _queue.Choose(peer, s_address);
        })];

        Assert.That(chosen, Is.EqualTo(new[] { one, other, one, other }));
        Assert.That(_queue.ChosenFor(2), Is.SameAs(one));
        Assert.That(_queue.ChosenFor(4), Is.Null);
        Assert.That(_queue.All[0].Left, Is.EqualTo(PrivateQueue.MaxAttempts - 2));
    }

    [Test]
    public void A_confirmation_is_counted_when_the_network_sends_the_transaction_back()
    {
        Transaction transaction = Transaction(1);
        _queue.Add(transaction);
        _queue.Choose(7, s_address);
        _queue.Choose(8, s_address);

        _queue.Confirm(7);
        _queue.Confirm(9);

        Assert.That((_queue.HasConfirmed(7), _queue.HasConfirmed(8)), Is.EqualTo((true, false)));
        Assert.That(_queue.Remove(transaction.GetWitHash()), Is.EqualTo(1));
        Assert.That(_queue.Remove(transaction.GetWitHash()), Is.Null);
        Assert.That(
            (_queue.HasPending, _queue.ChosenFor(7), _queue.HasConfirmed(7)),
            Is.EqualTo((false, (Transaction?)null, false)));
    }

    [Test]
    public void A_transaction_is_stale_five_minutes_after_it_came_or_a_minute_after_a_peer_had_it()
    {
        Transaction transaction = Transaction(1);
        _queue.Add(transaction);
        _clock.Now += TimeSpan.FromMinutes(5);
        Assert.That(_queue.Stale(), Is.Empty);
        _clock.Now += TimeSpan.FromSeconds(1);
        Assert.That(_queue.Stale(), Is.EqualTo(new[] { transaction }));

        _queue.Choose(1, s_address);
        _queue.Confirm(1);
        Assert.That(_queue.Stale(), Is.Empty);
        _clock.Now += TimeSpan.FromSeconds(61);
        Assert.That(_queue.Stale(), Is.EqualTo(new[] { transaction }));
    }

    [Test]
    public void A_full_queue_takes_no_more_and_keeps_what_it_has()
    {
        for (int i = 0; i < PrivateQueue.Most; i++)
        {
            Assert.That(_queue.Add(Transaction(i)), Is.True);
        }

        Assert.That(_queue.Add(Transaction(PrivateQueue.Most)), Is.Null);
        Assert.That(_queue.Add(Transaction(0)), Is.False);
        Assert.That(_queue.All, Has.Count.EqualTo(PrivateQueue.Most));
        _queue.Remove(Transaction(5).GetWitHash());
        Assert.That(_queue.Add(Transaction(PrivateQueue.Most)), Is.True);
    }

    [Test]
    public void A_transaction_that_was_given_away_as_often_as_allowed_waits_until_it_is_added_again()
    {
        Transaction transaction = Transaction(1);
        _queue.Add(transaction);
        for (int peer = 0; peer < PrivateQueue.MaxAttempts; peer++)
        {
            Assert.That(_queue.Choose(peer, s_address), Is.SameAs(transaction));
        }

        Assert.That((_queue.HasPending, _queue.Choose(-1, s_address)), Is.EqualTo((false, (Transaction?)null)));
        Assert.That(_queue.All[0].Left, Is.Zero);
        Assert.That(_queue.Add(transaction), Is.True);
        Assert.That(_queue.All[0].Left, Is.EqualTo(PrivateQueue.MaxAttempts));
    }

    [TestCase("version", true)]
    [TestCase("inv", true)]
    [TestCase("getaddr", false)]
    [TestCase("wtxidrelay", false)]
    [TestCase("pong", false)]
    public void A_private_connection_tells_nothing_else(string name, bool may)
        => Assert.That(PrivateBroadcast.MaySend(name), Is.EqualTo(may));

    private static Transaction Transaction(int number) => Forge.Spend(new OutPoint(uint256.One, number));
}
