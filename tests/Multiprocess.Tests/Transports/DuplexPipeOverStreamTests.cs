using System.IO.Pipelines;
using System.Net.Sockets;
using Multiprocess.Transports;
using Nerdbank.Streams;

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
        return Endpoint.Over(
            new DuplexPipe(PipeReader.Create(stream), PipeWriter.Create(stream)),
            null,
            IpcConnection.OwnPipe,
            new IpcConnectionOptions());
    }
}

/// <summary>A user's own <see cref="Stream"/>, over a socket.</summary>
[TestFixture]
internal sealed class OwnStreamTests : TransportConformance
{
    protected override long AllowedBytesPerThousand => long.MaxValue;

    protected override bool LearnsOfTheEndBySending => true;

    protected override int QuietMilliseconds => 1000;

    protected override (Transport Here, Transport There) CreatePair()
    {
        (Socket here, Socket there) = ConnectedSockets.Create();
        return (Over(new NetworkStream(here, ownsSocket: true)), Over(new NetworkStream(there, ownsSocket: true)));
    }

    internal static DuplexPipeTransport Over(Stream stream)
    {
        OwnStream own = new(stream);
        return Endpoint.Over(own.Pipe, null, OwnStream.Description, new IpcConnectionOptions(), own.EndSoon);
    }
}

/// <summary>A user's own <see cref="Stream"/>, over memory.</summary>
[TestFixture]
internal sealed class OwnMemoryStreamTests : TransportConformance
{
    // A stream in memory takes what its far end will never read.
    protected override bool TellsSendersOfTheEnd => false;

    protected override long AllowedBytesPerThousand => long.MaxValue;

    protected override bool LearnsOfTheEndBySending => true;

    protected override int QuietMilliseconds => 1000;

    protected override (Transport Here, Transport There) CreatePair()
    {
        (Stream here, Stream there) = FullDuplexStream.CreatePair();
        return (OwnStreamTests.Over(here), OwnStreamTests.Over(there));
    }
}
