namespace Multiprocess;

/// <summary>The peer sent what the protocol does not allow; the connection ends. The remote side may have run the call.</summary>
public class IpcProtocolException : IpcException
{
    /// <summary>Creates the exception.</summary>
    public IpcProtocolException(string message, Exception? innerException = null)
        : base(IpcErrorKind.Protocol, message, innerException)
    {
    }

    /// <summary>Whether it is nil where the declaration of this side admits no null: well-formed, and most likely of another version.</summary>
    internal bool IsNil { get; init; }
}
