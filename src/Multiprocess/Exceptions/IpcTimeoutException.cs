namespace Multiprocess;

/// <summary>
/// A time limit passed before the answer came. The remote side may have run the call, or still be running it.
/// </summary>
public class IpcTimeoutException : IpcException
{
    /// <summary>Creates the exception.</summary>
    public IpcTimeoutException(string message, Exception? innerException = null)
        : base(IpcErrorKind.TimedOut, message, innerException)
    {
    }
}
