namespace Multiprocess.CapnProto.Rpc.Connections;

/// <summary>The peer reports that this side broke the protocol. No Abort is sent in return.</summary>
internal sealed class PeerAbortException(string message) : IpcProtocolException(message);
