using System.Collections.Concurrent;
using Bitcoin.Interfaces;
using Bitcoin.Node;

namespace Bitcoin.Tests;

internal sealed class ActivityWatchTests
{
    private readonly BlockingCollection<NodeActivity> _told = [];
    private NodeActivity _now = new(0, 0, 0, 0, 0, 0, 0);

    [TearDown]
    public void Stop() => _told.Dispose();

    [Test]
    public void A_listener_is_told_at_once_and_then_after_a_change_only()
    {
        using ActivityWatch watch = new(() => _now);
        using IHandler handler = watch.Add(_told.Add);
        Assert.That(Next(), Is.EqualTo(_now));

        watch.Compare();
        _now = _now with { PoolTransactions = 1 };
        watch.Compare();

        Assert.That(Next().PoolTransactions, Is.EqualTo(1), "the comparison without a change told nothing");
    }

    [Test]
    public void Nothing_is_compared_while_nobody_listens()
    {
        using ActivityWatch watch = new(() => _now);
        Assert.That(watch.IsWatching, Is.False);

        IHandler first = watch.Add(_told.Add);
        IHandler second = watch.Add(_told.Add);
        first.Dispose();
        first.Dispose();
        Assert.That(watch.IsWatching, Is.True, "the second listener is still there");

        second.Dispose();
        Assert.That(watch.IsWatching, Is.False);
    }

    private NodeActivity Next()
        => _told.TryTake(out NodeActivity? next, NodeFixture.Patience)
            ? next
            : throw new AssertionException("Nothing was told.");
}
