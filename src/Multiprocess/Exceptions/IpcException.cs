namespace Multiprocess;

/// <summary>The failure of a call or of a connection between processes.</summary>
/// <remarks>
/// What a method itself threw arrives as what it threw, where the type can cross. An <see cref="IpcException"/> is a
/// failure of the crossing; <see cref="Kind"/> says which, and with it whether the remote side may have run the call.
/// </remarks>
public class IpcException : Exception
{
    /// <summary>Creates the exception.</summary>
    public IpcException(IpcErrorKind kind, string message, Exception? innerException = null)
        : base(message, innerException) => Kind = kind;

    /// <summary>What went wrong, and what the caller may do about it.</summary>
    public IpcErrorKind Kind { get; }
}
