namespace Multiprocess;

/// <summary>A child has ended, or could not be started, and will be started again.</summary>
/// <param name="exit">How it ended; null when it could not be started.</param>
/// <param name="attempt">Which restart within the policy's window follows, from 1.</param>
/// <param name="delay">How long is waited before it.</param>
/// <param name="reason">Why, in a sentence.</param>
public sealed class IpcRestartEventArgs(IpcChildExit? exit, int attempt, TimeSpan delay, string reason) : EventArgs
{
    /// <summary>How the child ended, with the end of its standard error; null when it could not be started.</summary>
    public IpcChildExit? Exit { get; } = exit;

    /// <summary>Which restart within <see cref="IpcRestartPolicy.Window"/> follows, from 1.</summary>
    public int Attempt { get; } = attempt;

    /// <summary>How long is waited before it.</summary>
    public TimeSpan Delay { get; } = delay;

    /// <summary>Why, in a sentence.</summary>
    public string Reason { get; } = reason;
}
