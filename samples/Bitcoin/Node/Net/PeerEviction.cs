namespace Bitcoin.Node.Net;

/// <summary>
/// Chooses whom to let go for somebody new. Those stay who would be hard for an attacker to replace: by their network,
/// by how near they are, by what they gave, by how long they have been here.
/// </summary>
internal static class PeerEviction
{
    /// <summary>The peer to let go; null where all are worth keeping.</summary>
    /// <param name="inbound">Who connected to this node and has no right to stay.</param>
    /// <param name="salt">What makes the order of networks secret.</param>
    internal static Peer? Choose(IEnumerable<Peer> inbound, ulong salt)
    {
        const int Networks = 4;
        const int Near = 8;
        const int Givers = 4;
        const int BlockOnly = 8;
        List<Peer> left = [.. inbound];
        ulong Keyed(Peer peer) => (ulong)HashCode.Combine(salt, Convert.ToHexStringLower(peer.Address.Group));
        Protect(left, Networks, left.OrderByDescending(Keyed));
        Protect(left, Near, left.OrderBy(static peer => peer.BestPing ?? TimeSpan.MaxValue));
        Protect(
            left,
            Givers,
            left.Where(
                static peer => peer.LastTransaction != default).OrderByDescending(static peer => peer.LastTransaction));
        Protect(
            left,
            BlockOnly,
            left.Where(
                static peer
                    => !peer.WantsTransactions && peer.LastBlock != default).OrderByDescending(static peer
                        => peer.LastBlock));
        Protect(
            left,
            Givers,
            left.Where(static peer => peer.LastBlock != default).OrderByDescending(static peer => peer.LastBlock));

        // Of half, those from networks with few peers first, then who has been here longest.
        int half = left.Count / 2;
        int before = left.Count;
        Protect(
            left,
            half / 2,
            left
                .Where(
                    static peer
                        => peer.Network is NetworkNames.Onion or NetworkNames.I2p or NetworkNames.Cjdns
                            || System.Net.IPAddress.IsLoopback(peer.Remote.Address))
                .OrderBy(static peer => peer.Connected)
                .ThenBy(static peer => peer.Id));
        Protect(
            left,
            half - (before - left.Count),
            left.OrderBy(static peer => peer.Connected).ThenBy(static peer => peer.Id));

        // Of the network that has most of those left, the youngest.
        return left.GroupBy(static peer => Convert.ToHexStringLower(peer.Address.Group))
            .OrderByDescending(static group => group.Count()).ThenByDescending(
                static group => group.Max(static peer => peer.Connected))
            .FirstOrDefault()?.OrderByDescending(static peer => peer.Connected)
                .ThenByDescending(static peer => peer.Id)
                .First();
    }

    private static void Protect(List<Peer> left, int count, IEnumerable<Peer> best)
    {
        HashSet<Peer> chosen = [.. best.Take(count)];
        left.RemoveAll(chosen.Contains);
    }
}
