using System.Net;
using System.Net.Sockets;
using Bitcoin.Hosting;

namespace Bitcoin.Node.Net;

/// <summary>Opens connections to other nodes, through the proxy of the node's network if it has one.</summary>
/// <param name="options">The options.</param>
/// <param name="usesNames">Whether host names may be looked up.</param>
/// <param name="i2p">This node in the I2P network; null for none.</param>
/// <param name="log">The log.</param>
internal sealed class PeerConnector(NetOptions options, bool usesNames, I2pSession? i2p, DebugLog log)
{
    /// <summary>Opens a connection.</summary>
    /// <returns>The socket, and the peer's address; null if it is the socket's remote address.</returns>
    /// <exception cref="IOException">The node cannot be reached.</exception>
    internal async Task<(Socket Socket, NetAddress? Address)> Open(
        string host, int port, NetAddress? address, CancellationToken cancelled)
    {
        if (address?.Network == NetworkNames.I2p)
        {
            return i2p is null
                ? throw new IOException($"No proxy for network {address.Network}")
                : (await i2p.Connect(address, cancelled).ConfigureAwait(false), address);
        }

        if (options.Reach.ProxyFor(address?.Host ?? host) is { } proxy)
        {
            Socket through = await Socks5.Connect(proxy, host, port, cancelled).ConfigureAwait(false);
            return (through, address ?? new NetAddress(NetworkNames.Unroutable, host, port));
        }

        if (address is { Ip: null })
        {
            throw new IOException($"No proxy for network {address.Network}");
        }

        IPAddress? target = address?.Ip
            ?? (usesNames ? HostPort.LookUp(host) : null);
        IPEndPoint end = new(target ?? throw new IOException($"The name {host} has no address"), port);
        Socket socket = new(end.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(end, cancelled).ConfigureAwait(false);
            return (socket, null);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Opens a connection that does not show who this node is, through Tor or I2P.</summary>
    /// <param name="address">The peer's address.</param>
    /// <param name="proxy">
    /// Tor's proxy, for addresses of other networks; null for that of the address's network.
    /// </param>
    /// <param name="cancelled">Ends the attempt.</param>
    /// <returns>The socket, and what must be kept as long as it lasts.</returns>
    /// <exception cref="IOException">The node cannot be reached.</exception>
    internal async Task<(Socket Socket, IDisposable? Kept)> OpenPrivate(
        NetAddress address, Proxy? proxy, CancellationToken cancelled)
    {
        proxy ??= options.Reach.ProxyOf(address.Network)
            ?? throw new IOException($"No proxy for network {address.Network}");
        if (address.Network != NetworkNames.I2p)
        {
            return (await Socks5.Connect(proxy, address.Host, address.Port, cancelled).ConfigureAwait(false), null);
        }

        // An identity for this connection alone: the usual one has this node's address.
        I2pSession session = new(proxy, keyFile: null, log);
        try
        {
            return (await session.Connect(address, cancelled).ConfigureAwait(false), session);
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }
}
