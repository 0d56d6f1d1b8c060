namespace Multiprocess.Incoming;

/// <summary>Counts the calls of the peer that wait, run, or are being answered. Thread-safe.</summary>
/// <remarks>States: open, then draining. While draining, new calls are refused until the last call has ended.</remarks>
internal sealed class CallsInFlight
{
    private const long Answering = 1L << 32;

    private readonly TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Low 32 bits: calls that wait or run. High 32 bits: calls whose answer is being sent.
    private long _calls;
    private volatile bool _isDraining;

    /// <summary>
    /// Number of calls that wait or run. Calls being answered do not count: their caller may already make its next
    /// call.
    /// </summary>
    public long Count => (int)Interlocked.Read(ref _calls);

    /// <summary>True when every call was answered and every answer was handed to the sender.</summary>
    public bool IsEmpty => Interlocked.Read(ref _calls) == 0;

    /// <summary>True while the connection shuts down: calls that are not part of a running call are refused.</summary>
    public bool IsDraining => _isDraining;

    public void Begin() => Interlocked.Increment(ref _calls);

    /// <summary>
    /// Called just before an answer is sent: the caller may receive it and call again before the send returns.
    /// </summary>
    public void BeginAnswer() => Interlocked.Add(ref _calls, Answering - 1);

    public void End(bool wasAnswered)
    {
        if (Interlocked.Add(ref _calls, wasAnswered ? -Answering : -1) == 0 && _isDraining)
        {
            _drained.TrySetResult();
        }
    }

    /// <summary>Begins to refuse calls. Under the gate, so that calls routed before are counted.</summary>
    public void BeginDraining() => _isDraining = true;

    /// <summary>Completes when no call is left, once draining has begun.</summary>
    public Task WhenDrained()
    {
        if (IsEmpty)
        {
            _drained.TrySetResult();
        }

        return _drained.Task;
    }
}
