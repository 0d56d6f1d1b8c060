using Multiprocess.Native;

namespace Multiprocess.Transports;

/// <summary>Reads a peer's identity, and decides whether it is allowed.</summary>
internal static unsafe class PeerCredentials
{
    /// <summary>Stands for every user that a user namespace does not map, so it does not identify the peer.</summary>
    private const long OverflowUserId = 65534;

    public static IpcPeer Unknown { get; } = new(0, -1, -1);

    /// <summary>The identity of this process, as a peer would see it.</summary>
    public static IpcPeer Own() => OperatingSystem.IsWindows()
        ? new IpcPeer(Environment.ProcessId, -1, -1)
        : new IpcPeer(Environment.ProcessId, NativeUser.EffectiveUserId(), NativeUser.EffectiveGroupId());

    /// <summary>The process that connected, called listen, or created the pair.</summary>
    public static IpcPeer Of(NativeHandle socket)
    {
        NativeSockets.Credentials credentials = default;
        uint length = (uint)sizeof(NativeSockets.Credentials);
        if (NativeSockets.GetOption(
            socket, NativeSockets.SocketLevel, NativeSockets.PeerCredentialsOption, &credentials, &length) != 0)
        {
            throw Errno.Exception("Asking for the peer's credentials", Errno.Last);
        }

        return new IpcPeer(credentials.ProcessId, IdOrUnknown(credentials.UserId), IdOrUnknown(credentials.GroupId));
    }

    /// <summary>The default rule for both directions: only the same user. Root is not an exception.</summary>
    public static bool IsSameUser(IpcPeer peer) => IsSameUser(peer, NativeUser.EffectiveUserId());

    public static bool IsSameUser(IpcPeer peer, long ownUserId) =>
        peer.UserId >= 0 && peer.UserId != OverflowUserId && peer.UserId == ownUserId;

    private static long IdOrUnknown(uint id) => id == uint.MaxValue ? -1 : id;
}
