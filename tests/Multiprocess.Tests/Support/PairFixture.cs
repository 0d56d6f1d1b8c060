namespace Multiprocess.Tests.Support;

/// <summary>
/// The base of fixtures that call over a test pair: each runs over memory and over a pair of sockets.
/// </summary>
/// <remarks>
/// Every pair is ended in tear-down, which also checks that both ends noticed, that no worker is left, and that the
/// tables are empty. A call that hangs is ended from outside: a watchdog closes the pairs, and the test fails.
/// </remarks>
[TestFixture(IpcTestTransport.InMemory)]
[TestFixture(IpcTestTransport.SocketPair)]
public abstract class PairFixture(IpcTestTransport transport)
{
    private static readonly TimeSpan s_longestTest = TimeSpan.FromSeconds(40);

    private readonly List<IpcConnection> _ends = [];
    private Timer? _watchdog;
    private bool _hung;

    protected IpcTestTransport Transport => transport;

    [SetUp]
    public void Watch()
    {
        _ends.Clear();
        _hung = false;
        _watchdog = new Timer(_ => EndHungTest(), null, s_longestTest, Timeout.InfiniteTimeSpan);
    }

    [TearDown]
    public void EndPairs()
    {
        _watchdog?.Dispose();
        Assert.That(_hung, Is.False, "The test hung, and the watchdog closed its connections.");
        IpcConnection[] ends = [.. _ends];
        foreach (IpcConnection end in ends)
        {
            end.Dispose();
        }

        foreach (IpcConnection end in ends)
        {
            Assert.That(
                end.Closed.WaitHandle.WaitOne(Patience.Bound), Is.True, "An end was not told that it has closed.");
            Patience.Until(() => end.WorkerThreads == 0, "all workers given back");
            Patience.Until(() => end.CallsInFlight == 0, "no call counts as running");
            Assert.That(end.LiveExports + end.LiveImports, Is.Zero, "Tables of a closed connection are empty.");
        }
    }

    /// <summary>Makes a pair that serves <paramref name="root"/> and is ended with the test.</summary>
    protected IpcTestPair<T> Serve<T>(
        T root, IpcConnectionOptions? client = null, IpcConnectionOptions? server = null) where T : class
        => Serve(_ => root, client, server);

    /// <inheritdoc cref="Serve{T}(T, IpcConnectionOptions?, IpcConnectionOptions?)"/>
    protected IpcTestPair<T> Serve<T>(
        Func<IpcConnection, T> makeRoot,
        IpcConnectionOptions? client = null,
        IpcConnectionOptions? server = null) where T : class
    {
        IpcTestPair<T> pair = IpcTestPair.Create(makeRoot, new IpcTestPairOptions
        {
            Transport = transport,
            Client = client ?? new IpcConnectionOptions(),
            Server = server ?? new IpcConnectionOptions(),
        });
        EndWithTest(pair.Client);
        EndWithTest(pair.Server);
        return pair;
    }

    protected void EndWithTest(IpcConnection end)
    {
        lock (_ends)
        {
            _ends.Add(end);
        }
    }

    private void EndHungTest()
    {
        _hung = true;
        IpcConnection[] ends;
        lock (_ends)
        {
            ends = [.. _ends];
        }

        foreach (IpcConnection end in ends)
        {
            end.Dispose();
        }
    }
}
