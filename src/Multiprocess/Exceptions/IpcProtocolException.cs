namespace Multiprocess;

/// <summary>The peer sent what the protocol does not allow; the connection ends. The remote side may have run the call.</summary>
public class IpcProtocolException : IpcException
{
    /// <summary>Creates the exception.</summary>
    public IpcProtocolException(string message, Exception? innerException = null)
        : base(IpcErrorKind.Protocol, message, innerException)
    {
    }
}
