namespace Multiprocess;

/// <summary>How a server and its connections behave.</summary>
public record IpcServerOptions : IpcConnectionOptions
{
    /// <summary>
    /// Most connections at a time. Default unlimited. At the limit the server stops accepting; further clients wait in
    /// the backlog, and are accepted as others leave.
    /// </summary>
    public int MaxConnections
    {
        get;
        init => field = value >= 1 ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "Expected at least 1.");
    } = int.MaxValue;

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
}
