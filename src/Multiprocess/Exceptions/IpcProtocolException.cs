namespace Multiprocess;

/// <summary>The peer violated the protocol; the connection ends. The remote side may have run the call.</summary>
public class IpcProtocolException : IpcException
{
    /// <summary>Creates the exception.</summary>
    public IpcProtocolException(string message, Exception? innerException = null)
        : base(IpcErrorKind.Protocol, message, innerException)
    {
    }

    /// <summary>
    /// True when the value is nil although this side's declaration does not allow null. The message is well-formed, so
    /// the peer most likely has another version.
    /// </summary>
    internal bool IsNil { get; init; }
}
