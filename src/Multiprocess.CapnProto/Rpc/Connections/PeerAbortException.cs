namespace Multiprocess.CapnProto.Rpc.Connections;

/// <summary>The peer says that this side has broken the protocol. It is not told so in turn.</summary>
internal sealed class PeerAbortException(string message) : IpcProtocolException(message);
