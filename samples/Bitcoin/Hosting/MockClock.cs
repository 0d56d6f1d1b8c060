namespace Bitcoin.Hosting;

/// <summary>The system's clock, or, for tests, a clock that stands still.</summary>
public sealed class MockClock(TimeProvider? clock = null) : TimeProvider
{
    private readonly TimeProvider _clock = clock ?? System;
    private long _seconds;

    /// <summary>Stops the clock at a time, in seconds since 1970; 0 starts it again.</summary>
    public void Set(long seconds) => Volatile.Write(ref _seconds, seconds);

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow()
        => Volatile.Read(ref _seconds) is var seconds and not 0
            ? DateTimeOffset.FromUnixTimeSeconds(seconds)
            : _clock.GetUtcNow();
}
