namespace Multiprocess;

/// <summary>How a server and its connections behave.</summary>
public record IpcServerOptions : IpcConnectionOptions
{
    /// <summary>
    /// Most connections at a time. Default 65,536; at least 1. At the limit the server stops accepting; further clients wait
    /// in the backlog, and are accepted as others leave. Whatever is set here, a sixteenth of the descriptors that the
    /// process may have (16 to 256) is kept free of connections: a client for which no other is left within a second is
    /// told so (<see cref="IpcErrorKind.LimitExceeded"/>), and those that are connected go on.
    /// </summary>
    public int MaxConnections
    {
        get;
        init => field = value >= 1 ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "Expected at least 1.");
    } = 65_536;

    /// <summary>
    /// Most connections of one user at a time. Default 65,536; at least 1. One more is told so
    /// (<see cref="IpcErrorKind.LimitExceeded"/>). Peers over TCP have no user; for them <see cref="MaxConnections"/> holds.
    /// </summary>
    public int MaxUserConnections
    {
        get;
        init => field = value >= 1 ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "Expected at least 1.");
    } = 65_536;

    /// <summary>
    /// Most bytes that all connections of one user together may have waiting, in both directions: received and not yet
    /// run, and not yet taken by the peer. Default 512 MiB; 64 KiB to 1 TiB. At the limit those connections are held back
    /// that have more than 64 KiB waiting, as each is at its own limit (<see cref="IpcLimits.MaxWaitingBytes"/>).
    /// </summary>
    public long MaxUserWaitingBytes
    {
        get;
        init => field = CheckBytes(value);
    } = 512L * 1024 * 1024;

    /// <summary>As <see cref="MaxUserWaitingBytes"/>, for all connections of the server. Default 1 GiB; 64 KiB to 1 TiB.</summary>
    public long MaxServerWaitingBytes
    {
        get;
        init => field = CheckBytes(value);
    } = 1024L * 1024 * 1024;

    /// <summary>
    /// Most clients whose handshake is under way, or whose root is being made, at a time. Default 256; at least 1. At
    /// the limit further clients wait in the backlog: silent strangers hold no more than so many threads, each for
    /// <see cref="IpcConnectionOptions.ConnectTimeout"/> at most.
    /// </summary>
    public int MaxHandshakes
    {
        get;
        init => field = value >= 1 ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "Expected at least 1.");
    } = 256;

    /// <summary>
    /// Which peers may have which interface: asked once for each connection, with the peer and the root's interface,
    /// before anything of the peer's is answered and before its root is made. Default null: every peer that was let in.
    /// It only narrows: whoever <see cref="IpcConnectionOptions.AuthorizePeer"/> or a certificate has not let in is not
    /// asked about. A peer that is refused gets <see cref="IpcErrorKind.Refused"/>. May be called on any thread; what it
    /// throws is a refusal.
    /// </summary>
    /// <example><code>Authorize = (peer, contract) => peer.UserId == 1000 &amp;&amp; contract == typeof(ICalculator)</code></example>
    public Func<IpcPeer, Type, bool>? Authorize { get; init; }

    /// <summary>How many clients may wait to be accepted. Default 128; at least 1. The system may lower it.</summary>
    public int Backlog
    {
        get;
        init => field = value >= 1 ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "Expected at least 1.");
    } = 128;

    /// <summary>
    /// Which peers may ask what is served here and what goes on in the process: contracts in words, connections, live
    /// objects, waiting calls, costs of methods, and messages while they cross, those with an
    /// <see cref="IpcSensitiveAttribute"/> value without content. The tool <c>multiprocess</c> asks. Default
    /// <see cref="IpcIntrospection.SameUser"/>: peers of the same user over a Unix socket, and nobody else. What it costs
    /// it costs while somebody asks. A peer that may not have the root is never answered, whatever is set here.
    /// </summary>
    /// <remarks>
    /// A connection that asks counts as one of the server's and of the user's, and makes no root. It sees the whole
    /// process, not this server alone.
    /// </remarks>
    public IpcIntrospection Introspection
    {
        get;
        init => field = Enum.IsDefined(value) ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "Expected SameUser, Off or AllPeers.");
    }

    private static long CheckBytes(long value)
        => value is >= 64 * 1024 and <= 1024L * 1024 * 1024 * 1024
            ? value
            : throw new ArgumentOutOfRangeException(nameof(value), value, "Expected a value from 65,536 to 1,099,511,627,776.");
}
