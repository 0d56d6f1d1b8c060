namespace Multiprocess;

/// <summary>How a child process is started, ended, and talked to.</summary>
public record IpcSpawnOptions : IpcConnectionOptions
{
    /// <summary>Further arguments for the child, before <c>-ipcfd n</c>. Default none: settings go over the first call.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>What differs from this process's environment; null removes a variable. Default nothing.</summary>
    public IReadOnlyDictionary<string, string?>? Environment { get; init; }

    /// <summary>Where the child starts. Default null: this process's current directory.</summary>
    public string? WorkingDirectory { get; init; }

    /// <summary>How long the child may take to end after its connection was closed, before it is killed. Default 5 seconds.</summary>
    public TimeSpan ExitTimeout { get; init; } = TimeSpan.FromSeconds(5);
}
