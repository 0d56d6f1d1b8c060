using Multiprocess.Benchmarks.Contracts;
using Multiprocess.Benchmarks.Measuring;

namespace Multiprocess.Benchmarks.Peers;

/// <summary>The process that is called: this same program, as a child.</summary>
internal sealed class Server : IDisposable
{
    private const string Program = "multiprocess-bench";

    private readonly IpcChildProcess<IBenchmark> _child;

    /// <param name="placement">Where the process runs.</param>
    /// <param name="transport">How its messages are carried.</param>
    public Server(Placement placement, IpcLocalTransport transport = IpcLocalTransport.Socket)
    {
        _child = Start(placement, transport);
        Root.Register(new Caller(Root));
    }

    public IBenchmark Root => _child.Root;

    /// <summary>A raw connection to the same process.</summary>
    public RawSocket ConnectRaw(int messageBytes, bool allocate = false)
        => RawSocket.Accept(path => Root.AnswerRaw(path, messageBytes, allocate));

    /// <summary>Processor time that both processes have used.</summary>
    public double ProcessorSeconds() => Environment.CpuUsage.TotalTime.TotalSeconds + Root.ProcessorSeconds();

    public void Dispose() => _child.Dispose();

    /// <summary>Starts the process and does nothing more.</summary>
    public static IpcChildProcess<IBenchmark> Start(
        Placement placement,
        IpcLocalTransport transport = IpcLocalTransport.Socket)
        => Affinity.Start(
            placement.ServerCore,
            () => IpcChildProcess.Spawn<IBenchmark>(Program, new IpcSpawnOptions { LocalTransport = transport }));

    /// <summary>What the child does.</summary>
    public static bool TryServe(string[] args, out int exitCode)
        => IpcParent.TryServe<IBenchmark>(
            args,
            _ => new BenchmarkTarget(),
            out exitCode,
            new IpcConnectionOptions { LocalTransport = IpcLocalTransport.Auto });
}
