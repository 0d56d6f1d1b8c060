using System.Runtime.CompilerServices;

namespace Multiprocess;

/// <summary>
/// When <see cref="IpcSupervisor{T}"/> restarts a child, and when it gives up. Delays have no jitter: one parent has
/// few children.
/// </summary>
public sealed record IpcRestartPolicy
{
    private static readonly TimeSpan s_longest = TimeSpan.FromDays(1);

    /// <summary>The delay before the first restart. Default 100 ms; zero to one day.</summary>
    public TimeSpan InitialDelay
    {
        get;
        init => field = Check(value, TimeSpan.Zero);
    } = TimeSpan.FromMilliseconds(100);

    /// <summary>The factor by which the delay grows with each unsuccessful restart. Default 2; 1 to 100.</summary>
    public double Factor
    {
        get;
        init => field = value is >= 1 and <= 100
            ? value
            : throw new ArgumentOutOfRangeException(
                nameof(value), value, $"{nameof(Factor)}: Expected 1 to 100, got {value}.");
    } = 2;

    /// <summary>
    /// The longest delay. Default 30 seconds; zero to one day. A value below <see cref="InitialDelay"/> limits the
    /// first delay too.
    /// </summary>
    public TimeSpan MaxDelay
    {
        get;
        init => field = Check(value, TimeSpan.Zero);
    } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How long a child must run before the delay returns to <see cref="InitialDelay"/>. Default one minute; 1 ms to
    /// one day.
    /// </summary>
    public TimeSpan StableAfter
    {
        get;
        init => field = Check(value, TimeSpan.FromMilliseconds(1));
    } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// Most restarts within <see cref="Window"/>, including failed attempts. After that many, the supervision ends with
    /// an error. Default 10; 0 to 1,000,000.
    /// </summary>
    public int MaxRestarts
    {
        get;
        init => field = value is >= 0 and <= 1_000_000
            ? value
            : throw new ArgumentOutOfRangeException(
                nameof(value), value, $"{nameof(MaxRestarts)}: Expected 0 to 1,000,000 restarts, got {value}.");
    } = 10;

    /// <summary>The time over which restarts are counted. Default ten minutes; 1 ms to one day.</summary>
    public TimeSpan Window
    {
        get;
        init => field = Check(value, TimeSpan.FromMilliseconds(1));
    } = TimeSpan.FromMinutes(10);

    /// <summary>
    /// Whether a child that exits with code 0 is restarted too. Default false: the supervision ends with the child.
    /// </summary>
    public bool RestartAfterSuccess { get; init; }

    /// <summary>
    /// Whether a child that ended because of SIGTERM is restarted, even when it shut down in order. Default true: the
    /// signal did not come from the supervisor. Any other signal always counts as a failure.
    /// </summary>
    public bool RestartAfterTermination { get; init; } = true;

    private static TimeSpan Check(TimeSpan value, TimeSpan least, [CallerMemberName] string name = "")
        => value >= least && value <= s_longest
            ? value
            : throw new ArgumentOutOfRangeException(
                nameof(value),
                value,
                $"{name}: Expected a time from {least.TotalMilliseconds:N0} ms to a day, got {value}.");
}
