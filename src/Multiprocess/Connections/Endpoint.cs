using Multiprocess.Transports;

namespace Multiprocess.Connections;

/// <summary>Makes transports and listeners for addresses.</summary>
internal static class Endpoint
{
    /// <exception cref="IpcException">Nobody can be reached there, or the address is of a kind that cannot be connected to.</exception>
    public static Transport Connect(IpcAddress address, IpcConnectionOptions options)
        => address.Kind == IpcAddressKind.Tcp
            ? TlsConnector.Connect(address, Trust(address, options, "connected to"), options.ConnectTimeout)
            : UnixConnector.Connect(PathOf(address, "connected to"), Allows(options), options.ConnectTimeout == Timeout.InfiniteTimeSpan ? null : options.ConnectTimeout);

    /// <exception cref="IpcException">The address is taken, cannot be written, or is of a kind that cannot be listened on.</exception>
    public static Listener Listen(IpcAddress address, IpcServerOptions options)
        => address.Kind == IpcAddressKind.Tcp
            ? new TlsListener(address, options.Backlog, Trust(address, options, "listened on"), options.ConnectTimeout)
            : new UnixListener(PathOf(address, "listened on"), options.Backlog, Allows(options));

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
            _ => "it names no path; resolve it first with IpcAddress.Resolve",
        };
        throw Unusable(address, what, why);
    }

    private static TlsTrust Trust(IpcAddress address, IpcConnectionOptions options, string what)
        => options.Tls switch
        {
            null => throw Unusable(address, what, "TCP needs TLS, on loopback too; set the options' Tls"),
            { PinnedFingerprints.Count: 0, TrustedAuthorities.Count: 0 } =>
                throw Unusable(address, what, "nobody would be trusted; set PinnedFingerprints or TrustedAuthorities of the options' Tls"),
            { } tls => new TlsTrust(tls, options.TimeProvider),
        };

    private static IpcException Unusable(IpcAddress address, string what, string why)
        => new(IpcErrorKind.AddressUnavailable, $"The address '{address}' cannot be {what}: {why}.");
}
