namespace Multiprocess.Threads;

/// <summary>Ends the wait of one call when the caller's token is cancelled or the time limit passes.</summary>
internal sealed class CallInterrupt : IDisposable
{
    private const int Cancelled = 1;
    private const int TimedOut = 2;

    private readonly TimeProvider _time;
    private readonly Action _onFire;
    private readonly CancellationTokenRegistration _registration;
    private readonly ITimer? _timer;
    private readonly int _limit;
    private readonly long _start;
    private int _fired;

    /// <param name="cancellationToken">The caller's token.</param>
    /// <param name="timeoutMilliseconds">The time limit in milliseconds, or -1 for none.</param>
    /// <param name="time">The clock of the limit.</param>
    /// <param name="onFire">
    /// Tells the peer and wakes the caller. Called at most once, on any thread, possibly before the constructor
    /// returns.
    /// </param>
    public CallInterrupt(CancellationToken cancellationToken, int timeoutMilliseconds, TimeProvider time, Action onFire)
    {
        _time = time;
        _onFire = onFire;
        _limit = timeoutMilliseconds;
        if (timeoutMilliseconds >= 0)
        {
            _start = time.GetTimestamp();
            _timer = time.CreateTimer(
                static state => ((CallInterrupt)state!).Fire(TimedOut),
                this,
                TimeSpan.FromMilliseconds(timeoutMilliseconds),
                Timeout.InfiniteTimeSpan);
        }

        _registration = cancellationToken.UnsafeRegister(static state => ((CallInterrupt)state!).Fire(Cancelled), this);
    }

    public bool HasFired => Volatile.Read(ref _fired) != 0;

    public bool HasTimedOut => Volatile.Read(ref _fired) == TimedOut;

    /// <summary>
    /// Puts the caller to sleep until its time limit at the latest. The caller watches the limit itself: the timer
    /// needs a pool thread, and no pool thread may be free.
    /// </summary>
    public void Sleep(Parker parker)
    {
        if (_limit < 0)
        {
            parker.Park();
        }
        else if (!parker.Park(MillisecondsLeft) && MillisecondsLeft == 0)
        {
            Fire(TimedOut);
        }
    }

    public void Dispose()
    {
        // Unregister does not wait for a running callback: a caller must never hang on its own token.
        _registration.Unregister();
        _timer?.Dispose();
    }

    private int MillisecondsLeft
        => (int)Math.Clamp(Math.Ceiling(_limit - _time.GetElapsedTime(_start).TotalMilliseconds), 0, _limit);

    private void Fire(int how)
    {
        if (Interlocked.CompareExchange(ref _fired, how, 0) == 0)
        {
            _onFire();
        }
    }
}
