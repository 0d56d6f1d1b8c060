using Multiprocess.Native;

namespace Multiprocess.Transports.Unix;

/// <summary>Connects to a Unix domain socket at a path. Linux only.</summary>
internal static unsafe class UnixConnector
{
    /// <summary>Connects.</summary>
    /// <param name="path">The socket's path; a relative path starts at the current directory.</param>
    /// <param name="allows">Decides which servers are allowed; by default servers of the same user.</param>
    /// <param name="timeout">How long to wait while the server's backlog is full; null for ever.</param>
    /// <exception cref="IpcDisconnectedException">
    /// Nothing is reachable there; the message names the path and the reason.
    /// </exception>
    /// <exception cref="IpcTimeoutException">The backlog stayed full.</exception>
    /// <exception cref="IpcException">
    /// The server belongs to another user (<see cref="IpcErrorKind.Refused"/>).
    /// </exception>
    public static UnixSocketTransport Connect(string path, Func<IpcPeer, bool>? allows = null, TimeSpan? timeout = null)
    {
        path = Path.GetFullPath(path);
        int error = TryConnect(path, allows, timeout, out UnixSocketTransport? transport);
        return transport ?? throw Failed(path, error);
    }

    /// <summary>Connects if a server listens at the path. This is how the address <c>auto</c> is used.</summary>
    /// <returns>
    /// Null when there is no socket, no server listens, a part of the path is not a directory, or the path is too long.
    /// </returns>
    /// <exception cref="IpcException">As for <see cref="Connect"/>, for every other reason.</exception>
    public static UnixSocketTransport? ConnectIfServed(
        string path,
        Func<IpcPeer, bool>? allows = null,
        TimeSpan? timeout = null)
    {
        path = Path.GetFullPath(path);
        int error = TryConnect(path, allows, timeout, out UnixSocketTransport? transport);
        return transport is not null
            || error is Errno.NoEntry or Errno.ConnectionRefused or Errno.NotADirectory or Errno.NameTooLong
            ? transport
            : throw Failed(path, error);
    }

    private static int TryConnect(
        string path,
        Func<IpcPeer, bool>? allows,
        TimeSpan? timeout,
        out UnixSocketTransport? transport)
    {
        transport = null;
        if (IpcAddress.PathTooLong(path) is not null)
        {
            return Errno.NameTooLong;
        }

        NativeHandle socket = UnixSocketPath.CreateSocket();
        try
        {
            if (timeout is { } limit)
            {
                SetConnectTimeout(socket, limit);
            }

            int error = UnixSocketPath.Connect(socket, path);
            if (error != 0)
            {
                return error;
            }

            IpcPeer peer = PeerCredentials.Of(socket);
            if (!(allows ?? PeerCredentials.IsSameUser)(peer))
            {
                throw new IpcException(
                    IpcErrorKind.Refused,
                    $"Not connecting to '{path}': its server, process {peer.ProcessId}, belongs to user "
                        + $"{peer.UserId}, which is not allowed.");
            }

            transport = new UnixSocketTransport(socket, peer, $"unix:{path}");
            return 0;
        }
        finally
        {
            if (transport is null)
            {
                socket.Dispose();
            }
        }
    }

    // The time limit of sends also limits connecting; no send here ever blocks.
    private static void SetConnectTimeout(NativeHandle socket, TimeSpan limit)
    {
        long microseconds = Math.Max(1, (long)limit.TotalMicroseconds);
        NativeSockets.TimeValue value = new()
        {
            Seconds = (nint)(microseconds / 1_000_000),
            Microseconds = (nint)(microseconds % 1_000_000),
        };
        if (NativeSockets.SetOption(
            socket,
            NativeSockets.SocketLevel,
            NativeSockets.SendTimeoutOption,
            &value,
            (uint)sizeof(NativeSockets.TimeValue)) != 0)
        {
            throw Errno.Exception("Limiting the time of connecting", Errno.Last);
        }
    }

    private static IpcException Failed(string path, int error) => error switch
    {
        Errno.NameTooLong when IpcAddress.PathTooLong(path) is { } tooLong
            => new IpcDisconnectedException($"Cannot connect: {tooLong}"),
        Errno.TryAgain
            => new IpcTimeoutException($"Cannot connect to '{path}': too many connections wait to be accepted there."),
        Errno.ConnectionRefused when NativeFiles.Look(path, out FileIdentity found) == 0 && !found.IsSocket =>
            new IpcDisconnectedException($"Cannot connect to '{path}': it is not a socket."),
        Errno.ConnectionRefused
            => new IpcDisconnectedException(
                $"Cannot connect to '{path}': nobody listens there: {Errno.Describe(error)}."),
        _ => new IpcDisconnectedException($"Cannot connect to '{path}': {Errno.Describe(error)}."),
    };
}
