namespace Multiprocess;

/// <summary>How a child process is started, ended, and talked to.</summary>
/// <remarks>How long it may take to start, until it serves, is <see cref="IpcConnectionOptions.ConnectTimeout"/>.</remarks>
public record IpcSpawnOptions : IpcConnectionOptions
{
    /// <summary>Further arguments for the child, before <c>-ipcfd n</c>. Default none: settings go over the first call.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>What differs from this process's environment; null removes a variable. Default nothing.</summary>
    public IReadOnlyDictionary<string, string?>? Environment { get; init; }

    /// <summary>Where the child starts. Default null: this process's current directory.</summary>
    public string? WorkingDirectory { get; init; }

    /// <summary>How the child comes to its end of the connection. Default: whatever this system does best.</summary>
    public IpcSpawnChannel Channel { get; init; }

    /// <summary>
    /// How much of the end of the child's standard error is kept for error messages, in bytes. Default 4 KiB; 0 to
    /// 1 MiB. All of it is handed on to this process's own standard error, or to <see cref="ErrorLine"/>. 0: nothing is
    /// kept, and without <see cref="ErrorLine"/> the child writes there itself.
    /// </summary>
    public int ErrorTailBytes
    {
        get;
        init => field = value is >= 0 and <= 1024 * 1024 ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "Expected 0 to 1,048,576 bytes.");
    } = 4 * 1024;

    /// <summary>
    /// Gets each line that the child writes to its standard output, as text without the end of the line. Default null: the
    /// child has this process's own. Called one line at a time, on a thread of its own, until the child's last process that
    /// has the stream has ended; a line of more than 16 KiB arrives in pieces. While it does not return, the child's writes
    /// wait. What it throws is ignored. The text is the child's: it may hold control characters.
    /// </summary>
    public Action<string>? OutputLine { get; init; }

    /// <summary>As <see cref="OutputLine"/>, for the child's standard error. Default null: handed on to this process's own.</summary>
    public Action<string>? ErrorLine { get; init; }

    /// <summary>
    /// How long the end of the child may take in sum: to close its connection, and until it has ended by itself. Then it is
    /// killed. Default 5 seconds; zero kills it at once, <see cref="Timeout.InfiniteTimeSpan"/> never.
    /// </summary>
    public TimeSpan ExitTimeout
    {
        get;
        init => field = value == Timeout.InfiniteTimeSpan || (value >= TimeSpan.Zero && value.TotalMilliseconds <= int.MaxValue)
            ? value
            : throw new ArgumentOutOfRangeException(nameof(value), value, "Expected a time from zero to 24 days, or Timeout.InfiniteTimeSpan.");
    } = TimeSpan.FromSeconds(5);
}
