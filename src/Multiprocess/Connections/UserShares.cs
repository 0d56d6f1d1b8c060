using Multiprocess.Framing;

namespace Multiprocess.Connections;

/// <summary>What the connections of a server hold together: those of one user, and all.</summary>
/// <remarks>Thread-safe. Peers whose user is not known, over TCP, count for the server alone.</remarks>
internal sealed class UserShares(IpcServerOptions options)
{
    private const long Unknown = -1;

    private readonly Lock _lock = new();
    private readonly Dictionary<long, Share> _shares = [];
    private readonly SharedBytes _all = new(options.MaxServerWaitingBytes, outer: null);

    /// <summary>Counts one more connection.</summary>
    /// <param name="user">Whose.</param>
    /// <param name="bytes">What it may have waiting together with others.</param>
    /// <returns>False when the user has as many as it may.</returns>
    public bool TryEnter(long user, out SharedBytes bytes)
    {
        bytes = _all;
        if (user == Unknown)
        {
            return true;
        }

        lock (_lock)
        {
            if (!_shares.TryGetValue(user, out Share? share))
            {
                _shares.Add(user, share = new Share(new SharedBytes(options.MaxUserWaitingBytes, _all)));
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

    /// <summary>A connection that was counted has ended.</summary>
    public void Leave(long user)
    {
        lock (_lock)
        {
            if (user != Unknown && --_shares[user].Connections == 0)
            {
                _shares.Remove(user);
            }
        }
    }

    private sealed class Share(SharedBytes bytes)
    {
        public int Connections { get; set; }

        public SharedBytes Bytes { get; } = bytes;
    }
}
