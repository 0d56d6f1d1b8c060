using Multiprocess;

namespace Bitcoin.Interfaces;

/// <summary>
/// An error that a JSON-RPC client sees with its code; it crosses as it is, whichever process runs the method.
/// </summary>
[IpcFault]
public sealed class RpcException : Exception
{
    /// <summary>An error with one of the codes of <see cref="RpcErrorCode"/>.</summary>
    public RpcException(int code, string message)
        : base(message) => Code = code;

    /// <summary>What went wrong; negative.</summary>
    public int Code { get; }
}
