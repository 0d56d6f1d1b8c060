namespace Multiprocess;

/// <summary>A child has ended, or could not be started, and will be started again.</summary>
/// <param name="exit">How the child ended; null when it could not be started.</param>
/// <param name="attempt">The number of the next restart within the policy's window, from 1.</param>
/// <param name="delay">The wait before that restart.</param>
/// <param name="reason">The reason, in one sentence.</param>
public sealed class IpcRestartEventArgs(IpcChildExit? exit, int attempt, TimeSpan delay, string reason) : EventArgs
{
    /// <summary>
    /// How the child ended, with the end of its standard error output; null when it could not be started.
    /// </summary>
    public IpcChildExit? Exit { get; } = exit;

    /// <summary>The number of the next restart within <see cref="IpcRestartPolicy.Window"/>, from 1.</summary>
    public int Attempt { get; } = attempt;

    /// <summary>The wait before that restart.</summary>
    public TimeSpan Delay { get; } = delay;

    /// <summary>The reason, in one sentence.</summary>
    public string Reason { get; } = reason;
}
