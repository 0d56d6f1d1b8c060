namespace Multiprocess;

/// <summary>The options of a replay.</summary>
public sealed record IpcReplayOptions
{
    /// <summary>The options of the answering end. Default: those of a connection.</summary>
    public IpcConnectionOptions Server { get; init; } = new();

    /// <summary>
    /// How long to wait for the next answer that the recording contains, before the replay continues without it.
    /// Default 5 seconds; 1 millisecond to 24 days.
    /// </summary>
    public TimeSpan Patience
    {
        get;
        init => field = value.TotalMilliseconds is >= 1 and <= int.MaxValue
            ? value
            : throw new ArgumentOutOfRangeException(
                nameof(value), value, $"{nameof(Patience)}: Expected from 1 millisecond to 24 days, got {value}.");
    } = TimeSpan.FromSeconds(5);
}
