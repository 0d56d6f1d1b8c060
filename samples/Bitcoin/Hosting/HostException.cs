namespace Bitcoin.Hosting;

/// <summary>A program cannot continue. The message is for the user.</summary>
public sealed class HostException : Exception
{
    /// <summary>Creates the exception with its reason.</summary>
    public HostException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }

    /// <summary>
    /// Whether Bitcoin Core would ask the user a question here. The message is then shown without a prefix.
    /// </summary>
    public bool IsQuestion { get; init; }
}
