namespace Multiprocess.Processes;

/// <summary>
/// A child process of this process, from its start until it is reaped. All members may be called from any thread.
/// </summary>
internal abstract class ChildProcess
{
    private const int KillSignal = 9;

    /// <param name="id">The process id.</param>
    /// <param name="program">The path that was started.</param>
    /// <param name="output">
    /// Reads the child's standard output; null when the child uses this process's standard output.
    /// </param>
    /// <param name="errors">
    /// Reads the child's standard error; null when the child uses this process's standard error.
    /// </param>
    protected ChildProcess(int id, string program, ChildOutput? output, ChildOutput? errors)
    {
        Id = id;
        Program = program;
        Output = output;
        Errors = errors;
    }

    /// <summary>The process id. After the child's end the system may reuse it for another process.</summary>
    public int Id { get; }

    /// <summary>The path that was started.</summary>
    public string Program { get; }

    /// <summary>Reads the child's standard output; null when this process does not read it.</summary>
    public ChildOutput? Output { get; }

    /// <summary>Reads the child's standard error and keeps its end; null when this process does not read it.</summary>
    public ChildOutput? Errors { get; }

    /// <summary>Completes when the process has been reaped. Never fails.</summary>
    public abstract Task<ChildExit> Exited { get; }

    /// <summary>Sends a signal, unless the process has been reaped.</summary>
    /// <returns>Whether it was sent.</returns>
    public abstract bool Kill(int signal = KillSignal);

    /// <summary>
    /// Waits until the process has been reaped, without using the thread pool; for ever if the limit is infinite.
    /// </summary>
    /// <returns>False when the time ran out.</returns>
    public abstract bool Wait(TimeSpan limit);
}
