namespace Multiprocess;

/// <summary>When <see cref="IpcSupervisor{T}"/> starts a child again, and when it gives up. Without jitter: one parent has few children.</summary>
public sealed record IpcRestartPolicy
{
    private static readonly TimeSpan s_longest = TimeSpan.FromDays(1);

    /// <summary>How long to wait before the first restart. Default 100 ms; zero to a day.</summary>
    public TimeSpan InitialDelay
    {
        get;
        init => field = Check(value, TimeSpan.Zero);
    } = TimeSpan.FromMilliseconds(100);

    /// <summary>By how much the wait grows with each restart that did not help. Default 2; 1 to 100.</summary>
    public double Factor
    {
        get;
        init => field = value is >= 1 and <= 100 ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "Expected 1 to 100.");
    } = 2;

    /// <summary>The longest wait. Default 30 seconds; zero to a day. Less than <see cref="InitialDelay"/> shortens that too.</summary>
    public TimeSpan MaxDelay
    {
        get;
        init => field = Check(value, TimeSpan.Zero);
    } = TimeSpan.FromSeconds(30);

    /// <summary>How long a child must have run for the next wait to be the first one again. Default a minute; 1 ms to a day.</summary>
    public TimeSpan StableAfter
    {
        get;
        init => field = Check(value, TimeSpan.FromMilliseconds(1));
    } = TimeSpan.FromMinutes(1);

    /// <summary>Most restarts, tries that failed among them, within <see cref="Window"/>; then supervision ends with an error. Default 10; 0 to 1,000,000.</summary>
    public int MaxRestarts
    {
        get;
        init => field = value is >= 0 and <= 1_000_000 ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "Expected 0 to 1,000,000 restarts.");
    } = 10;

    /// <summary>The time over which restarts are counted. Default ten minutes; 1 ms to a day.</summary>
    public TimeSpan Window
    {
        get;
        init => field = Check(value, TimeSpan.FromMilliseconds(1));
    } = TimeSpan.FromMinutes(10);

    /// <summary>Whether a child that ends by itself with exit code 0 is started again too. Default false: supervision ends with it.</summary>
    public bool RestartAfterSuccess { get; init; }

    /// <summary>
    /// Whether a child that SIGTERM has ended is started again, also where it shut down in good order because of it. Default
    /// true: the signal came from outside, and not from who supervises. Any other signal is a failure in any case.
    /// </summary>
    public bool RestartAfterTermination { get; init; } = true;

    private static TimeSpan Check(TimeSpan value, TimeSpan least)
        => value >= least && value <= s_longest
            ? value
            : throw new ArgumentOutOfRangeException(nameof(value), value, $"Expected a time from {least.TotalMilliseconds:N0} ms to a day.");
}
