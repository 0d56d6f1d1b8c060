using Multiprocess.Faults;
using Multiprocess.Metrics;

namespace Multiprocess.Calls;

/// <summary>What the options of a connection say about its calls, worked out once. Thread-safe.</summary>
internal sealed class CallSettings(IpcConnectionOptions options, FaultDetail faultDetail)
{
    private readonly int _timeoutMilliseconds = Milliseconds(options.CallTimeout);

    /// <summary>What calls are timed by.</summary>
    public TimeProvider Time { get; } = options.TimeProvider;

    /// <summary>True when synchronous calls are held against the policy for threads that have a synchronization context.</summary>
    public bool ChecksBlocking { get; } = options.BlockingCalls != IpcBlockingPolicy.Allow;

    /// <summary>True when somebody is told of calls that take long.</summary>
    public bool WatchesCalls { get; } = options.SlowCallWarning != Timeout.InfiniteTimeSpan;

    /// <summary>True while somebody wants to know how long calls take; no clock is read while nobody does.</summary>
    public bool TimesCalls => WatchesCalls || IpcMeter.MeasuresCalls;

    /// <summary>How much of exceptions crosses to the peer.</summary>
    public FaultDetail FaultDetail { get; } = faultDetail;

    /// <summary>How long a remote Dispose is waited for, in milliseconds, or -1.</summary>
    public int DisposeTimeoutMilliseconds { get; } = Milliseconds(options.DisposeTimeout);

    /// <summary>The time limit of a call, in milliseconds, or -1: a method's own wins over the connection's.</summary>
    public int TimeoutMilliseconds(int ofMethod) => ofMethod != 0 ? ofMethod : _timeoutMilliseconds;

    /// <summary>When a call begins or ends; 0 while nobody wants to know.</summary>
    public long Timestamp() => TimesCalls ? Time.GetTimestamp() : 0;

    private static int Milliseconds(TimeSpan time)
        => time == Timeout.InfiniteTimeSpan ? -1 : (int)Math.Ceiling(time.TotalMilliseconds);
}
