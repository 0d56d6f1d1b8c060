using Multiprocess.Tests.Support;

namespace Multiprocess.Tests.Objects;

/// <summary>Roots that follow a function from connection to connection.</summary>
public sealed class FollowingRootTests(IpcTestTransport transport) : PairFixture(transport)
{
    [Test]
    public void Each_call_goes_to_the_root_of_that_moment()
    {
        IpcTestPair<IHall> one = Serve<IHall>(new Hall(1));
        IpcTestPair<IHall> other = Serve<IHall>(new Hall(2));
        IpcTestPair<IHall> current = one;
        IHall following = IpcFollowingRoot.Create(() => current.Root, () => current.Root);

        int first = following.Number();
        one.Client.Dispose();
        Assert.That(() => following.Number(), Throws.TypeOf<IpcDisconnectedException>());
        current = other;

        Assert.That((first, following.Number()), Is.EqualTo((1, 2)));
    }

    [Test]
    public void A_failure_to_connect_is_the_failure_of_the_call()
    {
        IHall following = IpcFollowingRoot.Create<IHall>(() => throw new TimeoutException("No server."), () => null);

        Assert.That(() => following.Number(), Throws.TypeOf<TimeoutException>().With.Message.EqualTo("No server."));
        Assert.That(
            () => following.NumberAsync(), Throws.TypeOf<TimeoutException>().With.Message.EqualTo("No server."));
        Assert.That(() => following.Tell(1), Throws.TypeOf<TimeoutException>());
    }

    [Test]
    public void Only_a_proxy_of_the_contract_is_called()
    {
        IpcTestPair<IGreatHall> great = Serve<IGreatHall>(new GreatHall());
        IHall none = IpcFollowingRoot.Create<IHall>(() => null!, () => null);
        IHall local = IpcFollowingRoot.Create<IHall>(() => new Hall(1), () => null);
        IHall other = IpcFollowingRoot.Create<IHall>(() => great.Root, () => null);

        Assert.That(
            () => none.Number(),
            Throws.InvalidOperationException.With.Message.Contains("Expected a proxy of").And.Message.Contains(
                "got null"));
        Assert.That(
            () => local.Number(), Throws.InvalidOperationException.With.Message.Contains(typeof(Hall).FullName!));
        Assert.That(
            () => other.Number(), Throws.InvalidOperationException.With.Message.Contains("got a proxy of "));
    }

    [Test]
    public void A_root_that_follows_may_follow_another()
    {
        var hall = new Hall(1);
        IpcTestPair<IHall> pair = Serve<IHall>(hall);
        IHall inner = IpcFollowingRoot.Create(() => pair.Root, () => pair.Root);
        IHall outer = IpcFollowingRoot.Create(() => inner, () => inner);

        Assert.That(outer.Number(), Is.EqualTo(1));
        Assert.That(outer.IsIt(outer), Is.True, "sent home, it arrives as the object itself");
        outer.Tell(5);
        Patience.Until(() => hall.Told == 5, "the one-way call arrives");
        outer.Dispose();
        Assert.That(hall.IsDisposed, Is.True);
    }

    [Test]
    public void Nothing_connects_to_dispose()
    {
        IHall following = IpcFollowingRoot.Create<IHall>(() => throw new TimeoutException("Called."), () => null);

        Assert.That(following.Dispose, Throws.Nothing);
    }

    [IpcInterface]
    public interface IHall : IDisposable
    {
        int Number();

        Task<int> NumberAsync();

        /// <summary>Has a body, so a caller first asks whether the peer has the method.</summary>
        [IpcOneWay]
        void Tell(int x)
        {
        }

        bool IsIt(IHall hall);
    }

    [IpcInterface]
    public interface IGreatHall : IHall
    {
        int Height();
    }

    private class Hall(int number) : IHall
    {
        public int Told { get; private set; }

        public bool IsDisposed { get; private set; }

        public int Number() => number;

        public Task<int> NumberAsync() => Task.FromResult(number);

        public void Tell(int x) => Told = x;

        public bool IsIt(IHall hall) => ReferenceEquals(hall, this);

        public void Dispose() => IsDisposed = true;
    }

    private sealed class GreatHall() : Hall(3), IGreatHall
    {
        public int Height() => 30;
    }
}
