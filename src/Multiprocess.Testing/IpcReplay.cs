namespace Multiprocess;

/// <summary>The result of a replay. Immutable.</summary>
public sealed class IpcReplay
{
    internal IpcReplay(IpcTraffic traffic, int missing, Exception? error)
    {
        Traffic = traffic;
        MissingAnswers = missing;
        Error = error;
    }

    /// <summary>
    /// The traffic of the replay in both directions, including the Hello messages, in the order in which the client's
    /// end saw it.
    /// </summary>
    public IpcTraffic Traffic { get; }

    /// <summary>The frames that the server sent, in order, its Hello first.</summary>
    public IEnumerable<IpcTrafficFrame> Answers => Traffic.Frames.Where(frame => !frame.IsFromClient);

    /// <summary>
    /// How many calls and answers of the recording did not arrive, within the patience or before the connection ended.
    /// </summary>
    public int MissingAnswers { get; }

    /// <summary>Why the connection ended, or could not be opened; null when it ended in order.</summary>
    public Exception? Error { get; }
}
