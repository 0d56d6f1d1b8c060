namespace Multiprocess;

/// <summary>The remote method threw an exception whose type does not cross. The remote side ran the call.</summary>
public class IpcRemoteException : IpcException
{
    /// <summary>Creates the exception.</summary>
    public IpcRemoteException(string remoteType, string remoteMessage, string? remoteStackTrace, Exception? innerException = null)
        : base(IpcErrorKind.Remote, $"{remoteType}: {remoteMessage}", innerException)
    {
        RemoteType = remoteType;
        RemoteMessage = remoteMessage;
        RemoteStackTrace = remoteStackTrace;
    }

    /// <summary>The full name of the exception's type on the side that threw it.</summary>
    public string RemoteType { get; }

    /// <summary>The exception's message on the side that threw it.</summary>
    public string RemoteMessage { get; }

    /// <summary>The stack of the side that threw it, or null when that side does not send stacks.</summary>
    public string? RemoteStackTrace { get; }
}
