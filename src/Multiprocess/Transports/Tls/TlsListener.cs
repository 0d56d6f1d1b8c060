using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Multiprocess.Transports.Tls;

/// <summary>Listens on a TCP endpoint; every client must perform a TLS handshake.</summary>
internal sealed class TlsListener : Listener
{
    private readonly Socket _socket;
    private readonly TlsTrust _trust;
    private readonly TimeSpan _handshakeLimit;
    private readonly ManualResetEventSlim _closing = new();
    private readonly DescriptorReserve _reserve;
    private volatile bool _closed;

    // Accepting thread only.
    private int _pauses;
    private bool _isScarce;

    /// <summary>Starts listening.</summary>
    /// <param name="address">An address of this machine, or a name of one; port 0 lets the system choose.</param>
    /// <param name="backlog">How many connections may wait to be accepted.</param>
    /// <param name="trust">Decides which clients are allowed.</param>
    /// <param name="handshakeLimit">How long a handshake may take.</param>
    /// <exception cref="IpcException">The endpoint is in use, or does not belong to this machine.</exception>
    public TlsListener(IpcAddress address, int backlog, TlsTrust trust, TimeSpan handshakeLimit)
    {
        _trust = trust;
        _handshakeLimit = handshakeLimit;
        try
        {
            IPAddress place = IPAddress.TryParse(address.Host, out IPAddress? literal)
                ? literal
                : Dns.GetHostAddresses(address.Host!)[0];
            _socket = new Socket(place.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                _socket.Bind(new IPEndPoint(place, address.Port));
                _socket.Listen(backlog);
            }
            catch
            {
                _socket.Dispose();
                throw;
            }
        }
        catch (SocketException failure)
        {
            throw new IpcException(
                IpcErrorKind.AddressUnavailable, $"Cannot listen on '{address}': {failure.Message}.", failure);
        }

        _reserve = new DescriptorReserve();
        Address = IpcAddress.Tcp(address.Host!, ((IPEndPoint)_socket.LocalEndPoint!).Port);
    }

    public override IpcAddress Address { get; }

    public override Func<Transport>? Next()
    {
        while (!_closed)
        {
            try
            {
                Socket accepted = _socket.Accept();
                _pauses = 0;
                if (OperatingSystem.IsLinux() && OpenFiles.IsReserved((int)accepted.Handle) && !WaitForRoom())
                {
                    // Nothing can be sent to a client before the handshake, and there is no room for a handshake now.
                    accepted.Dispose();
                    continue;
                }

                return () => TlsTransport.Accept(accepted, _trust, _handshakeLimit, Describe(accepted));
            }
            catch (ObjectDisposedException)
            {
                return null;
            }
            catch (SocketException failure) when (!_closed)
            {
                PauseOrThrow(failure);
            }
            catch (SocketException)
            {
                return null;
            }
        }

        return null;
    }

    public override void Close()
    {
        _closed = true;
        _closing.Set();
        _socket.Dispose();
        _reserve.Dispose();
    }

    public override void Dispose() => Close();

    /// <summary>
    /// Holds a client until enough descriptors are free; further clients wait in the backlog. After a client waited too
    /// long, the next ones are not held until descriptors were free again.
    /// </summary>
    private bool WaitForRoom()
    {
        int pauses = _isScarce ? MaxScarcityPauses : 0;
        while ((_isScarce = OpenFiles.AreScarce()) && pauses++ < MaxScarcityPauses && !_closed)
        {
            _ = _closing.Wait(ScarcityPause);
        }

        return !_isScarce;
    }

    /// <summary>
    /// Closes the first waiting client, for which there is no descriptor, using the reserved descriptor.
    /// </summary>
    private void TurnOneAway()
    {
        try
        {
            // Without a descriptor, accepting also fails when no client waits.
            if (_socket.Poll(0, SelectMode.SelectRead))
            {
                _reserve.Release();
                _socket.Accept().Dispose();
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // The client has left, or the listener is closed.
        }
        finally
        {
            _reserve.Take();
        }
    }

    private static string Describe(Socket accepted)
    {
        try
        {
            return string.Create(CultureInfo.InvariantCulture, $"tcp:{accepted.RemoteEndPoint}");
        }
        catch (SocketException)
        {
            return "tcp:(gone)";
        }
    }

    private void PauseOrThrow(SocketException failure)
    {
        switch (failure.SocketErrorCode)
        {
            case SocketError.ConnectionAborted or SocketError.ConnectionReset or SocketError.Interrupted
                or SocketError.WouldBlock or SocketError.NetworkDown or SocketError.NetworkUnreachable
                    or SocketError.HostUnreachable:
                break;
            case SocketError.TooManyOpenSockets or SocketError.NoBufferSpaceAvailable:
                // The connection stays in the backlog: without the pause, this loop would spin until a descriptor is
                // free.
                _ = _closing.Wait(ScarcityPause);
                if (++_pauses >= MaxScarcityPauses)
                {
                    TurnOneAway();
                }

                break;
            default:
                throw new IOException(
                    $"Accepting at '{IpcText.Escape(Address.ToString())}' failed: {failure.Message}.", failure);
        }
    }
}
