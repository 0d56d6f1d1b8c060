using Microsoft.Extensions.Logging;
using Multiprocess.Logging;
using Multiprocess.Threads;

namespace Multiprocess.Incoming;

/// <summary>The calls of the peer on one connection: which there are, which it can cancel, and where asynchronous ones run. Thread-safe.</summary>
internal sealed class PeerCalls
{
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stopping = new();

    // Cancels tokens, whose callbacks are user code. Apart from the calls: one of those may wait for just that.
    private readonly PoolShare _cancellations;

    /// <param name="threads">The connection's threads.</param>
    /// <param name="maxThreads">How many workers and threads of its own for asynchronous calls there may be.</param>
    /// <param name="notesRunning">Whether somebody is told of calls that take long.</param>
    /// <param name="logger">The connection's log.</param>
    public PeerCalls(ThreadMap threads, int maxThreads, bool notesRunning, ILogger logger)
    {
        // Read without the gate: one thread more or less is no matter.
        bool AllowsThread(int ownThreads) => threads.WorkerCount + ownThreads < maxThreads;

        _logger = logger;
        Cancellable = new CancellableCalls(threads.Gate);
        Running = notesRunning ? new AsynchronousCalls() : null;
        Pool = new PoolShare(PoolTurns.Shared, PoolTurns.MostOfOneConnection, AllowsThread);
        _cancellations = new PoolShare(PoolTurns.Shared, PoolTurns.MostOfOneConnection, AllowsThread);
    }

    public CallsInFlight InFlight { get; } = new();

    public CancellableCalls Cancellable { get; }

    /// <summary>The asynchronous calls that run; null where nobody is told of calls that take long.</summary>
    public AsynchronousCalls? Running { get; }

    /// <summary>Runs the asynchronous calls, and what they do after they have waited.</summary>
    public PoolShare Pool { get; }

    /// <summary>Cancelled when the connection ends or is shutting down: the token of calls that have none of their own.</summary>
    public CancellationToken Stopping => _stopping.Token;

    /// <summary>Cancels the calls that have no token of their own.</summary>
    public void Stop() => Cancel(_stopping);

    /// <summary>Cancels a source on the thread pool: its callbacks are user code.</summary>
    public void Cancel(CancellationTokenSource source)
        => _cancellations.Post(
            state =>
            {
                try
                {
                    ((CancellationTokenSource)state!).Cancel();
                }
                catch (AggregateException exception)
                {
                    IpcLog.CallbackFailed(_logger, "A cancellation callback", exception);
                }
            },
            source);
}
