using System.Net.Sockets;
using Multiprocess.Benchmarks.Measuring;
using Nerdbank.Streams;
using StreamJsonRpc;

namespace Multiprocess.Peers.Peers;

public interface IRpcAdder
{
    Task<int> AddAsync(int a, int b);

    Task<int> AddAndAskAsync(int a);

    Task<byte[]> EchoAsync(byte[] bytes);

    Task<long> GetAllocatedBytesAsync();
}

public interface IRpcAsker
{
    Task<int> AskAsync();
}

/// <summary>StreamJsonRpc with its MessagePack formatter over a Unix socket.</summary>
internal sealed class StreamJsonRpcPeer : Peer
{
    public const string Argument = "streamjsonrpc";

    private readonly PeerProcess _process = new(Argument);
    private readonly JsonRpc _rpc;
    private readonly IRpcAdder _root;

    public StreamJsonRpcPeer()
    {
        _rpc = Make(UnixSockets.ConnectAsync(PeerProcess.Socket(_process.Folder)).AsTask().GetAwaiter().GetResult());
        _rpc.AddLocalRpcTarget<IRpcAsker>(new Asker(), null);
        _root = _rpc.Attach<IRpcAdder>();
        _rpc.StartListening();
    }

    public override string Name => "StreamJsonRpc";

    public static async Task<int> ServeAsync(string folder)
    {
        using Socket listener = UnixSockets.Listen(PeerProcess.Socket(folder));
        Console.WriteLine(PeerProcess.Ready);
        using JsonRpc rpc = Make(await UnixSockets.AcceptAsync(listener));
        rpc.AddLocalRpcTarget<IRpcAdder>(new Target(rpc.Attach<IRpcAsker>()), null);
        rpc.StartListening();
        await Console.In.ReadToEndAsync();
        return 0;
    }

    public override Subject Call(int calls) => Subject.Awaited(calls, AddAsync);

    public override Subject Callback(int calls) => Subject.Awaited(calls, () => _root.AddAndAskAsync(2));

    public override Subject Echo(int calls, byte[] bytes) => Subject.Awaited(calls, () => _root.EchoAsync(bytes));

    public override void Add() => AddAsync().GetAwaiter().GetResult();

    public override Task AddAsync() => _root.AddAsync(2, 3);

    public override long ServerAllocatedBytes() => _root.GetAllocatedBytesAsync().GetAwaiter().GetResult();

    public override void Dispose()
    {
        _rpc.Dispose();
        _process.Dispose();
    }

    // Requests may run side by side, as our asynchronous calls do.
    private static JsonRpc Make(Stream stream)
        => new(new LengthHeaderMessageHandler(stream.UsePipe(), new MessagePackFormatter()))
        {
            SynchronizationContext = null,
        };

    private sealed class Target(IRpcAsker asker) : IRpcAdder
    {
        public Task<int> AddAsync(int a, int b) => Task.FromResult(a + b);

        public async Task<int> AddAndAskAsync(int a) => a + await asker.AskAsync().ConfigureAwait(false);

        public Task<byte[]> EchoAsync(byte[] bytes) => Task.FromResult(bytes);

        public Task<long> GetAllocatedBytesAsync() => Task.FromResult(GC.GetTotalAllocatedBytes(precise: true));
    }

    private sealed class Asker : IRpcAsker
    {
        public Task<int> AskAsync() => Task.FromResult(3);
    }
}
