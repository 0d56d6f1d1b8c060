namespace Multiprocess.Incoming;

/// <summary>Counts the calls of the peer that wait, run, or are being answered. Thread-safe.</summary>
/// <remarks>States: open, then draining, in which new calls are refused and the end of the last one is waited for.</remarks>
internal sealed class CallsInFlight
{
    private const long Answering = 1L << 32;

    private readonly TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Calls that wait or run in the lower half, those whose answer is being sent in the upper one.
    private long _calls;
    private volatile bool _isDraining;

    /// <summary>How many wait or run; not those that are being answered, since their caller may already make its next one.</summary>
    public long Count => (int)Interlocked.Read(ref _calls);

    /// <summary>True when every call was answered, and the answer handed over.</summary>
    public bool IsEmpty => Interlocked.Read(ref _calls) == 0;

    /// <summary>True while the connection shuts down: what is not part of a running call is refused.</summary>
    public bool IsDraining => _isDraining;

    public void Begin() => Interlocked.Increment(ref _calls);

    /// <summary>The answer of a call is sent next: the caller may have it, and call again, before the send returns.</summary>
    public void BeginAnswer() => Interlocked.Add(ref _calls, Answering - 1);

    public void End(bool wasAnswered)
    {
        if (Interlocked.Add(ref _calls, wasAnswered ? -Answering : -1) == 0 && _isDraining)
        {
            _drained.TrySetResult();
        }
    }

    /// <summary>Begins to refuse. Under the gate, so that what was routed before is counted.</summary>
    public void BeginDraining() => _isDraining = true;

    /// <summary>Ends when there is no call any more, once draining has begun.</summary>
    public Task WhenDrained()
    {
        if (IsEmpty)
        {
            _drained.TrySetResult();
        }

        return _drained.Task;
    }
}
