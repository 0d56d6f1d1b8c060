namespace Multiprocess.Processes;

/// <summary>What to start as a child process.</summary>
/// <param name="Program">A path, or the bare name of a program in the directory of this process's executable.</param>
internal sealed record ChildLaunch(string Program)
{
    /// <summary>
    /// Passed before <c>-ipcfd</c> and its value; usually none, because settings are passed over the connection.
    /// </summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>Differences from this process's environment; null removes a variable.</summary>
    public IReadOnlyDictionary<string, string?>? Environment { get; init; }

    /// <summary>
    /// How much of the end of the child's standard error is kept, in bytes. With 0, and without
    /// <see cref="ErrorLine"/>, the child uses this process's standard error.
    /// </summary>
    public int ErrorTailBytes { get; init; }

    /// <summary>
    /// Receives each line of the child's standard output; null lets the child use this process's standard output.
    /// </summary>
    public Action<string>? OutputLine { get; init; }

    /// <summary>
    /// Receives each line of the child's standard error; null copies it to this process's standard error.
    /// </summary>
    public Action<string>? ErrorLine { get; init; }

    /// <summary>Whether this process reads the child's standard error.</summary>
    public bool ReadsErrors => ErrorTailBytes > 0 || ErrorLine is not null;

    /// <summary>Opens the destination of the child's standard error when this process reads it.</summary>
    public Stream OpenErrors() => ErrorLine is { } take ? new LineStream(take) : System.Console.OpenStandardError();

    /// <summary>The child's working directory; null for the current directory.</summary>
    public string? WorkingDirectory { get; init; }

    /// <summary>Confines the child; null for none.</summary>
    public IpcSandbox? Sandbox { get; init; }

    /// <summary>Rejects texts that the system would cut off or misinterpret.</summary>
    /// <exception cref="ArgumentException">A text cannot be passed to a program.</exception>
    public void Check()
    {
        CheckText(Program, "The program's name");
        CheckText(WorkingDirectory ?? string.Empty, "The working directory");
        foreach (string argument in Arguments)
        {
            CheckText(argument, "An argument");
        }

        foreach ((string name, string? value) in Environment ?? new Dictionary<string, string?>())
        {
            CheckText(name, "The name of a variable");
            CheckText(value ?? string.Empty, $"The value of the variable '{IpcText.Escape(name)}'");
            if (name.Length == 0 || name.Contains('=', StringComparison.Ordinal))
            {
                throw new ArgumentException(
                    $"A variable cannot have the name '{IpcText.Escape(name)}': it is empty or holds an equals sign.");
            }
        }
    }

    private static void CheckText(string? text, string what)
    {
        if (text is null || text.Contains('\0', StringComparison.Ordinal))
        {
            throw new ArgumentException(
                text is null
                    ? $"{what} is null."
                    : $"{what} holds a NUL character, at which the system would cut it off.");
        }
    }
}
