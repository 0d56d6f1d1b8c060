namespace Multiprocess;

/// <summary>
/// The connection was lost: the peer ended, closed it, or could not be reached. The remote side may have run the call.
/// </summary>
public class IpcDisconnectedException : IpcException
{
    /// <summary>Creates the exception.</summary>
    public IpcDisconnectedException(string message, Exception? innerException = null)
        : base(IpcErrorKind.Disconnected, message, innerException)
    {
    }
}
