using Multiprocess;

namespace Bitcoin.Interfaces;

/// <summary>
/// An error that a JSON-RPC client sees, with its code. It crosses processes unchanged.
/// </summary>
[IpcFault]
public sealed class RpcException : Exception
{
    /// <summary>An error with one of the codes of <see cref="RpcErrorCode"/>.</summary>
    public RpcException(int code, string message)
        : base(message) => Code = code;

    /// <summary>The error code; negative.</summary>
    public int Code { get; }
}
