namespace Multiprocess.Transports;

/// <summary>What to start as a child process.</summary>
/// <param name="Program">A path, or a bare name of a program beside this process's own executable.</param>
internal sealed record ChildLaunch(string Program)
{
    /// <summary>Passed before <c>-ipcfd</c> and its value; normally none, because settings go over the connection.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>What differs from this process's environment; a null value removes the variable.</summary>
    public IReadOnlyDictionary<string, string?>? Environment { get; init; }

    /// <summary>How much of the end of its standard error is kept, in bytes; 0 leaves it this process's own, unread.</summary>
    public int ErrorTailBytes { get; init; }

    /// <summary>Where the child starts; null for the current directory.</summary>
    public string? WorkingDirectory { get; init; }
}
