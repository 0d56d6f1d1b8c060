namespace Multiprocess;

/// <summary>How to start a child process, communicate with it and end it.</summary>
/// <remarks>
/// <see cref="IpcConnectionOptions.ConnectTimeout"/> limits the time from the start of the child until it serves.
/// </remarks>
public record IpcSpawnOptions : IpcConnectionOptions
{
    /// <summary>
    /// Further arguments for the child, before <c>-ipcfd n</c>. Default none: pass settings with the first call.
    /// </summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>Differences from this process's environment; null removes a variable. Default none.</summary>
    public IReadOnlyDictionary<string, string?>? Environment { get; init; }

    /// <summary>The child's working directory. Default null: this process's current directory.</summary>
    public string? WorkingDirectory { get; init; }

    /// <summary>
    /// Confines the child to its connection and a few files. Default null: the child may do what this process may.
    /// Needs <see cref="IpcSpawnChannel.Inherited"/>, the default on Linux.
    /// </summary>
    public IpcSandbox? Sandbox { get; init; }

    /// <summary>
    /// A root that this process serves to the child. Default null: none. Children that do not ask for it ignore it.
    /// </summary>
    public IpcParentRoot? ParentRoot { get; init; }

    /// <summary>How the child gets its end of the connection. Default: the best way on this system.</summary>
    public IpcSpawnChannel Channel { get; init; }

    /// <summary>
    /// How much of the end of the child's standard error output is kept for error messages, in bytes. Default 4 KiB; 0
    /// to 1 MiB. All output is copied to this process's standard error, or to <see cref="ErrorLine"/>. With 0 nothing
    /// is kept, and without <see cref="ErrorLine"/> the child writes directly to this process's standard error.
    /// </summary>
    public int ErrorTailBytes
    {
        get;
        init => field = value is >= 0 and <= 1024 * 1024
            ? value
            : throw new ArgumentOutOfRangeException(
                nameof(value), value, $"{nameof(ErrorTailBytes)}: Expected 0 to 1,048,576 bytes, got {value}.");
    } = 4 * 1024;

    /// <summary>
    /// Receives each line that the child writes to its standard output, without the line ending. Default null: the
    /// child uses this process's standard output. Called for one line at a time, on a separate thread, until the last
    /// process that holds the stream has ended. A line of more than 16 KiB arrives in pieces. While a call runs, the
    /// child's writes may block. Exceptions are ignored. The text comes from the child and may contain control
    /// characters.
    /// </summary>
    public Action<string>? OutputLine { get; init; }

    /// <summary>
    /// As <see cref="OutputLine"/>, for the child's standard error. Default null: copied to this process's standard
    /// error.
    /// </summary>
    public Action<string>? ErrorLine { get; init; }

    /// <summary>
    /// The time limit for ending the child: for closing its connection and for its exit together. After that the child
    /// is killed. Default 5 seconds; zero kills it at once, <see cref="Timeout.InfiniteTimeSpan"/> never.
    /// </summary>
    public TimeSpan ExitTimeout
    {
        get;
        init => field = value == Timeout.InfiniteTimeSpan
            || (value >= TimeSpan.Zero && value.TotalMilliseconds <= int.MaxValue)
            ? value
            : throw new ArgumentOutOfRangeException(
                nameof(value),
                value,
                $"{nameof(ExitTimeout)}: Expected zero to 24 days, or Timeout.InfiniteTimeSpan, got {value}.");
    } = TimeSpan.FromSeconds(5);
}
