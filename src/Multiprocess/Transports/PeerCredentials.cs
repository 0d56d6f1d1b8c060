using Multiprocess.Native;

namespace Multiprocess.Transports;

/// <summary>Who a peer is, and whether it may be talked to.</summary>
internal static unsafe class PeerCredentials
{
    /// <summary>Stands for every user that a user namespace does not map: it says nothing about who the peer is.</summary>
    private const long OverflowUserId = 65534;

    public static IpcPeer Unknown { get; } = new(0, -1, -1);

    /// <summary>This process, as a peer would see it.</summary>
    public static IpcPeer Own() => OperatingSystem.IsWindows()
        ? new IpcPeer(Environment.ProcessId, -1, -1)
        : new IpcPeer(Environment.ProcessId, NativeUser.EffectiveUserId(), NativeUser.EffectiveGroupId());

    /// <summary>The process that connected, or that called listen, or that made the pair.</summary>
    public static IpcPeer Of(NativeHandle socket)
    {
        NativeSockets.Credentials credentials = default;
        uint length = (uint)sizeof(NativeSockets.Credentials);
        if (NativeSockets.GetOption(socket, NativeSockets.SocketLevel, NativeSockets.PeerCredentialsOption, &credentials, &length) != 0)
        {
            throw Errno.Exception("Asking for the peer's credentials", Errno.Last);
        }

        return new IpcPeer(credentials.ProcessId, IdOrUnknown(credentials.UserId), IdOrUnknown(credentials.GroupId));
    }

    /// <summary>The default rule, in both directions: the same user only. Root is no exception.</summary>
    public static bool IsSameUser(IpcPeer peer) => IsSameUser(peer, NativeUser.EffectiveUserId());

    public static bool IsSameUser(IpcPeer peer, long ownUserId) =>
        peer.UserId >= 0 && peer.UserId != OverflowUserId && peer.UserId == ownUserId;

    private static long IdOrUnknown(uint id) => id == uint.MaxValue ? -1 : id;
}
