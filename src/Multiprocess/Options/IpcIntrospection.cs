namespace Multiprocess;

/// <summary>
/// Which peers may query what a server serves and what happens in its process; see
/// <see cref="IpcServerOptions.Introspection"/>.
/// </summary>
public enum IpcIntrospection
{
    /// <summary>Peers of the same user over a Unix socket. Not over TCP, and no other user.</summary>
    SameUser,

    /// <summary>No peers. A query is answered as if the server served another contract.</summary>
    Off,

    /// <summary>All peers that may have the server's root, including other users and peers over TCP.</summary>
    AllPeers,
}
