namespace Multiprocess.Processes;

/// <summary>What to start as a child process.</summary>
/// <param name="Program">A path, or a bare name of a program beside this process's own executable.</param>
internal sealed record ChildLaunch(string Program)
{
    /// <summary>Passed before <c>-ipcfd</c> and its value; normally none, because settings go over the connection.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>What differs from this process's environment; a null value removes the variable.</summary>
    public IReadOnlyDictionary<string, string?>? Environment { get; init; }

    /// <summary>How much of the end of its standard error is kept, in bytes; 0 leaves it this process's own, unread, unless somebody takes its lines.</summary>
    public int ErrorTailBytes { get; init; }

    /// <summary>Gets each line of its standard output; null leaves it this process's own, unread.</summary>
    public Action<string>? OutputLine { get; init; }

    /// <summary>Gets each line of its standard error; null hands it on to this process's own.</summary>
    public Action<string>? ErrorLine { get; init; }

    /// <summary>Whether its standard error is read here.</summary>
    public bool ReadsErrors => ErrorTailBytes > 0 || ErrorLine is not null;

    /// <summary>Where its standard error goes that is read here.</summary>
    public Stream OpenErrors() => ErrorLine is { } take ? new LineStream(take) : System.Console.OpenStandardError();

    /// <summary>Where the child starts; null for the current directory.</summary>
    public string? WorkingDirectory { get; init; }

    /// <summary>Refuses what the system would cut off or take for something else.</summary>
    /// <exception cref="ArgumentException">A text cannot be handed to a program.</exception>
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
                throw new ArgumentException($"A variable cannot have the name '{IpcText.Escape(name)}': it is empty or holds an equals sign.");
            }
        }
    }

    private static void CheckText(string? text, string what)
    {
        if (text is null || text.Contains('\0', StringComparison.Ordinal))
        {
            throw new ArgumentException(text is null ? $"{what} is null." : $"{what} holds a NUL character, at which the system would cut it off.");
        }
    }
}
