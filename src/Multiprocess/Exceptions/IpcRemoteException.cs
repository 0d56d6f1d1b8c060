namespace Multiprocess;

/// <summary>The remote method threw an exception whose type does not cross. The remote side ran the call.</summary>
/// <remarks>A type of one's own crosses as itself when it is marked <see cref="IpcFaultAttribute"/> in an assembly that both sides have loaded.</remarks>
public class IpcRemoteException : IpcException
{
    /// <summary>Creates the exception.</summary>
    public IpcRemoteException(string remoteType, string remoteMessage, string? remoteStackTrace, Exception? innerException = null)
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

    /// <summary>The stack of the side that threw it, or null when that side does not send stacks.</summary>
    public string? RemoteStackTrace { get; }

    /// <summary>What lets the type cross as itself; nothing for the framework's types, which nobody can mark.</summary>
    private static string Advice(string remoteType)
        => remoteType.StartsWith("System.", StringComparison.Ordinal) || remoteType.StartsWith("Microsoft.", StringComparison.Ordinal)
            ? ""
            : " (To catch it as itself, mark the exception [IpcFault] in an assembly that both sides load.)";
}
