namespace Multiprocess;

/// <summary>Which peers may ask a server what it serves and what goes on in its process; see <see cref="IpcServerOptions.Introspection"/>.</summary>
public enum IpcIntrospection
{
    /// <summary>Peers that run as the same user, over a Unix socket. Nobody over TCP, and no other user.</summary>
    SameUser,

    /// <summary>Nobody: whoever asks is told that the server serves another contract.</summary>
    Off,

    /// <summary>Whoever may have the server's root: other users, and peers over TCP, too.</summary>
    AllPeers,
}
