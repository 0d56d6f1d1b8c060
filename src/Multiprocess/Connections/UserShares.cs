using Multiprocess.Framing;
using Multiprocess.Locks;

namespace Multiprocess.Connections;

/// <summary>Counts the connections and the waiting bytes of each user of a server, and of the whole server.</summary>
/// <remarks>Thread-safe. Peers of unknown user (over TCP) count only for the server.</remarks>
internal sealed class UserShares(IpcServerOptions options)
{
    private const long Unknown = -1;

    private readonly Lock _lock = new();
    private readonly Dictionary<long, Share> _shares = [];
    private readonly SharedByteLimit _all =
        new(options.MaxServerWaitingBytes, outer: null, options.FrameTurnMilliseconds);

    /// <summary>Counts one more connection.</summary>
    /// <param name="user">The user id of the peer.</param>
    /// <param name="bytes">The limit on waiting bytes that the connection shares with others.</param>
    /// <returns>False when the user has reached the limit of connections.</returns>
    public bool TryEnter(long user, out SharedByteLimit bytes)
    {
        bytes = _all;
        if (user == Unknown)
        {
            return true;
        }

        using (Uninterruptible.Enter(_lock))
        {
            if (!_shares.TryGetValue(user, out Share? share))
            {
                share = new Share(
                    new SharedByteLimit(options.MaxUserWaitingBytes, _all, options.FrameTurnMilliseconds));
                _shares.Add(user, share);
            }

            if (share.Connections >= options.MaxUserConnections)
            {
                return false;
            }

            share.Connections++;
            bytes = share.Bytes;
            return true;
        }
    }

    /// <summary>Called when a counted connection has ended.</summary>
    public void Leave(long user)
    {
        using (Uninterruptible.Enter(_lock))
        {
            if (user != Unknown && --_shares[user].Connections == 0)
            {
                _shares.Remove(user);
            }
        }
    }

    private sealed class Share(SharedByteLimit bytes)
    {
        public int Connections { get; set; }

        public SharedByteLimit Bytes { get; } = bytes;
    }
}
