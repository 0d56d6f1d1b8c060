using Multiprocess.Connections;
using Multiprocess.Testing;
using Multiprocess.Transports;
using Multiprocess.Transports.Rings;
using Multiprocess.Transports.Tls;

namespace Multiprocess;

/// <summary>
/// Creates two ends of a connection in one process, for unit tests: every call is still encoded, sent and decoded.
/// </summary>
public static class IpcTestPair
{
    /// <summary>Creates a pair that serves <paramref name="root"/>.</summary>
    /// <example><code>
    /// using var pair = IpcTestPair.Create&lt;ICalculator&gt;(new Calculator());
    /// int seven = pair.Root.Add(3, 4);
    /// </code></example>
    /// <exception cref="IpcException">The two ends did not connect, for example because of their options.</exception>
    public static IpcTestPair<T> Create<T>(T root, IpcTestPairOptions? options = null) where T : class
        => Create(_ => root, options);

    /// <summary>
    /// Creates a pair whose root is created by a factory, as a server does. The factory receives the server's end.
    /// </summary>
    /// <inheritdoc cref="Create{T}(T, IpcTestPairOptions?)" path="/exception"/>
    public static IpcTestPair<T> Create<T>(
        Func<IpcConnection, T> makeRoot,
        IpcTestPairOptions? options = null) where T : class
        => new(makeRoot, options ?? new IpcTestPairOptions());
}

/// <summary>Two ends of a connection in one process.</summary>
/// <typeparam name="T">The contract of the root.</typeparam>
/// <remarks>Thread-safe, like the connections. Dispose ends both ends in bounded time.</remarks>
public sealed class IpcTestPair<T> : IDisposable, IAsyncDisposable where T : class
{
    private readonly bool _failOnLeaks;
    private readonly TimeSpan _leakPatience;

    internal IpcTestPair(Func<IpcConnection, T> makeRoot, IpcTestPairOptions options)
    {
        _failOnLeaks = options.FailOnLeaks;
        _leakPatience = options.LeakPatience;
        (Transport clientEnd, Transport serverEnd) = MakeTransports(options.Transport);
        Faults = new IpcTestFaults();
        var serving = Task.Factory.StartNew(
            () => ServedConnection.Open(Faults.ServerToClient.Wrap(serverEnd), options.Server, makeRoot),
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);
        try
        {
            Client = IpcConnection<T>.Open(Faults.ClientToServer.Wrap(clientEnd), options.Client);
        }
        catch (IpcException) when (serving.IsFaulted)
        {
            // The server's own exception says more than the client was told.
            throw serving.Exception!.InnerException!;
        }

        Server = serving.GetAwaiter().GetResult();
    }

    /// <summary>The proxy of the root, at the client's end.</summary>
    public T Root => Client.Root;

    /// <summary>The end that calls the root.</summary>
    public IpcConnection<T> Client { get; }

    /// <summary>The end that serves the root.</summary>
    public IpcConnection Server { get; }

    /// <summary>Faults to inject into what either end sends.</summary>
    public IpcTestFaults Faults { get; }

    /// <summary>The number of objects held across the pair, in both directions, without the root.</summary>
    public int LiveObjects => Math.Max(0, Server.LiveExports - 1) + Client.LiveExports;

    /// <summary>The number of worker threads of both ends.</summary>
    public int WorkerThreads => Server.WorkerThreads + Client.WorkerThreads;

    /// <summary>
    /// Checks that nothing is left behind: no object held across the pair but the root, no running call, no worker
    /// whose client thread has ended.
    /// </summary>
    /// <param name="patience">
    /// How long to wait for the last release. Default: <see cref="IpcTestPairOptions.LeakPatience"/>.
    /// </param>
    /// <remarks>
    /// Collects garbage, because an unused proxy is released when it is collected. An object that a local variable of a
    /// running test still holds is in use: call this from the test's tear-down, or dispose the received objects. With
    /// <see cref="IpcConnectionOptions.CaptureCreationStacks"/> the exception says where each object was sent.
    /// </remarks>
    /// <example><code>
    /// [TearDown]
    /// public void NothingIsLeft() =&gt; _pair.AssertNothingLeft();
    /// </code></example>
    /// <exception cref="IpcTestLeakException">Something is left; the message lists it.</exception>
    public void AssertNothingLeft(TimeSpan? patience = null)
        => IpcLeakCheck.AssertNothingLeft(Client, Server, patience ?? _leakPatience);

    /// <summary>Ends both connections.</summary>
    /// <exception cref="IpcTestLeakException">
    /// The options request a check, and something is left. The connections have ended nevertheless.
    /// </exception>
    public void Dispose()
    {
        try
        {
            if (_failOnLeaks && !Client.Core.Channel.IsClosed && !Server.Core.Channel.IsClosed)
            {
                AssertNothingLeft();
            }
        }
        finally
        {
            Client.Dispose();
            Server.Dispose();
        }
    }

    /// <summary>Ends both connections.</summary>
    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }

    private static (Transport Client, Transport Server) MakeTransports(IpcTestTransport kind)
    {
        if (kind == IpcTestTransport.SocketPair)
        {
            (Transport client, Transport server) = TransportPair.CreateSocketPair();
            return (RingTransport.Over(client, isClient: true), RingTransport.Over(server, isClient: false));
        }

        return InMemoryTransport.CreatePair();
    }
}
