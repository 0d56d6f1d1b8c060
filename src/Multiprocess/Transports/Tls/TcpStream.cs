using System.Net.Sockets;

namespace Multiprocess.Transports.Tls;

/// <summary>The stream of a TCP socket that closes with a delay, so that the last bytes sent still arrive.</summary>
/// <remarks>
/// Closing a socket with unread bytes resets its connection and discards unsent bytes. So closing the stream only shuts
/// sending down; the socket itself is closed a moment later.
/// </remarks>
internal sealed class TcpStream(Socket socket) : NetworkStream(socket, ownsSocket: true)
{
    private static readonly TimeSpan s_lastWords = TimeSpan.FromSeconds(1);

    // A lost peer is detected 15 + 4 × 5 seconds after its last sign of life.
    private const int SilenceSeconds = 15;
    private const int ProbeSeconds = 5;
    private const int Probes = 4;

    private int _ending;
    private Timer? _end;

    /// <summary>Configures a socket for calls: small messages are sent at once, and a lost peer is detected.</summary>
    public static void Prepare(Socket socket)
    {
        socket.NoDelay = true;
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, SilenceSeconds);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, ProbeSeconds);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, Probes);
        if (OperatingSystem.IsLinux())
        {
            // No probes are sent while bytes wait for an acknowledgement: a separate limit covers that.
            const int tcp = 6;
            const int userTimeout = 18;
            socket.SetRawSocketOption(
                tcp, userTimeout, BitConverter.GetBytes((SilenceSeconds + (Probes * ProbeSeconds)) * 1000));
        }
    }

    /// <summary>Closes the socket in a moment, whatever operations are in progress.</summary>
    public void EndSoon()
    {
        if (Interlocked.Exchange(ref _ending, 1) == 0)
        {
            _end = new Timer(static state => ((TcpStream)state!).End(), this, s_lastWords, Timeout.InfiniteTimeSpan);
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (!disposing)
        {
            base.Dispose(disposing);
            return;
        }

        try
        {
            Socket.Shutdown(SocketShutdown.Send);
        }
        catch (Exception failure) when (failure is SocketException or ObjectDisposedException)
        {
        }

        EndSoon();
    }

    private void End()
    {
        _end?.Dispose();
        base.Dispose(disposing: true);
    }
}
