namespace Multiprocess.Hosting;

/// <summary>How a child under a host serves its parent.</summary>
public sealed class IpcParentOptions
{
    /// <summary>
    /// The options of the connection to the parent. Without a logger factory, they get the host's, once the host is
    /// built.
    /// </summary>
    public IpcConnectionOptions Connection { get; set; } = new();

    /// <summary>
    /// Most log records that wait for the parent. Default 10,000; 100 to 1,000,000. When that many records wait, or 16
    /// MiB of text, a thread that logs another record waits for room, for at most <see cref="LogQueueTimeout"/>. Then
    /// records are dropped and counted until there is room again. One record then says how many were dropped.
    /// </summary>
    public int MaxQueuedLogRecords
    {
        get;
        set => field = value is >= 100 and <= 1_000_000 ? value : throw new ArgumentOutOfRangeException(
            nameof(value), value, $"{nameof(MaxQueuedLogRecords)}: Expected 100 to 1,000,000 records, got {value:N0}.");
    } = 10_000;

    /// <summary>
    /// How long a thread that logs a record waits for room. After that wait, no thread waits until there is room again.
    /// Default one second; zero to a minute. Zero: never wait; records are dropped at once.
    /// </summary>
    public TimeSpan LogQueueTimeout
    {
        get;
        set
            => field = value >= TimeSpan.Zero && value <= TimeSpan.FromMinutes(1)
                ? value
                : throw new ArgumentOutOfRangeException(
                    nameof(value),
                    value,
                    $"{nameof(LogQueueTimeout)}: Expected a time from zero to a minute, got {value}.");
    } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// How long the last log records may take to reach the parent after the host has stopped. Default 5 seconds; zero
    /// to a minute.
    /// </summary>
    public TimeSpan LogFlushTimeout
    {
        get;
        set
            => field = value >= TimeSpan.Zero && value <= TimeSpan.FromMinutes(1)
                ? value
                : throw new ArgumentOutOfRangeException(
                    nameof(value),
                    value,
                    $"{nameof(LogFlushTimeout)}: Expected a time from zero to a minute, got {value}.");
    } = TimeSpan.FromSeconds(5);
}
