using System.Runtime.CompilerServices;
using Multiprocess.Framing;

namespace Multiprocess;

/// <summary>The options of a server and its connections.</summary>
public record IpcServerOptions : IpcConnectionOptions
{
    /// <summary>
    /// Most connections at a time. Default 65,536; at least 1. At the limit the server stops accepting: further clients
    /// wait in the backlog until other clients leave. In addition, the server reserves a sixteenth of the process's
    /// file descriptors (16 to 256), whatever this option says. A client for which no other descriptor becomes free
    /// within one second is refused with <see cref="IpcErrorKind.LimitExceeded"/>; connected clients are not affected.
    /// </summary>
    public int MaxConnections
    {
        get;
        init => field = value >= 1
            ? value
            : throw new ArgumentOutOfRangeException(
                nameof(value), value, $"{nameof(MaxConnections)}: Expected at least 1, got {value}.");
    } = 65_536;

    /// <summary>
    /// Most connections of one user at a time. Default 65,536; at least 1. Further connections are refused with
    /// <see cref="IpcErrorKind.LimitExceeded"/>. Peers over TCP have no user; only <see cref="MaxConnections"/> limits
    /// them.
    /// </summary>
    public int MaxUserConnections
    {
        get;
        init => field = value >= 1
            ? value
            : throw new ArgumentOutOfRangeException(
                nameof(value), value, $"{nameof(MaxUserConnections)}: Expected at least 1, got {value}.");
    } = 65_536;

    /// <summary>
    /// Most bytes that may wait on all connections of one user together, in both directions: received but not yet run,
    /// and not yet received by the peer. Default 512 MiB; 64 KiB to 1 TiB. At the limit, connections with more than 64
    /// KiB waiting are held back, as a single connection is at its own limit (<see cref="IpcLimits.MaxWaitingBytes"/>).
    /// Beyond the limit, each of them may still hold one more answer, and the results of methods that had already
    /// begun. Only one connection at a time may then receive the rest of a frame larger than 64 KiB. While another
    /// connection waits for this, a connection whose peer sends nothing for one second, or less than 1 MiB in five
    /// seconds, ends with <see cref="IpcErrorKind.LimitExceeded"/>.
    /// </summary>
    public long MaxUserWaitingBytes
    {
        get;
        init => field = CheckBytes(value);
    } = 512L * 1024 * 1024;

    /// <summary>
    /// As <see cref="MaxUserWaitingBytes"/>, for all connections of the server. Default 1 GiB; 64 KiB to 1 TiB. It
    /// holds for all connections over pipes and streams together that are served with the same options object or copies
    /// of it that do not set this property.
    /// </summary>
    public long MaxServerWaitingBytes
    {
        get;
        init
        {
            field = CheckBytes(value);
            Sharing = new SharingKey();
        }
    } = 1024L * 1024 * 1024;

    /// <summary>Identifies the options whose connections share a limit; compared by reference.</summary>
    internal object Sharing { get; private init; } = new SharingKey();

    /// <summary>
    /// Time of a turn of <see cref="SharedByteLimit"/>, in milliseconds. Not public: only tests make it shorter.
    /// </summary>
    internal int FrameTurnMilliseconds { get; init; } = SharedByteLimit.TurnMilliseconds;

    /// <summary>
    /// Most clients whose handshake is in progress or whose root is being created, at a time. Default 256; at least 1.
    /// At the limit further clients wait in the backlog. Clients that send nothing thus use at most this many threads,
    /// each for at most <see cref="IpcConnectionOptions.ConnectTimeout"/>.
    /// </summary>
    public int MaxHandshakes
    {
        get;
        init => field = value >= 1
            ? value
            : throw new ArgumentOutOfRangeException(
                nameof(value), value, $"{nameof(MaxHandshakes)}: Expected at least 1, got {value}.");
    } = 256;

    /// <summary>
    /// Decides which peers may have which interface. Called once for each connection, with the peer and the root's
    /// interface, before any answer to the peer and before the root is created, on any thread. Default null: every
    /// accepted peer. This function can only restrict: it is not called for peers that
    /// <see cref="IpcConnectionOptions.AuthorizePeer"/> or a certificate check has refused. A refused peer gets
    /// <see cref="IpcErrorKind.Refused"/>. An exception refuses the peer.
    /// </summary>
    /// <example><code>
    /// Authorize = (peer, contract) => peer.UserId == 1000 &amp;&amp; contract == typeof(ICalculator)
    /// </code></example>
    public Func<IpcPeer, Type, bool>? Authorize { get; init; }

    /// <summary>
    /// How many clients may wait to be accepted. Default 128; at least 1. The system may use a lower value.
    /// </summary>
    public int Backlog
    {
        get;
        init => field = value >= 1
            ? value
            : throw new ArgumentOutOfRangeException(
                nameof(value), value, $"{nameof(Backlog)}: Expected at least 1, got {value}.");
    } = 128;

    /// <summary>
    /// Which peers may query what this server serves and what happens in its process: contract descriptions,
    /// connections, live objects, waiting calls, costs of methods, and messages as they are sent and received. Messages
    /// with an <see cref="IpcSensitiveAttribute"/> value are shown without content. The tool <c>multiprocess</c> makes
    /// such queries. Default <see cref="IpcIntrospection.SameUser"/>: only peers of the same user over a Unix socket.
    /// This has a cost only while a peer queries. A peer that may not have the root never gets an answer, whatever this
    /// option says.
    /// </summary>
    /// <remarks>
    /// A querying connection counts as a connection of the server and of the user, and creates no root. It sees the
    /// whole process, not only this server.
    /// </remarks>
    public IpcIntrospection Introspection
    {
        get;
        init => field = Enum.IsDefined(value)
            ? value
            : throw new ArgumentOutOfRangeException(
                nameof(value), value, $"{nameof(Introspection)}: Expected SameUser, Off or AllPeers, got {value}.");
    }

    /// <summary>All keys are equal, so that options with the same values are equal.</summary>
    /// <summary>
    /// A second protocol on the same socket, Cap'n Proto for example. Default null: none. Applies to Unix sockets. The
    /// first four bytes of a client tell which protocol it speaks, and the server sends nothing before it has read
    /// them. The limits of connections, users and handshakes, <see cref="IpcConnectionOptions.AuthorizePeer"/> and
    /// <see cref="Authorize"/> apply to both protocols. A client of the second one is not in
    /// <see cref="IpcServer.Connections"/>.
    /// </summary>
    public IpcOtherProtocol? OtherProtocol { get; init; }

    private sealed class SharingKey
    {
        public override bool Equals(object? obj) => obj is SharingKey;

        public override int GetHashCode() => 0;
    }

    private static long CheckBytes(long value, [CallerMemberName] string name = "")
        => value is >= 64 * 1024 and <= 1024L * 1024 * 1024 * 1024
            ? value
            : throw new ArgumentOutOfRangeException(
                nameof(value), value, $"{name}: Expected 65,536 to 1,099,511,627,776 bytes, got {value:N0}.");
}
