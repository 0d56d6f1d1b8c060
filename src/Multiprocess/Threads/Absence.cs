using System.Diagnostics;

namespace Multiprocess.Threads;

/// <summary>How long something keeps a thread away from waiting: a moving average, quick up and slow down.</summary>
/// <remarks>
/// One is kept per method on the side that runs it, and one per thread for the time between an answer and its next call.
/// Measured from leaving a wait to the next entry into one, so that a method which calls back looks as short as it is.
/// A lost update between threads costs nothing but a sample.
/// </remarks>
internal sealed class Absence
{
    private static readonly long s_long = Stopwatch.Frequency / 20_000;

    // What was never seen counts as long.
    private long _average = s_long * 2;

    private long _leftAt;
    private Absence? _learning;

    /// <summary>True when it is expected to take more than 50 µs.</summary>
    public bool IsLong => _average > s_long;

    /// <summary>The thread that this belongs to leaves a wait, for the time that <paramref name="reason"/> takes.</summary>
    public void Leave(Absence reason)
    {
        _learning = reason;
        _leftAt = Stopwatch.GetTimestamp();
    }

    /// <summary>The thread that this belongs to waits again.</summary>
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
