namespace Multiprocess.Hosting;

/// <summary>
/// How a supervised child runs under a host. Bound from a configuration section where the child is added with one.
/// </summary>
/// <remarks>Read once, when the host starts.</remarks>
public sealed class IpcHostedChildOptions
{
    /// <summary>
    /// A bare name of a program beside this process's own executable, or a path. Default the name of the child.
    /// </summary>
    public string Program { get; set; } = string.Empty;

    /// <summary>
    /// How to start, end and talk to each child. Without a logger factory it gets the host's; without <see
    /// cref="IpcSpawnOptions.OutputLine"/> and <see cref="IpcSpawnOptions.ErrorLine"/> the child's lines are logged. In
    /// configuration: <c>Spawn:ConnectTimeout</c> and so on.
    /// </summary>
    public IpcSpawnOptions Spawn { get; set; } = new();

    /// <summary>When to start the child again. In configuration: <c>Restart:MaxRestarts</c> and so on.</summary>
    public IpcRestartPolicy Restart { get; set; } = new();

    /// <summary>
    /// Whether the child's program serves with <c>UseIpcParent</c> of this package. Default true. False for one that
    /// serves with <see cref="IpcParent"/>: such a child gets no configuration, sends no log records, and is ended by
    /// the end of its connection.
    /// </summary>
    public bool IsHosted { get; set; } = true;

    /// <summary>
    /// Sections of this process's configuration that the child's configuration gets, under the same paths, on its first
    /// call. Default none. They pass over the connection, not through arguments, environment or files.
    /// </summary>
    public IList<string> ConfigurationSections { get; } = [];

    /// <summary>Whether the child's log records are logged here. Default true.</summary>
    public bool ForwardLogs { get; set; } = true;

    /// <summary>
    /// How long a hosted child may take from its connection until its host has started. Default 30 seconds; positive,
    /// at most 24 days, or infinite.
    /// </summary>
    public TimeSpan StartTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How long the child's host may take to stop, before the child is killed. Default infinite: as long as this host's
    /// own shutdown time-out allows. Zero to 24 days, or infinite.
    /// </summary>
    public TimeSpan StopTimeout { get; set; } = Timeout.InfiniteTimeSpan;

    /// <summary>
    /// Whether this host stops when the child is not started again any more, or has ended by itself. Default false:
    /// calls fail, and the health check says so.
    /// </summary>
    public bool StopHostWhenGone { get; set; }

    internal static bool IsWait(TimeSpan time)
        => time == Timeout.InfiniteTimeSpan || (time >= TimeSpan.Zero && time.TotalMilliseconds <= int.MaxValue);
}
