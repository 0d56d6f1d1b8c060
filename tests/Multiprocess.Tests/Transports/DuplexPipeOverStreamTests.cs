using System.IO.Pipelines;
using System.Net.Sockets;
using Multiprocess.Transports;

namespace Multiprocess.Tests.Transports;

/// <summary>Pipes over a network stream: what a user's own <see cref="IDuplexPipe"/> looks like.</summary>
[TestFixture]
internal sealed class DuplexPipeOverStreamTests : TransportConformance
{
    // The base library's asynchronous reads allocate; what matters here is that the data and the ends are right.
    protected override long AllowedBytesPerThousand => long.MaxValue;

    protected override (Transport Here, Transport There) CreatePair()
    {
        (Socket here, Socket there) = ConnectedSockets.Create();
        return (Over(here), Over(there));
    }

    private static DuplexPipeTransport Over(Socket socket)
    {
        NetworkStream stream = new(socket, ownsSocket: true);
        return new DuplexPipeTransport(new StreamEnds(stream), PeerCredentials.Unknown, "stream");
    }

    private sealed class StreamEnds(Stream stream) : IDuplexPipe
    {
        public PipeReader Input { get; } = PipeReader.Create(stream);

        public PipeWriter Output { get; } = PipeWriter.Create(stream);
    }
}
