using System.Net;
using System.Net.Sockets;
using Bitcoin.Hosting;

namespace Bitcoin.Node.Net;

/// <summary>Listens for connections of other nodes.</summary>
/// <param name="options">The options, with the addresses.</param>
/// <param name="log">The log.</param>
/// <param name="accepted">Takes an accepted connection. It owns the socket.</param>
internal sealed class PeerListener(NetOptions options, DebugLog log, Action<Socket> accepted) : IDisposable
{
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(100);

    private readonly List<Socket> _sockets = [];
    private readonly HashSet<int> _onionPorts = [];
    private readonly CancellationTokenSource _stop = new();

    /// <summary>Binds the sockets, and begins to accept connections.</summary>
    /// <exception cref="HostException">An address cannot be used.</exception>
    internal void Start(bool isDefault)
    {
        foreach (IPEndPoint end in options.Binds.Concat(options.OnionBinds))
        {
            bool isOnion = options.OnionBinds.Contains(end);
            Socket socket = new(end.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
                if (end.AddressFamily == AddressFamily.InterNetworkV6)
                {
                    socket.DualMode = false;
                }

                socket.Bind(end);
                socket.Listen(128);
                log.Write($"Bound to {end}");
                _sockets.Add(socket);
                if (isOnion)
                {
                    _onionPorts.Add(end.Port);
                }

                _ = Task.Run(() => Accept(socket));
            }
            catch (SocketException exception)
            {
                socket.Dispose();
                if (!isDefault || (end.AddressFamily == AddressFamily.InterNetwork && !isOnion))
                {
                    throw new HostException(exception.SocketErrorCode == SocketError.AddressAlreadyInUse
                        ? $"Unable to bind to {end} on this computer. {ClientName.Text} is probably already running."
                        : $"Unable to bind to {end} on this computer (bind returned error {exception.Message})",
                        exception);
                }
            }
        }
    }

    /// <summary>Whether connections to a port of this node come from the Tor network.</summary>
    internal bool IsOnion(int port) => _onionPorts.Contains(port);

    public void Dispose()
    {
        _stop.Cancel();
        _sockets.ForEach(static socket => socket.Dispose());
    }

    private async Task Accept(Socket listener)
    {
        while (!_stop.IsCancellationRequested)
        {
            Socket socket;
            try
            {
                socket = await listener.AcceptAsync(_stop.Token).ConfigureAwait(false);
            }
            catch (Exception exception) when (exception is OperationCanceledException or ObjectDisposedException
                || _stop.IsCancellationRequested)
            {
                return;
            }
            catch (SocketException exception)
            {
                // The client has left already, or there is no free descriptor. Continue with the next client.
                log.Write("net", $"accepting a connection failed: {exception.Message}");
                await Task.Delay(s_pause, CancellationToken.None).ConfigureAwait(false);
                continue;
            }

            accepted(socket);
        }
    }
}
