using System.Net.Sockets;
using Multiprocess.Transports;

namespace Multiprocess.Tests.Transports;

[TestFixture]
internal sealed class SocketTransportTests : TransportConformance
{
    protected override (Transport Here, Transport There) CreatePair()
    {
        (Socket here, Socket there) = ConnectedSockets.Create();
        return (
            new SocketTransport(here, PeerCredentials.Unknown, "here"),
            new SocketTransport(there, PeerCredentials.Unknown, "there"));
    }
}
