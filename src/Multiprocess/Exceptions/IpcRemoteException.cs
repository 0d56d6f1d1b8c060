namespace Multiprocess;

/// <summary>
/// The remote method threw an exception whose type cannot be transferred. The remote side ran the call.
/// </summary>
/// <remarks>
/// To catch your own exception type as itself, mark it <see cref="IpcFaultAttribute"/> in an assembly that both sides
/// load.
/// </remarks>
public class IpcRemoteException : IpcException
{
    /// <summary>Creates the exception.</summary>
    public IpcRemoteException(
        string remoteType,
        string remoteMessage,
        string? remoteStackTrace,
        Exception? innerException = null)
        : base(IpcErrorKind.Remote, $"{remoteType}: {remoteMessage}{Advice(remoteType)}", innerException)
    {
        RemoteType = remoteType;
        RemoteMessage = remoteMessage;
        RemoteStackTrace = remoteStackTrace;
    }

    /// <summary>The full name of the exception's type on the side that threw it.</summary>
    public string RemoteType { get; }

    /// <summary>The exception's message on the side that threw it.</summary>
    public string RemoteMessage { get; }

    /// <summary>The stack trace on the side that threw it, or null when that side does not send stack traces.</summary>
    public string? RemoteStackTrace { get; }

    /// <summary>How to make the type transferable; empty for framework types, which cannot be marked.</summary>
    private static string Advice(string remoteType)
        => remoteType.StartsWith("System.", StringComparison.Ordinal)
            || remoteType.StartsWith("Microsoft.", StringComparison.Ordinal)
            ? ""
            : " (To catch it as itself, mark the exception [IpcFault] in an assembly that both sides load.)";
}
