using Bitcoin.Hosting;
using Bitcoin.Interfaces;

namespace Bitcoin.Tests;

internal sealed class ListenersTests
{
    [Test]
    public void One_that_is_stuck_holds_up_nobody_and_is_told_in_order_later()
    {
        Listeners<int> listeners = new();
        using ManualResetEventSlim goOn = new();
        using CountdownEvent slow = new(3);
        using CountdownEvent quick = new(3);
        List<int> told = [];
        using IHandler stuck = listeners.Add(value =>
        {
            goOn.Wait(NodeFixture.Patience);
            told.Add(value);
            slow.Signal();
        });
        using IHandler other = listeners.Add(_ => quick.Signal());

        for (int i = 0; i < 3; i++)
        {
            listeners.Tell(i);
        }

        Assert.That(quick.Wait(NodeFixture.Patience), Is.True);
        Assert.That(told, Is.Empty);
        goOn.Set();
        Assert.That(slow.Wait(NodeFixture.Patience), Is.True);
        Assert.That(told, Is.EqualTo(new[] { 0, 1, 2 }));
    }

    [Test]
    public void One_that_throws_is_told_the_next_thing_and_one_that_left_is_told_nothing()
    {
        Listeners<string> listeners = new();
        using CountdownEvent told = new(2);
        IHandler gone = listeners.Add(_ => Assert.Fail("it left"));
        using IHandler broken = listeners.Add(_ =>
        {
            told.Signal();
            throw new InvalidOperationException("broken");
        });
        gone.Disconnect();

        listeners.Tell("one");
        listeners.Tell("two");

        Assert.That(told.Wait(NodeFixture.Patience), Is.True);
    }
}
