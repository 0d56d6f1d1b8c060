namespace Multiprocess;

/// <summary>How a server and its connections behave.</summary>
public record IpcServerOptions : IpcConnectionOptions
{
    /// <summary>
    /// Most connections at a time. Default unlimited. At the limit the server stops accepting; further clients wait in
    /// the backlog, and are accepted as others leave.
    /// </summary>
    public int MaxConnections
    {
        get;
        init => field = value >= 1 ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "Expected at least 1.");
    } = int.MaxValue;

    /// <summary>How many clients may wait to be accepted. Default 128; at least 1. The system may lower it.</summary>
    public int Backlog
    {
        get;
        init => field = value >= 1 ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "Expected at least 1.");
    } = 128;
}
