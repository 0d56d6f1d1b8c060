using Multiprocess.Faults;
using Multiprocess.Metrics;

namespace Multiprocess.Calls;

/// <summary>The options of a connection that concern its calls, computed once. Thread-safe.</summary>
internal sealed class CallSettings(IpcConnectionOptions options, FaultDetail faultDetail)
{
    private readonly int _timeoutMilliseconds = Milliseconds(options.CallTimeout);

    /// <summary>The clock that times calls.</summary>
    public TimeProvider Time { get; } = options.TimeProvider;

    /// <summary>
    /// True when synchronous calls are checked against the policy for threads that have a synchronization context.
    /// </summary>
    public bool ChecksBlocking { get; } = options.BlockingCalls != IpcBlockingPolicy.Allow;

    /// <summary>True when slow calls are reported.</summary>
    public bool WatchesCalls { get; } = options.SlowCallWarning != Timeout.InfiniteTimeSpan;

    /// <summary>True while something measures how long calls take; otherwise no clock is read.</summary>
    public bool TimesCalls => WatchesCalls || IpcMeter.MeasuresCalls;

    /// <summary>How much of an exception is sent to the peer.</summary>
    public FaultDetail FaultDetail { get; } = faultDetail;

    /// <summary>Time to wait for a remote Dispose, in milliseconds, or -1 for no limit.</summary>
    public int DisposeTimeoutMilliseconds { get; } = Milliseconds(options.DisposeTimeout);

    /// <summary>
    /// The time limit of a call, in milliseconds, or -1 for no limit. A method's own limit overrides the connection's.
    /// </summary>
    public int TimeoutMilliseconds(int ofMethod) => ofMethod != 0 ? ofMethod : _timeoutMilliseconds;

    /// <summary>The current timestamp, for the start or end of a call; 0 while nothing measures calls.</summary>
    public long Timestamp() => TimesCalls ? Time.GetTimestamp() : 0;

    private static int Milliseconds(TimeSpan time)
        => time == Timeout.InfiniteTimeSpan ? -1 : (int)Math.Ceiling(time.TotalMilliseconds);
}
