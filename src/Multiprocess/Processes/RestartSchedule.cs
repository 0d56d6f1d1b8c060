namespace Multiprocess.Processes;

/// <summary>Decides whether a child is restarted, and after which delay. One thread at a time.</summary>
internal sealed class RestartSchedule(IpcRestartPolicy policy, TimeProvider time)
{
    private readonly Queue<long> _restarts = new();
    private TimeSpan _next = policy.InitialDelay;

    /// <summary>How many restarts there were within the window, including the last one granted.</summary>
    public int Restarts => _restarts.Count;

    /// <summary>Requests one more restart.</summary>
    /// <param name="ranFor">How long the child ran; zero when it could not be started.</param>
    /// <returns>The delay before the restart; null when there were too many restarts.</returns>
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
