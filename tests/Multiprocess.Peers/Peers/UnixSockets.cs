using System.Net.Sockets;

namespace Multiprocess.Peers.Peers;

/// <summary>Streams over Unix sockets, which the other libraries are given.</summary>
internal static class UnixSockets
{
    public static Socket Listen(string path)
    {
        Socket listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(path));
        listener.Listen();
        return listener;
    }

    public static async Task<Stream> AcceptAsync(Socket listener)
        => new NetworkStream(await listener.AcceptAsync(), ownsSocket: true);

    public static async ValueTask<Stream> ConnectAsync(string path, CancellationToken cancellationToken = default)
    {
        Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellationToken);
        return new NetworkStream(socket, ownsSocket: true);
    }
}
