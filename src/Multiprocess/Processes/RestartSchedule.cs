namespace Multiprocess.Processes;

/// <summary>How long to wait before a child is started again, and whether at all. Of one thread at a time.</summary>
internal sealed class RestartSchedule(IpcRestartPolicy policy, TimeProvider time)
{
    private readonly Queue<long> _restarts = new();
    private TimeSpan _next = policy.InitialDelay;

    /// <summary>How many restarts there were within the window, the one that was granted last among them.</summary>
    public int Restarts => _restarts.Count;

    /// <summary>Asks for one more restart.</summary>
    /// <param name="ranFor">How long the child had run; zero when it could not be started.</param>
    /// <returns>How long to wait before it; null when there have been too many.</returns>
    public TimeSpan? Next(TimeSpan ranFor)
    {
        while (_restarts.TryPeek(out long oldest) && time.GetElapsedTime(oldest) >= policy.Window)
        {
            _restarts.Dequeue();
        }

        if (_restarts.Count >= policy.MaxRestarts)
        {
            return null;
        }

        _restarts.Enqueue(time.GetTimestamp());
        if (ranFor >= policy.StableAfter)
        {
            _next = policy.InitialDelay;
        }

        TimeSpan delay = Shorter(_next, policy.MaxDelay);
        _next = Shorter(delay * policy.Factor, policy.MaxDelay);
        return delay;
    }

    private static TimeSpan Shorter(TimeSpan one, TimeSpan other) => one < other ? one : other;
}
