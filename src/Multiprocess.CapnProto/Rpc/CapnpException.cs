namespace Multiprocess.CapnProto.Rpc;

/// <summary>
/// The exception of a method on the other side of a Cap'n Proto connection: one of four types, and a text. A method may
/// throw it itself, to choose the type.
/// </summary>
/// <remarks><see cref="Type"/> says whether the remote side may have run the call.</remarks>
public class CapnpException : IpcException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="type">What the exception says about the call.</param>
    /// <param name="message">The text.</param>
    /// <param name="innerException">The cause, if any. It does not cross.</param>
    public CapnpException(CapnpExceptionType type, string message, Exception? innerException = null)
        : base(KindOf(type), message, innerException) => Type = type;

    /// <summary>What the exception says about the call.</summary>
    public CapnpExceptionType Type { get; }

    /// <summary>The type with which an exception is sent.</summary>
    internal static CapnpExceptionType TypeOf(Exception exception) => exception switch
    {
        CapnpException capnp => capnp.Type,
        IpcException { Kind: IpcErrorKind.Disconnected } => CapnpExceptionType.Disconnected,
        IpcException { Kind: IpcErrorKind.MethodMissing } => CapnpExceptionType.Unimplemented,
        IpcException { Kind: IpcErrorKind.LimitExceeded } => CapnpExceptionType.Overloaded,
        NotImplementedException => CapnpExceptionType.Unimplemented,
        _ => CapnpExceptionType.Failed,
    };

    private static IpcErrorKind KindOf(CapnpExceptionType type) => type switch
    {
        CapnpExceptionType.Overloaded => IpcErrorKind.LimitExceeded,
        CapnpExceptionType.Disconnected => IpcErrorKind.Disconnected,
        CapnpExceptionType.Unimplemented => IpcErrorKind.MethodMissing,
        _ => IpcErrorKind.Remote,
    };
}
