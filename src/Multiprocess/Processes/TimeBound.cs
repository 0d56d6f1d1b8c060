namespace Multiprocess.Processes;

/// <summary>A time that several steps have in sum, from when it is made: what one takes is not there for the next.</summary>
internal readonly struct TimeBound
{
    private readonly TimeSpan _limit;
    private readonly TimeProvider _clock;
    private readonly long _start;

    /// <param name="limit">For all steps; <see cref="Timeout.InfiniteTimeSpan"/> for no bound.</param>
    /// <param name="clock">Tells the time; null for the system's.</param>
    public TimeBound(TimeSpan limit, TimeProvider? clock = null)
    {
        _limit = limit;
        _clock = clock ?? TimeProvider.System;
        _start = _clock.GetTimestamp();
    }

    /// <summary>What is left for the next step: zero when all is used up, <see cref="Timeout.InfiniteTimeSpan"/> for no bound.</summary>
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
