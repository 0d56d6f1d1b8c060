namespace Bitcoin.Tests;

/// <summary>A clock that stands still.</summary>
internal sealed class ManualClock(DateTimeOffset now) : TimeProvider
{
    internal DateTimeOffset Now { get; set; } = now;

    public override DateTimeOffset GetUtcNow() => Now;
}
