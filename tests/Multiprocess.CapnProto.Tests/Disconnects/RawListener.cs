using System.Net.Sockets;
using Multiprocess.CapnProto.Tests.Rpc;

namespace Multiprocess.CapnProto.Tests.Disconnects;

/// <summary>A listening socket whose connections the test attaches itself.</summary>
internal sealed class RawListener : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly string _path;

    public RawListener(string path)
    {
        _path = path;
        _socket.Bind(new UnixDomainSocketEndPoint(path));
        _socket.Listen(1);
    }

    public async Task<Stream> AcceptAsync()
        => new NetworkStream(await _socket.AcceptAsync().WaitAsync(PeerCalls.Bound), ownsSocket: true);

    public void Dispose()
    {
        _socket.Dispose();
        File.Delete(_path);
    }
}
