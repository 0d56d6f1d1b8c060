using System.Net;
using System.Net.Sockets;

namespace Multiprocess.Tests.Transports;

/// <summary>Two sockets of the base library that are connected to each other.</summary>
internal static class ConnectedSockets
{
    public static (Socket Here, Socket There) Create()
    {
        string path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        using Socket listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(path));
        listener.Listen(1);
        Socket here = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        here.Connect(new UnixDomainSocketEndPoint(path));
        return (here, listener.Accept());
    }

    public static (Socket Here, Socket There) CreateTcp()
    {
        using Socket listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(1);
        Socket here = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        here.Connect(listener.LocalEndPoint!);
        return (here, listener.Accept());
    }
}
