using System.Net;
using System.Net.Sockets;
using Bitcoin.Hosting;

namespace Bitcoin.Node.Net;

/// <summary>Opens connections to other nodes, through the proxy of the node's network if it has one.</summary>
/// <param name="options">The options.</param>
/// <param name="usesNames">Whether host names may be looked up.</param>
/// <param name="i2p">This node in the I2P network; null for none.</param>
internal sealed class PeerConnector(NetOptions options, bool usesNames, I2pSession? i2p)
{
    /// <summary>Opens a connection.</summary>
    /// <returns>The socket, and the peer's address; null if it is the socket's remote address.</returns>
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
}
