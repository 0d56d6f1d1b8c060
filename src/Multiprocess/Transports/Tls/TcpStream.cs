using System.Net.Sockets;

namespace Multiprocess.Transports.Tls;

/// <summary>The stream of a TCP socket whose end waits a moment, so that what was sent last still arrives.</summary>
/// <remarks>
/// A socket that is closed with bytes unread resets its connection and drops what it had not sent. So the stream's end
/// only says that nothing more will be sent; the socket itself goes a moment later.
/// </remarks>
internal sealed class TcpStream(Socket socket) : NetworkStream(socket, ownsSocket: true)
{
    private static readonly TimeSpan s_lastWords = TimeSpan.FromSeconds(1);

    // From its first silence to the end of a connection whose peer is gone without a word: 15 + 4 × 5 seconds.
    private const int SilenceSeconds = 15;
    private const int ProbeSeconds = 5;
    private const int Probes = 4;

    private int _ending;
    private Timer? _end;

    /// <summary>Sets up a socket for calls: small messages go at once, and a peer that is gone is noticed.</summary>
    public static void Prepare(Socket socket)
    {
        socket.NoDelay = true;
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, SilenceSeconds);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, ProbeSeconds);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, Probes);
        if (OperatingSystem.IsLinux())
        {
            // No probes are sent while something waits for an acknowledgement: that has a limit of its own.
            const int tcp = 6;
            const int userTimeout = 18;
            socket.SetRawSocketOption(tcp, userTimeout, BitConverter.GetBytes((SilenceSeconds + (Probes * ProbeSeconds)) * 1000));
        }
    }

    /// <summary>Ends the socket in a moment, whatever is under way on it.</summary>
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
