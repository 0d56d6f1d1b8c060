namespace Multiprocess.Processes;

/// <summary>A child process of this one, from its start until it is reaped. All members may be called from any thread.</summary>
internal abstract class ChildProcess
{
    private const int KillSignal = 9;

    /// <param name="id">Its number.</param>
    /// <param name="program">What was started.</param>
    /// <param name="output">What reads its standard output; null when it has this process's own.</param>
    /// <param name="errors">What reads its standard error; null when it has this process's own.</param>
    protected ChildProcess(int id, string program, ChildOutput? output, ChildOutput? errors)
    {
        Id = id;
        Program = program;
        Output = output;
        Errors = errors;
    }

    /// <summary>The process id. After the end the system may give it to another process.</summary>
    public int Id { get; }

    /// <summary>The path that was started.</summary>
    public string Program { get; }

    /// <summary>What reads its standard output; null when that is not read here.</summary>
    public ChildOutput? Output { get; }

    /// <summary>The end of what it wrote to standard error; null when that is not read here.</summary>
    public ChildOutput? Errors { get; }

    /// <summary>Ends when the process has been reaped. Never faulted.</summary>
    public abstract Task<ChildExit> Exited { get; }

    /// <summary>Sends a signal, unless the process has been reaped.</summary>
    /// <returns>Whether it was sent.</returns>
    public abstract bool Kill(int signal = KillSignal);

    /// <summary>Waits until the process has been reaped, for ever if the limit is infinite, without the help of the thread pool.</summary>
    /// <returns>False when the time ran out.</returns>
    public abstract bool Wait(TimeSpan limit);
}
