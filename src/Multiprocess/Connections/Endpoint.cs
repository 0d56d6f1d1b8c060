using Multiprocess.Transports;

namespace Multiprocess.Connections;

/// <summary>Makes transports and listeners for addresses.</summary>
internal static class Endpoint
{
    /// <exception cref="IpcException">Nobody can be reached there, or the address is of a kind that cannot be connected to.</exception>
    public static Transport Connect(IpcAddress address, IpcConnectionOptions options)
        => UnixConnector.Connect(PathOf(address, "connected to"), Allows(options), options.ConnectTimeout == Timeout.InfiniteTimeSpan ? null : options.ConnectTimeout);

    /// <exception cref="IpcException">The address is taken, cannot be written, or is of a kind that cannot be listened on.</exception>
    public static UnixListener Listen(IpcAddress address, IpcServerOptions options)
        => new(PathOf(address, "listened on"), options.Backlog, Allows(options));

    /// <summary>Peers of the same user are always allowed; the options may allow others.</summary>
    public static Func<IpcPeer, bool> Allows(IpcConnectionOptions options)
        => options.AuthorizePeer is { } authorize
            ? peer => PeerCredentials.IsSameUser(peer) || authorize(peer)
            : PeerCredentials.IsSameUser;

    private static string PathOf(IpcAddress address, string what)
    {
        if (address is { Kind: IpcAddressKind.Unix, Path: { } path })
        {
            return path;
        }

        string why = address.Kind switch
        {
            IpcAddressKind.None => "it is empty",
            IpcAddressKind.Tcp => "TCP needs TLS, which is not supported yet",
            _ => "it names no path; resolve it first with IpcAddress.Resolve",
        };
        throw new IpcException(IpcErrorKind.AddressUnavailable, $"The address '{address}' cannot be {what}: {why}.");
    }
}
