namespace Bitcoin.Rpc;

/// <summary>
/// Whoever runs the method is gone; the message says so to the client, unless another process has the method too.
/// </summary>
public sealed class RpcUnavailableException(string message) : Exception(message);
