namespace Multiprocess.Hosting;

/// <summary>
/// How a supervised child runs under a host. Bound from a configuration section if the child is added with a section.
/// </summary>
/// <remarks>Read once, when the host starts.</remarks>
public sealed class IpcHostedChildOptions
{
    /// <summary>
    /// The program: a bare name is looked up beside this process's own executable, or a path. Default: the name of the
    /// child.
    /// </summary>
    public string Program { get; set; } = string.Empty;

    /// <summary>
    /// How to start, connect and end each child. Without a logger factory, the options get the host's. Without
    /// <see cref="IpcSpawnOptions.OutputLine"/> and <see cref="IpcSpawnOptions.ErrorLine"/>, the child's lines are
    /// logged. In configuration: <c>Spawn:ConnectTimeout</c> and so on.
    /// </summary>
    public IpcSpawnOptions Spawn { get; set; } = new();

    /// <summary>When to restart the child. In configuration: <c>Restart:MaxRestarts</c> and so on.</summary>
    public IpcRestartPolicy Restart { get; set; } = new();

    /// <summary>
    /// Whether the child's program serves with this package's <c>UseIpcParent</c>. Default true. Set false for a
    /// program that serves with <see cref="IpcParent"/>: such a child gets no configuration, sends no log records, and
    /// ends when its connection is closed.
    /// </summary>
    public bool IsHosted { get; set; } = true;

    /// <summary>
    /// Sections of this process's configuration to send to the child with its first call. The child's configuration
    /// gets them under the same paths. Default none. They cross over the connection, not through arguments, environment
    /// variables or files.
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
    /// How long the child's host may take to stop before the child is killed. Default infinite: as long as the shutdown
    /// time-out of this host allows. Zero to 24 days, or infinite.
    /// </summary>
    public TimeSpan StopTimeout { get; set; } = Timeout.InfiniteTimeSpan;

    /// <summary>
    /// Whether this host stops when the child is no longer restarted, or has ended by itself. Default false: calls
    /// fail, and the health check reports it.
    /// </summary>
    public bool StopHostWhenGone { get; set; }

    internal static bool IsWait(TimeSpan time)
        => time == Timeout.InfiniteTimeSpan || (time >= TimeSpan.Zero && time.TotalMilliseconds <= int.MaxValue);
}
