using System.Text;
using Multiprocess.Native;

namespace Multiprocess.Transports.Unix;

/// <summary>Passes the path of a Unix domain socket to the system calls.</summary>
internal static unsafe class UnixSocketPath
{
    private const int FamilyBytes = 2;

    /// <summary>Binds a socket to a path that must not exist.</summary>
    /// <returns>0, or the error number.</returns>
    public static int Bind(NativeHandle socket, string path)
    {
        byte* address = stackalloc byte[FamilyBytes + IpcAddress.MaxPathBytes + 1];
        uint length = Write(address, path);
        return NativeSockets.Bind(socket, address, length) == 0 ? 0 : Errno.Last;
    }

    /// <summary>Connects a socket to the one at a path.</summary>
    /// <returns>0, or the error number.</returns>
    public static int Connect(NativeHandle socket, string path)
    {
        byte* address = stackalloc byte[FamilyBytes + IpcAddress.MaxPathBytes + 1];
        uint length = Write(address, path);
        while (true)
        {
            if (NativeSockets.Connect(socket, address, length) == 0)
            {
                return 0;
            }

            // Unlike a TCP socket, this socket does not continue to connect in the background after an interrupt.
            int error = Errno.Last;
            if (error != Errno.Interrupted)
            {
                return error;
            }
        }
    }

    /// <summary>Creates a stream socket with close-on-exec.</summary>
    public static NativeHandle CreateSocket()
    {
        Platform.RequireLinux();
        int descriptor = NativeSockets.Socket(
            NativeSockets.UnixFamily, NativeSockets.StreamType | NativeSockets.CloseOnExec, 0);
        return descriptor >= 0 ? new NativeHandle(descriptor) : throw Errno.Exception("Making a socket", Errno.Last);
    }

    private static uint Write(byte* address, string path)
    {
        Span<byte> bytes = new(address, FamilyBytes + IpcAddress.MaxPathBytes + 1);
        bytes.Clear();
        bytes[0] = NativeSockets.UnixFamily;
        int length = Encoding.UTF8.GetBytes(path, bytes[FamilyBytes..^1]);
        return (uint)(FamilyBytes + length + 1);
    }
}
