using Multiprocess.Native;
using Multiprocess.Transports.Unix;

namespace Multiprocess.Transports;

/// <summary>Two connected transports, each the peer of the other.</summary>
internal static unsafe class TransportPair
{
    /// <summary>Creates a pair over a socketpair, both ends in this process. Linux only.</summary>
    public static (UnixSocketTransport First, UnixSocketTransport Second) CreateSocketPair()
    {
        (NativeHandle first, NativeHandle second) = CreateSocketHandles();
        IpcPeer own = PeerCredentials.Own();
        return (new UnixSocketTransport(first, own, "socketpair"), new UnixSocketTransport(second, own, "socketpair"));
    }

    /// <summary>Creates the two sockets of a pair, both with close-on-exec. Linux only.</summary>
    public static (NativeHandle First, NativeHandle Second) CreateSocketHandles()
    {
        Platform.RequireLinux();
        int* descriptors = stackalloc int[2];
        if (NativeSockets.SocketPair(
            NativeSockets.UnixFamily, NativeSockets.StreamType | NativeSockets.CloseOnExec, 0, descriptors) != 0)
        {
            throw Errno.Exception("Making a pair of sockets", Errno.Last);
        }

        return (new NativeHandle(descriptors[0]), new NativeHandle(descriptors[1]));
    }
}
