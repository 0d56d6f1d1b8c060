using System.Diagnostics;

namespace Multiprocess.Threads;

/// <summary>The number of times that a reader spins before it blocks. It learns whether spinning pays.</summary>
/// <remarks>
/// When the peer runs on another core, an answer comes within a few spins, and blocking would cost a wake-up. When the
/// peer needs this core, spins only delay it; the budget then shrinks to zero within a few reads, and is tried again
/// less and less often. Belongs to the holder of the reading role.
/// </remarks>
/// <param name="maxTries">Most spins for one read.</param>
/// <param name="minTries">A budget below this number counts as zero.</param>
internal sealed class SpinBudget(int maxTries, int minTries)
{
    private const int FirstProbe = 64;
    private const int LastProbe = 1024;
    private const int TakenYields = 4;
    private const int ReadsWithoutTries = 1024;

    private static readonly long s_tooLongToLearn = Stopwatch.Frequency / 2000;
    private static readonly long s_yieldTaken = Stopwatch.Frequency * 3 / 10_000;

    private readonly int _maxTries = maxTries;
    private int _tries = maxTries;
    private int _misses;
    private int _probeEvery = FirstProbe;
    private int _untilProbe = FirstProbe;
    private int _yieldsTaken;
    private int _withoutTries;

    /// <summary>Number of spins for the next read; 0 for none.</summary>
    public int Begin()
    {
        if (_withoutTries > 0)
        {
            // Other threads need the core: spinning would only delay them and the peer.
            if (--_withoutTries == 0)
            {
                _yieldsTaken = 0;
            }

            return 0;
        }

        if (_tries > 0)
        {
            return _tries;
        }

        if (--_untilProbe > 0)
        {
            return 0;
        }

        _untilProbe = _probeEvery;
        return _maxTries;
    }

    /// <summary>Records that a spin after the first one received data.</summary>
    public void Hit()
    {
        _tries = _maxTries;
        _misses = 0;
        _probeEvery = FirstProbe;
    }

    /// <summary>Records that no spin received data, and that blocking took the given time.</summary>
    public void Miss(long blockedTicks)
    {
        // Nothing was on its way, so this says nothing about spinning.
        if (blockedTicks > s_tooLongToLearn)
        {
            return;
        }

        if (_tries == 0)
        {
            _probeEvery = Math.Min(_probeEvery * 2, LastProbe);
        }
        else if (++_misses == 2)
        {
            _misses = 0;
            _tries /= 2;
            if (_tries < minTries)
            {
                _tries = 0;
                _untilProbe = _probeEvery;
            }
        }
    }

    /// <summary>
    /// Called between two spins: yields the core to another thread. If others keep it long, spinning stops for a while.
    /// </summary>
    public void Pause()
    {
        long start = Stopwatch.GetTimestamp();
        Thread.Yield();
        if (Stopwatch.GetTimestamp() - start > s_yieldTaken && ++_yieldsTaken >= TakenYields)
        {
            _withoutTries = ReadsWithoutTries;
        }
    }
}
