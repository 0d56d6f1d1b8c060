using System.Diagnostics;

namespace Multiprocess.Threads;

/// <summary>How many times a reader tries before it blocks. Finds out by itself whether trying pays.</summary>
/// <remarks>
/// Where the peer runs on another core, an answer comes within a few tries and blocking would cost a wake-up. Where it
/// needs this core, tries only keep it from running; then the budget shrinks to nothing within a few reads and is
/// probed ever more rarely. Belongs to whoever holds the reading role.
/// </remarks>
internal sealed class SpinBudget
{
    private const int MaxTries = 50;
    private const int MinTries = 4;
    private const int FirstProbe = 64;
    private const int LastProbe = 1024;
    private const int TakenYields = 4;
    private const int ReadsWithoutTries = 1024;

    private static readonly long s_tooLongToLearn = Stopwatch.Frequency / 2000;
    private static readonly long s_yieldTaken = Stopwatch.Frequency * 3 / 10_000;

    private int _tries = MaxTries;
    private int _misses;
    private int _probeEvery = FirstProbe;
    private int _untilProbe = FirstProbe;
    private int _yieldsTaken;
    private int _withoutTries;

    /// <summary>How many tries the next read has; 0 for none.</summary>
    public int Begin()
    {
        if (_withoutTries > 0)
        {
            // Others need the core: trying would only keep it from them, and from the peer.
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
        return MaxTries;
    }

    /// <summary>A later try found something.</summary>
    public void Hit()
    {
        _tries = MaxTries;
        _misses = 0;
        _probeEvery = FirstProbe;
    }

    /// <summary>No try found anything, and blocking took so long.</summary>
    public void Miss(long blockedTicks)
    {
        // Nothing was under way: that says nothing about trying.
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
            if (_tries < MinTries)
            {
                _tries = 0;
                _untilProbe = _probeEvery;
            }
        }
    }

    /// <summary>Between two tries: lets another thread have the core. Where others keep it long, trying ends for a while.</summary>
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
