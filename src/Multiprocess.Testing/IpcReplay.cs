namespace Multiprocess;

/// <summary>What came of a replay. Immutable.</summary>
public sealed class IpcReplay
{
    internal IpcReplay(IpcTraffic traffic, int missing, Exception? error)
    {
        Traffic = traffic;
        MissingAnswers = missing;
        Error = error;
    }

    /// <summary>What crossed this time, in both directions, in the order in which the client's end saw it, Hellos included.</summary>
    public IpcTraffic Traffic { get; }

    /// <summary>What the server sent, in order, its Hello first.</summary>
    public IEnumerable<IpcTrafficFrame> Answers => Traffic.Frames.Where(frame => !frame.IsFromClient);

    /// <summary>How many calls and answers of the recording's did not come, within the patience or before the connection ended.</summary>
    public int MissingAnswers { get; }

    /// <summary>Why the connection ended, or could not be opened; null when it ended in good order.</summary>
    public Exception? Error { get; }
}
