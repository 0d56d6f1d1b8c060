namespace Bitcoin.Node.Net;

/// <summary>
/// Chooses an inbound peer to disconnect when a new one connects. Peers that an attacker could hardly replace are kept:
/// by their network, their latency, their contributions, and their connection time.
/// </summary>
internal static class PeerEviction
{
    /// <summary>The peer to disconnect; null if all must be kept.</summary>
    /// <param name="inbound">The inbound peers that have no right to stay.</param>
    /// <param name="salt">A secret number that determines the order of networks.</param>
    internal static Peer? Choose(IEnumerable<Peer> inbound, ulong salt)
    {
        const int Networks = 4;
        const int Near = 8;
        const int Givers = 4;
        const int BlockOnly = 8;
        List<Peer> left = [.. inbound];
        ulong Keyed(Peer peer) => (ulong)HashCode.Combine(salt, peer.NetGroup);
        Protect(left, Networks, left.OrderByDescending(Keyed));
        Protect(left, Near, left.OrderBy(static peer => peer.BestPing ?? TimeSpan.MaxValue));

        // Peers that gave nothing yet count too, those that are connected longest first.
        Protect(
            left,
            Givers,
            left.OrderByDescending(static peer => peer.LastTransaction)
                .ThenByDescending(static peer => peer.WantsTransactions)
                .ThenBy(static peer => peer.Connected)
                .ThenBy(static peer => peer.Id));
        Protect(
            left,
            BlockOnly,
            left.Where(static peer => !peer.WantsTransactions && peer.HasBlocks)
                .OrderByDescending(static peer => peer.LastBlock)
                .ThenBy(static peer => peer.Connected)
                .ThenBy(static peer => peer.Id));
        Protect(
            left,
            Givers,
            left.OrderByDescending(static peer => peer.LastBlock)
                .ThenByDescending(static peer => peer.HasBlocks)
                .ThenBy(static peer => peer.Connected)
                .ThenBy(static peer => peer.Id));

        // Keep half of the rest: first peers of networks with few peers, then those that are connected longest.
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

        // Disconnect the youngest peer of the network with the most remaining peers.
        return left.GroupBy(static peer => peer.NetGroup)
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
