using Multiprocess.Transports;

namespace Multiprocess.Tests.Transports;

[TestFixture]
internal sealed class InMemoryTransportTests : TransportConformance
{
    protected override (Transport Here, Transport There) CreatePair() => InMemoryTransport.CreatePair();
}

[TestFixture]
internal sealed class NarrowInMemoryTransportTests : TransportConformance
{
    protected override (Transport Here, Transport There) CreatePair()
        => InMemoryTransport.CreatePair(bufferBytes: 40_000);
}
