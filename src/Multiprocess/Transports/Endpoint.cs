using System.IO.Pipelines;
using Multiprocess.Logging;
using Multiprocess.Transports.Tls;
using Multiprocess.Transports.Unix;

namespace Multiprocess.Transports;

/// <summary>Makes transports and listeners for addresses.</summary>
internal static class Endpoint
{
    /// <exception cref="IpcException">Nobody can be reached there, or the address is of a kind that cannot be connected to.</exception>
    public static Transport Connect(IpcAddress address, IpcConnectionOptions options)
        => address.Kind == IpcAddressKind.Tcp
            ? TlsConnector.Connect(address, Trust(address, options, "connected to"), options.ConnectTimeout)
            : UnixConnector.Connect(PathOf(address, "connected to", IpcAddressKind.Unix, IpcAddressKind.Auto), Allows(options), Limit(options));

    /// <exception cref="IpcException">The address is taken, cannot be written, or is of a kind that cannot be listened on.</exception>
    public static Listener Listen(IpcAddress address, IpcServerOptions options) => address.Kind switch
    {
        IpcAddressKind.Tcp => new TlsListener(address, options.Backlog, Trust(address, options, "listened on"), options.ConnectTimeout),
        IpcAddressKind.Activated => new ActivatedListener(address.Name, Allows(options)),
        _ => new UnixListener(PathOf(address, "listened on", IpcAddressKind.Unix), options.Backlog, Allows(options)),
    };

    /// <summary>Connects if somebody serves the address; null for none, and where nobody does.</summary>
    /// <exception cref="IpcException">Somebody may be there, but cannot be talked to.</exception>
    public static Transport? TryConnect(IpcAddress address, IpcConnectionOptions options) => address.Kind switch
    {
        IpcAddressKind.None => null,
        IpcAddressKind.Tcp => Connect(address, options),
        _ => UnixConnector.ConnectIfServed(PathOf(address, "connected to", IpcAddressKind.Unix, IpcAddressKind.Auto), Allows(options), Limit(options)),
    };

    /// <summary>A transport over a pipe that the application brings, once its peer is allowed. The pipe is completed if it is not.</summary>
    /// <param name="pipe">The application's pipe.</param>
    /// <param name="peer">Who is at the other end, as the application says; null when it does not know.</param>
    /// <param name="description">What kind of thing it is, for logs.</param>
    /// <param name="options">Whom they allow.</param>
    /// <param name="whenClosed">Called when the transport is closed.</param>
    /// <exception cref="IpcException">The peer is not allowed (<see cref="IpcErrorKind.Refused"/>).</exception>
    public static DuplexPipeTransport Over(IDuplexPipe pipe, IpcPeer? peer, string description, IpcConnectionOptions options, Action? whenClosed = null)
    {
        IpcPeer other = peer ?? PeerCredentials.Unknown;
        bool isSameUser = other.UserId >= 0 && PeerCredentials.IsSameUser(other);
        var transport = new DuplexPipeTransport(pipe, other, description, isRemote: !isSameUser, whenClosed);

        // Where no user is known, the application has let the peer in by handing over the pipe; it may still narrow that.
        if (isSameUser || (options.AuthorizePeer is { } authorize ? Ask(authorize, other, options) : other.UserId < 0))
        {
            return transport;
        }

        transport.Dispose();
        throw new IpcException(IpcErrorKind.Refused, $"Not talking over the {description}: {other.Description} is not allowed.");
    }

    /// <summary>Peers of the same user are always allowed; the options may allow others. What they throw is a refusal.</summary>
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
            IpcLog.CallbackFailed(IpcLog.Create(options.LoggerFactory), nameof(IpcConnectionOptions.AuthorizePeer), exception);
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
                throw Unusable(address, what, "nobody would be trusted; set PinnedFingerprints or TrustedAuthorities of the options' Tls"),
            { } tls => new TlsTrust(tls, options.TimeProvider),
        };

    private static IpcException Unusable(IpcAddress address, string what, string why)
        => new(IpcErrorKind.AddressUnavailable, $"The address '{address}' cannot be {what}: {why}.");
}
