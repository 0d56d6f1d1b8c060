namespace Bitcoin.Hosting;

/// <summary>A program cannot go on; the message is for the user.</summary>
public sealed class HostException : Exception
{
    /// <summary>A reason.</summary>
    public HostException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }

    /// <summary>
    /// Whether the user would be asked what to do, if there were somebody to ask: the message stands alone then.
    /// </summary>
    public bool IsQuestion { get; init; }
}
