using Multiprocess.Generator.Tests.Harness;

namespace Multiprocess.Generator.Tests.Behaviour;

/// <summary>A contract with default members, some of which its older version lacks.</summary>
[IpcInterface]
public interface IGrowing
{
    event Action Never
    {
        add => Value += 100;
        remove => Value -= 100;
    }

    int Value { get; set; }

    int Twice => 2 * Value;

    int Next(int by) => Value += by;

    async Task<int> NextAsync(int by)
    {
        await Task.Yield();
        return Next(by);
    }

    bool TryNext(int by, out int value)
    {
        value = Next(by);
        return true;
    }

    [IpcOneWay]
    void Raise(string by) => Value += int.Parse(by, System.Globalization.CultureInfo.InvariantCulture);

    [IpcLocal]
    int Thrice() => 3 * Value;
}

/// <summary>Gives out an object whose version the handshake says nothing of.</summary>
[IpcInterface]
public interface IGrower
{
    IGrowing Growing { get; }
}

/// <summary>Default members against a peer that has them, and against one that is older than they are.</summary>
[CancelAfter(60_000)]
public sealed class OlderPeerTests
{
    private const string OlderContract = """
        namespace Multiprocess.Generator.Tests.Behaviour;

        [Multiprocess.IpcInterface]
        public interface IGrowing
        {
            int Value { get; set; }
        }

        public sealed class Early : IGrowing
        {
            public int Value { get; set; }

            public static System.IDisposable Listen(string address) => Multiprocess.IpcServer.Listen<IGrowing>(address, _ => new Early());
        }
        """;

    [Test]
    public async Task Peer_that_has_the_members_runs_them()
    {
        using var pair = IpcTestPair.Create<IGrowing>(new Grown());

        await AssertMembers(pair.Root, next: 100, twice: 200, awaited: 300, tried: 400);
        pair.Root.Value = 7;
        Assert.That(pair.Root.Thrice(), Is.EqualTo(21), "a local body runs here, on the remote value");
    }

    [Test]
    public async Task Bodies_run_here_when_the_peer_lacks_the_members()
    {
        using var peer = OtherVersion.Listen(OlderContract);
        using var connection = IpcConnection.Connect<IGrowing>(peer.Address);

        await AssertMembers(connection.Root, next: 2, twice: 4, awaited: 5, tried: 9);
        connection.Root.Never += () => { };

        Assert.That(connection.Root.Value, Is.EqualTo(109), "the bodies changed the remote object");
        Assert.That(connection.Root.Thrice(), Is.EqualTo(327));
    }

    [Test]
    public void Body_of_a_one_way_member_runs_here_when_the_peer_lacks_it()
    {
        using var peer = OtherVersion.Listen(OlderContract);
        using var connection = IpcConnection.Connect<IGrowing>(peer.Address);

        connection.Root.Raise("2");
        connection.Root.Raise("3");

        Assert.That(connection.Root.Value, Is.EqualTo(5));
        Assert.That(
            () => connection.Root.Raise("x"), Throws.InstanceOf<FormatException>(), "the body runs in the caller");
    }

    [Test]
    public void One_way_member_that_the_peer_has_runs_there_and_is_not_heard()
    {
        var grown = new Grown();
        using var pair = IpcTestPair.Create<IGrowing>(grown);

        pair.Root.Raise("first");
        pair.Root.Raise("throw");
        pair.Root.Raise("last");

        Assert.That(pair.Root.Value, Is.Zero, "a call behind them, which they have run before");
        Assert.That(grown.Raised, Is.EqualTo(new[] { "first", "throw", "last" }));
    }

    [Test]
    public void First_call_of_a_one_way_member_is_not_heard_either()
    {
        var grown = new Grown();
        using var pair = IpcTestPair.Create<IGrower>(new Grower(grown));
        IGrowing growing = pair.Root.Growing;

        growing.Raise("throw");
        Assert.That(grown.Raised, Is.EqualTo(new[] { "throw" }), "the first call waits");
        growing.Raise("second");

        Assert.That(growing.Value, Is.Zero);
        Assert.That(grown.Raised, Is.EqualTo(new[] { "throw", "second" }));
    }

    [Test]
    public void Exception_that_only_looks_like_a_missing_method_does_not_run_the_body()
    {
        using var pair = IpcTestPair.Create<IGrowing>(new Grown());

        Assert.That(() => pair.Root.Next(-1), Throws.InstanceOf<IpcRemoteException>());
    }

    private static async Task AssertMembers(IGrowing root, int next, int twice, int awaited, int tried)
    {
        Assert.That(root.Next(2), Is.EqualTo(next));
        Assert.That(root.Twice, Is.EqualTo(twice));
        Assert.That(await root.NextAsync(3), Is.EqualTo(awaited));
        Assert.That(root.TryNext(4, out int value), Is.True);
        Assert.That(value, Is.EqualTo(tried));
    }

    private sealed class Grower(IGrowing growing) : IGrower
    {
        public IGrowing Growing => growing;
    }

    private sealed class Grown : IGrowing
    {
        public int Value { get; set; }

        public int Twice => 200;

        public List<string> Raised { get; } = [];

        public void Raise(string by)
        {
            Raised.Add(by);
            if (by == "throw")
            {
                throw new IpcException(IpcErrorKind.MethodMissing, "not really");
            }
        }

        public int Next(int by) => by > 0 ? 100 : throw new IpcException(IpcErrorKind.MethodMissing, "not really");

        public Task<int> NextAsync(int by) => Task.FromResult(300);

        public bool TryNext(int by, out int value)
        {
            value = 400;
            return true;
        }
    }
}
