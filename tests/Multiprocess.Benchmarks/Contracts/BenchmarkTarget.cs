using Multiprocess.Benchmarks.Measuring;
using Multiprocess.Benchmarks.Peers;
using Multiprocess.CapnProto;

namespace Multiprocess.Benchmarks.Contracts;

/// <summary>The server's root.</summary>
internal sealed class BenchmarkTarget : IBenchmark
{
    // Until the process ends.
    private static readonly List<IpcServer> s_servers = [];

    private static readonly List<CapnpServer> s_capnpServers = [];

    private ICaller? _caller;

    public int Add(int a, int b) => a + b;

    public Task<int> AddAsync(int a, int b) => Task.FromResult(a + b);

    public void Register(ICaller caller) => _caller = caller;

    public int Nest(int depth) => depth == 0 ? 1 : 1 + _caller!.Nest(depth - 1);

    public INode MakeNode() => new Node();

    public byte[] EchoArray(byte[] bytes) => bytes;

    public void Echo(ReadOnlySpan<byte> bytes) => _caller!.Take(bytes);

    public void AnswerRaw(string path, int messageBytes, bool allocate)
        => RawSocket.Connect(path).Answer(messageBytes, allocate);

    public void ServeHandover(string address)
        => s_servers.Add(IpcServer.Listen<IHandover>(address, _ => new Handover()));

    public void ServeCapnp(string address)
        => s_capnpServers.Add(CapnpServer.Listen<IBenchmark>(address, _ => new BenchmarkTarget()));

    public double ProcessorSeconds() => Environment.CpuUsage.TotalTime.TotalSeconds;

    public long AllocatedBytes() => GC.GetAllocatedBytesForCurrentThread();

    public long AllocatedBytesOfAll() => GC.GetTotalAllocatedBytes(precise: true);

    public long LiveBytes() => Memory.LiveBytes();

    private sealed class Node : INode
    {
        public void Dispose()
        {
        }
    }
}
