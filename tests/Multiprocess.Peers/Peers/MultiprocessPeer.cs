using Multiprocess.Benchmarks.Measuring;

namespace Multiprocess.Peers.Peers;

[IpcInterface]
public interface IAdder
{
    int Add(int a, int b);

    Task<int> AddAsync(int a, int b);

    /// <summary>Adds what the other side answers meanwhile.</summary>
    int AddAndAsk(int a, Func<int> ask);

    byte[] Echo(byte[] bytes);

    long AllocatedBytes { get; }
}

internal sealed class AdderTarget : IAdder
{
    public int Add(int a, int b) => a + b;

    public Task<int> AddAsync(int a, int b) => Task.FromResult(a + b);

    public int AddAndAsk(int a, Func<int> ask) => a + ask();

    public byte[] Echo(byte[] bytes) => bytes;

    public long AllocatedBytes => GC.GetTotalAllocatedBytes(precise: true);
}

/// <summary>Ours: a child over a socket pair.</summary>
internal sealed class MultiprocessPeer : Peer
{
    private static readonly Func<int> s_ask = () => 3;

    private readonly IpcChildProcess<IAdder> _child = IpcChildProcess.Spawn<IAdder>(Environment.ProcessPath!);

    public override string Name => "Multiprocess";

    public static bool TryServe(string[] args, out int exitCode)
        => IpcParent.TryServe<IAdder>(args, _ => new AdderTarget(), out exitCode);

    public override Subject Call(int calls) => Subject.Blocking(calls, Add);

    public override Subject Callback(int calls) => Subject.Blocking(calls, () => _child.Root.AddAndAsk(2, s_ask));

    public override Subject Echo(int calls, byte[] bytes) => Subject.Blocking(calls, () => _child.Root.Echo(bytes));

    public override void Add() => _child.Root.Add(2, 3);

    public override Task AddAsync() => _child.Root.AddAsync(2, 3);

    public override long ServerAllocatedBytes() => _child.Root.AllocatedBytes;

    public override void Dispose() => _child.Dispose();
}
