namespace Bitcoin.Rpc;

/// <summary>
/// The process that runs the method is gone. The client sees the message, unless another process has the method too.
/// </summary>
public sealed class RpcUnavailableException(string message) : Exception(message);
