using System.Diagnostics;

namespace Multiprocess.Threads;

/// <summary>
/// How long something keeps a thread from waiting again: a moving average that rises fast and falls slowly.
/// </summary>
/// <remarks>
/// There is one per method on the side that runs it, and one per thread for the time between an answer and its next
/// call. Measured from the end of one wait to the start of the next, so that a method which calls back counts only its
/// own short time. A lost update between threads only loses a sample.
/// </remarks>
internal sealed class TimeAway
{
    private static readonly long s_long = Stopwatch.Frequency / 20_000;

    // An unknown time counts as long.
    private long _average = s_long * 2;

    private long _leftAt;
    private TimeAway? _learning;

    /// <summary>True when the time is expected to exceed 50 µs.</summary>
    public bool IsLong => _average > s_long;

    /// <summary>The owner thread leaves a wait, for the time that <paramref name="reason"/> takes.</summary>
    public void Leave(TimeAway reason)
    {
        _learning = reason;
        _leftAt = Stopwatch.GetTimestamp();
    }

    /// <summary>The owner thread waits again.</summary>
    public void Return()
    {
        if (_learning is { } reason)
        {
            long away = Stopwatch.GetTimestamp() - _leftAt;
            reason._average += away > reason._average ? (away - reason._average) / 2 : (away - reason._average) / 16;
            _learning = null;
        }
    }
}
