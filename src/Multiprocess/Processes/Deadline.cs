namespace Multiprocess.Processes;

/// <summary>
/// A time limit for several steps in total, starting when it is created: time that one step uses is not available to
/// the next.
/// </summary>
internal readonly struct Deadline
{
    private readonly TimeSpan _limit;
    private readonly TimeProvider _clock;
    private readonly long _start;

    /// <param name="limit">The limit for all steps; <see cref="Timeout.InfiniteTimeSpan"/> for no limit.</param>
    /// <param name="clock">The clock; null for the system clock.</param>
    public Deadline(TimeSpan limit, TimeProvider? clock = null)
    {
        _limit = limit;
        _clock = clock ?? TimeProvider.System;
        _start = _clock.GetTimestamp();
    }

    /// <summary>
    /// The time left for the next step: zero when all is used up, <see cref="Timeout.InfiniteTimeSpan"/> for no limit.
    /// </summary>
    public TimeSpan Left
    {
        get
        {
            if (_limit == Timeout.InfiniteTimeSpan)
            {
                return _limit;
            }

            TimeSpan left = _limit - _clock.GetElapsedTime(_start);
            return left > TimeSpan.Zero ? left : TimeSpan.Zero;
        }
    }
}
