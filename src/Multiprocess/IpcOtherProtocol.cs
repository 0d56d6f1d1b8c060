using Multiprocess.Connections;
using Multiprocess.Transports;

namespace Multiprocess;

/// <summary>
/// A protocol that a server speaks beside its own, on the same socket: <see cref="IpcServerOptions.OtherProtocol"/>.
/// </summary>
/// <remarks>
/// <c>Multiprocess.CapnProto</c> has one: <c>CapnpProtocol.Serving</c>. Programs cannot derive from this class.
/// </remarks>
public abstract class IpcOtherProtocol
{
    internal IpcOtherProtocol()
    {
    }

    /// <summary>The type of the root, for <see cref="IpcServerOptions.Authorize"/>.</summary>
    internal abstract Type RootType { get; }

    /// <summary>
    /// Serves a connection, on the calling thread until its root exists. Takes over the transport, also when it
    /// throws.
    /// </summary>
    internal abstract OtherConnection Serve(Transport transport, IpcPeer peer);
}
