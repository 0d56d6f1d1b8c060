namespace Multiprocess.Threads;

/// <summary>What the stand-by of a connection does while other threads read in turns.</summary>
/// <remarks>
/// <para>Polling: it waits for data on the transport.</para>
/// <para>Watching: other threads read; it checks every few milliseconds whether the role stays free.</para>
/// <para>Asleep: one thread keeps the role; it sleeps until a holder leaves without a successor.</para>
/// All members are used under the gate that guards the role.
/// </remarks>
internal sealed class StandByState
{
    /// <summary>How often a watching stand-by looks, in milliseconds.</summary>
    public const int TickMilliseconds = 4;

    private const int TicksUntilAsleep = 3;

    private long _seenEpoch;
    private int _ticksUnchanged;

    internal enum Kind
    {
        Polling,
        Watching,
        Asleep,
    }

    public Kind Now { get; private set; } = Kind.Polling;

    /// <summary>Counts the calls of <see cref="Poll"/>.</summary>
    public long Polls { get; private set; }

    /// <summary>Makes the stand-by poll at once, because no thread is expected to read soon.</summary>
    /// <returns>Whether it must be woken.</returns>
    public bool Poll()
    {
        bool mustWake = Now != Kind.Polling;
        Now = Kind.Polling;
        Polls++;
        return mustWake;
    }

    /// <summary>Makes sure that a free role does not stay unnoticed.</summary>
    /// <returns>Whether the stand-by must be woken.</returns>
    public bool Watch()
    {
        if (Now != Kind.Asleep)
        {
            return false;
        }

        Now = Kind.Watching;
        return true;
    }

    /// <summary>Called by the stand-by when it saw data that another thread reads.</summary>
    /// <param name="polls">The count when it began to poll.</param>
    /// <param name="epoch">How often the role has moved.</param>
    public void BeginToWatch(long polls, long epoch)
    {
        // A thread may have left the role free meanwhile, and asked for a poll.
        if (Polls == polls)
        {
            Now = Kind.Watching;
            _seenEpoch = epoch;
            _ticksUnchanged = 0;
        }
    }

    /// <summary>Called by a watching stand-by after each tick.</summary>
    /// <param name="epoch">How often the role has moved.</param>
    /// <param name="isFree">Whether no thread has the role.</param>
    public void Look(long epoch, bool isFree)
    {
        if (Now != Kind.Watching)
        {
            return;
        }

        if (_seenEpoch != epoch)
        {
            _seenEpoch = epoch;
            _ticksUnchanged = 0;
        }
        else if (isFree)
        {
            Now = Kind.Polling;
        }
        else if (++_ticksUnchanged >= TicksUntilAsleep)
        {
            Now = Kind.Asleep;
        }
    }
}
