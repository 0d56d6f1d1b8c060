using System.Net.Sockets;
using Multiprocess.Tests.Support;
using Multiprocess.Transports;
using Multiprocess.Transports.Tls;

namespace Multiprocess.Tests.Transports;

[TestFixture]
internal sealed class TlsTransportTests : TransportConformance
{
    // What matters here is that the data and the ends are right; encryption allocates.
    protected override long AllowedBytesPerThousand => long.MaxValue;

    protected override bool LearnsOfTheEndBySending => true;

    protected override (Transport Here, Transport There) CreatePair()
    {
        (Socket here, Socket there) = ConnectedSockets.CreateTcp();
        TestThread<TlsTransport> accepting = TestThread.Start(
            () => TlsTransport.Accept(
                there,
                new TlsTrust(Certificates.Pinned(Certificates.Server, Certificates.Client), TimeProvider.System),
                Patience.Bound,
                "tcp client"));
        TlsTransport client = TlsTransport.Connect(
            here,
            "localhost",
            new TlsTrust(Certificates.Pinned(Certificates.Client, Certificates.Server), TimeProvider.System),
            Patience.Bound,
            "tcp server");
        return (client, accepting.Join());
    }
}
