namespace Multiprocess.Hosting;

/// <summary>How a child under a host serves its parent.</summary>
public sealed class IpcParentOptions
{
    /// <summary>
    /// The options of the connection to the parent. Without a logger factory it gets the host's, once that is built.
    /// </summary>
    public IpcConnectionOptions Connection { get; set; } = new();

    /// <summary>
    /// Most log records that wait for the parent. Default 10,000; 100 to 1,000,000. While so many wait, or 16 MiB of
    /// their text, a thread that writes one more waits for room, <see cref="LogQueueTimeout"/> at most; then records
    /// are dropped, and counted, until there is room again. One record says how many.
    /// </summary>
    public int MaxQueuedLogRecords
    {
        get;
        set => field = value is >= 100 and <= 1_000_000 ? value : throw new ArgumentOutOfRangeException(
            nameof(value), value, "Expected from 100 to 1,000,000 records.");
    } = 10_000;

    /// <summary>
    /// How long a thread that writes a log record waits for room, once until there is room again. Default one second;
    /// zero to a minute. Zero: never, records are dropped at once.
    /// </summary>
    public TimeSpan LogQueueTimeout
    {
        get;
        set
            => field = value >= TimeSpan.Zero && value <= TimeSpan.FromMinutes(1)
                ? value
                : throw new ArgumentOutOfRangeException(nameof(value), value, "Expected a time from zero to a minute.");
    } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// How long the last log records may take to arrive when the host has stopped. Default 5 seconds; zero to a minute.
    /// </summary>
    public TimeSpan LogFlushTimeout
    {
        get;
        set
            => field = value >= TimeSpan.Zero && value <= TimeSpan.FromMinutes(1)
                ? value
                : throw new ArgumentOutOfRangeException(nameof(value), value, "Expected a time from zero to a minute.");
    } = TimeSpan.FromSeconds(5);
}
