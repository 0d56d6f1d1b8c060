using System.IO.Pipelines;
using Multiprocess.Logging;
using Multiprocess.Transports.Tls;
using Multiprocess.Transports.Unix;

namespace Multiprocess.Transports;

/// <summary>Creates transports and listeners for addresses.</summary>
internal static class Endpoint
{
    /// <exception cref="IpcException">
    /// Nothing is reachable there, or this kind of address cannot be connected to.
    /// </exception>
    public static Transport Connect(IpcAddress address, IpcConnectionOptions options)
        => address.Kind == IpcAddressKind.Tcp
            ? TlsConnector.Connect(address, Trust(address, options, "connected to"), options.ConnectTimeout)
            : UnixConnector.Connect(
                PathOf(address, "connected to", IpcAddressKind.Unix, IpcAddressKind.Auto),
                Allows(options),
                Limit(options));

    /// <exception cref="IpcException">
    /// The address is in use, cannot be written, or this kind of address cannot be listened on.
    /// </exception>
    public static Listener Listen(IpcAddress address, IpcServerOptions options) => address.Kind switch
    {
        IpcAddressKind.Tcp
            => new TlsListener(
                address, options.Backlog, Trust(address, options, "listened on"), options.ConnectTimeout),
        IpcAddressKind.Activated => new ActivatedListener(address.Name, Allows(options)),
        _ => new UnixListener(PathOf(address, "listened on", IpcAddressKind.Unix), options.Backlog, Allows(options)),
    };

    /// <summary>
    /// Connects if a server listens at the address; returns null for no address, and when no server listens.
    /// </summary>
    /// <exception cref="IpcException">A server may be there, but cannot be reached.</exception>
    public static Transport? TryConnect(IpcAddress address, IpcConnectionOptions options) => address.Kind switch
    {
        IpcAddressKind.None => null,
        IpcAddressKind.Tcp => Connect(address, options),
        _
            => UnixConnector.ConnectIfServed(
                PathOf(address, "connected to", IpcAddressKind.Unix, IpcAddressKind.Auto),
                Allows(options),
                Limit(options)),
    };

    /// <summary>
    /// Creates a transport over an application's pipe, if the peer is allowed. Completes the pipe if it is not.
    /// </summary>
    /// <param name="pipe">The application's pipe.</param>
    /// <param name="peer">The peer's identity, as the application states it; null when it is unknown.</param>
    /// <param name="description">The kind of pipe, for logs.</param>
    /// <param name="options">Decide whether the peer is allowed.</param>
    /// <param name="whenClosed">Called when the transport is closed.</param>
    /// <exception cref="IpcException">The peer is not allowed (<see cref="IpcErrorKind.Refused"/>).</exception>
    public static DuplexPipeTransport Over(
        IDuplexPipe pipe,
        IpcPeer? peer,
        string description,
        IpcConnectionOptions options,
        Action? whenClosed = null)
    {
        IpcPeer other = peer ?? PeerCredentials.Unknown;
        bool isSameUser = other.UserId >= 0 && PeerCredentials.IsSameUser(other);
        var transport = new DuplexPipeTransport(pipe, other, description, isRemote: !isSameUser, whenClosed);

        // When the user is unknown, the application has accepted the peer by passing the pipe; AuthorizePeer may still
        // refuse it.
        if (isSameUser || (options.AuthorizePeer is { } authorize ? Ask(authorize, other, options) : other.UserId < 0))
        {
            return transport;
        }

        transport.Dispose();
        throw new IpcException(
            IpcErrorKind.Refused, $"Not talking over the {description}: {other.Description} is not allowed.");
    }

    /// <summary>
    /// Decides which peers are allowed. Peers of the same user always are; the options may allow others. An exception
    /// of the options' function refuses the peer.
    /// </summary>
    public static Func<IpcPeer, bool> Allows(IpcConnectionOptions options)
        => options.AuthorizePeer is { } authorize
            ? peer => PeerCredentials.IsSameUser(peer) || Ask(authorize, peer, options)
            : PeerCredentials.IsSameUser;

    private static bool Ask(Func<IpcPeer, bool> authorize, IpcPeer peer, IpcConnectionOptions options)
    {
        try
        {
            return authorize(peer);
        }
        catch (Exception exception)
        {
            IpcLog.CallbackFailed(
                IpcLog.Create(options.LoggerFactory), nameof(IpcConnectionOptions.AuthorizePeer), exception);
            return false;
        }
    }

    private static TimeSpan? Limit(IpcConnectionOptions options)
        => options.ConnectTimeout == Timeout.InfiniteTimeSpan ? null : options.ConnectTimeout;

    private static string PathOf(IpcAddress address, string what, params ReadOnlySpan<IpcAddressKind> kinds)
    {
        if (address.Path is { } path && kinds.Contains(address.Kind))
        {
            return path;
        }

        string why = address.Kind switch
        {
            IpcAddressKind.None => "it is empty",
            IpcAddressKind.Auto when address.Path is not null => "it is for connecting",
            IpcAddressKind.Activated => "it is for listening",
            _ => "it names no path; resolve it first with IpcAddress.Resolve",
        };
        throw Unusable(address, what, why);
    }

    private static TlsTrust Trust(IpcAddress address, IpcConnectionOptions options, string what)
        => options.Tls switch
        {
            null => throw Unusable(address, what, "TCP needs TLS, on loopback too; set the options' Tls"),
            { PinnedFingerprints.Count: 0, TrustedAuthorities.Count: 0 } =>
                throw Unusable(
                    address,
                    what,
                    "nobody would be trusted; set PinnedFingerprints or TrustedAuthorities of the options' Tls"),
            { } tls => new TlsTrust(tls, options.TimeProvider),
        };

    private static IpcException Unusable(IpcAddress address, string what, string why)
        => new(IpcErrorKind.AddressUnavailable, $"The address '{address}' cannot be {what}: {why}.");
}
