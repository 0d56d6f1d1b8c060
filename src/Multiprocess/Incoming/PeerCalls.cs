using Microsoft.Extensions.Logging;
using Multiprocess.Logging;
using Multiprocess.Threads;

namespace Multiprocess.Incoming;

/// <summary>The calls of the peer on one connection: tracks, cancels and schedules them. Thread-safe.</summary>
internal sealed class PeerCalls
{
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stopping = new();

    // Cancels tokens, whose callbacks are user code. Separate from the calls' share: a running call may wait for such a
    // callback.
    private readonly PoolShare _cancellations;

    /// <param name="threads">The threads of the connection.</param>
    /// <param name="maxThreads">
    /// Largest number of workers and of dedicated threads for asynchronous calls together.
    /// </param>
    /// <param name="notesRunning">True when slow calls are reported.</param>
    /// <param name="logger">The log of the connection.</param>
    public PeerCalls(ThreadMap threads, int maxThreads, bool notesRunning, ILogger logger)
    {
        // Read without the gate: one thread more or less does not matter.
        bool AllowsThread(int ownThreads) => threads.WorkerCount + ownThreads < maxThreads;

        _logger = logger;
        Cancellable = new CancellableCalls(threads.Gate);
        Running = notesRunning ? new AsynchronousCalls() : null;
        Pool = new PoolShare(CallPool.Shared, CallPool.MostOfOneConnection, AllowsThread);
        _cancellations = new PoolShare(CallPool.Shared, CallPool.MostOfOneConnection, AllowsThread);
    }

    public CallsInFlight InFlight { get; } = new();

    public CancellableCalls Cancellable { get; }

    /// <summary>The asynchronous calls that run; null when slow calls are not reported.</summary>
    public AsynchronousCalls? Running { get; }

    /// <summary>Runs asynchronous calls and their continuations.</summary>
    public PoolShare Pool { get; }

    /// <summary>Cancelled when the connection ends or shuts down: the token of calls without their own.</summary>
    public CancellationToken Stopping => _stopping.Token;

    /// <summary>Cancels the calls that have no token of their own.</summary>
    public void Stop() => Cancel(_stopping);

    /// <summary>Cancels a source on the call pool, because its callbacks are user code.</summary>
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
