namespace Multiprocess.Outgoing;

/// <summary>Numbers the calls of this side. Numbers are unique and grow. Thread-safe.</summary>
internal sealed class RequestNumbers
{
    private long _last;

    /// <summary>The number of the last call that began; 0 when there was none.</summary>
    public long Last => Volatile.Read(ref _last);

    public long Next() => Interlocked.Increment(ref _last);
}
