using System.Net;
using System.Net.Sockets;

namespace Multiprocess.Transports.Tls;

/// <summary>Connects to a TCP endpoint, with TLS.</summary>
internal static class TlsConnector
{
    /// <summary>Connects and performs the handshake, each within the time limit.</summary>
    /// <exception cref="IpcDisconnectedException">
    /// Nothing is reachable there; the message names the address and the reason.
    /// </exception>
    /// <exception cref="IpcTimeoutException">The time limit was exceeded.</exception>
    /// <exception cref="IpcException">
    /// The server is not trusted, or does not trust this side (<see cref="IpcErrorKind.Refused"/>).
    /// </exception>
    public static TlsTransport Connect(IpcAddress address, TlsTrust trust, TimeSpan limit)
    {
        Socket socket = new(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            Task connecting = socket.ConnectAsync(new DnsEndPoint(address.Host!, address.Port));
            if (!connecting.Wait(limit))
            {
                throw new IpcTimeoutException($"Cannot connect to '{address}' within {limit.TotalMilliseconds:N0} ms.");
            }
        }
        catch (AggregateException failure) when (failure.InnerException is SocketException reason)
        {
            socket.Dispose();
            throw new IpcDisconnectedException($"Cannot connect to '{address}': {reason.Message}.", reason);
        }
        catch
        {
            socket.Dispose();
            throw;
        }

        return TlsTransport.Connect(socket, address.Host!, trust, limit, address.ToString());
    }
}
