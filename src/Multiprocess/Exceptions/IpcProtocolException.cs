namespace Multiprocess;

/// <summary>The peer sent what the protocol does not allow; the connection ends. The remote side may have run the call.</summary>
public class IpcProtocolException : IpcException
{
    /// <summary>Creates the exception.</summary>
    public IpcProtocolException(string message, Exception? innerException = null)
        : base(IpcErrorKind.Protocol, message, innerException)
    {
    }

    /// <summary>
    /// Where in a message there was nil although the declaration of this side admits no null, in bytes; -1 right before the place
    /// at which the reader stands, and null where it was something else. Well-formed, and most likely of another version.
    /// </summary>
    internal int? NilAt { get; init; }
}
