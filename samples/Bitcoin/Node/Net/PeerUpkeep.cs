using System.Diagnostics.CodeAnalysis;
using Bitcoin.Hosting;
using Bitcoin.Node.Net.Transport;

namespace Bitcoin.Node.Net;

/// <summary>
/// Does for every peer what is due: ends it if it is silent, pings it, and sends requests and announcements.
/// </summary>
internal sealed class PeerUpkeep(
    PeerGroup group,
    PeerMessages messages,
    NetOptions options,
    TimeProvider clock,
    DebugLog log,
    CancellationToken stop)
{
    private static readonly TimeSpan s_tick = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_leastTick = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan s_fetchPatience = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan s_pingInterval = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan s_silence = TimeSpan.FromMinutes(20);

    // Set when a message came. Never disposed: readers of messages may end after the group.
    private readonly AutoResetEvent _wake = new(false);

    internal void Start() => new Thread(Run) { IsBackground = true, Name = "b-net" }.Start();

    /// <summary>Makes the next round begin at once.</summary>
    internal void Wake() => _wake.Set();

    /// <summary>Does what is due for one peer.</summary>
    internal void Keep(Peer peer)
    {
        DateTimeOffset now = clock.GetUtcNow();
        if (Overdue(peer, now) is { } overdue)
        {
            group.Disconnect(peer, overdue);
            return;
        }

        if (peer.IsPrivate)
        {
            messages.LookForSlowPrivate(peer);
            return;
        }

        if (!peer.IsEstablished)
        {
            return;
        }

        lock (group.Gate)
        {
            bool isWaiting = peer.PingNonce != 0;
            if (isWaiting && now - peer.PingSent > s_silence && now - peer.Connected > options.PeerTimeout)
            {
                group.Disconnect(peer, $"ping timeout: {(now - peer.PingSent).TotalSeconds:F6}s");
                return;
            }

            if (peer.WantsPing || (!isWaiting && now - peer.PingSent > s_pingInterval))
            {
                peer.WantsPing = false;
                peer.PingNonce = (ulong)Random.Shared.NextInt64(1, long.MaxValue);
                peer.PingSent = now;
                peer.Send("ping", new WireWriter().UInt64(peer.PingNonce).ToArray());
            }
        }

        messages.SendAddresses(peer);
        messages.StartSync(peer);
        messages.ReconsiderOrphans(peer);
        messages.RequestTransactions(peer);
        messages.AnnounceTransactions(peer);
        messages.RequestBlocks(peer);
        messages.LookForStalling(peer);
        messages.LookForLagging(peer);
        messages.AskForHeaders(peer);
        messages.SendFeeFilter(peer);
    }

    [SuppressMessage(
        "Design",
        "CA1031",
        Justification = "What goes wrong with one peer must not end the others' time-keeping.")]
    private void Run()
    {
        WaitHandle[] reasons = [stop.WaitHandle, _wake];
        while (WaitHandle.WaitAny(reasons, s_tick) != 0 && !stop.WaitHandle.WaitOne(s_leastTick))
        {
            group.News.Spread();
            foreach (Peer peer in group.All)
            {
                try
                {
                    Keep(peer);
                }
                catch (Exception exception)
                {
                    log.Write("net", $"peer={peer.Id}: {exception.Message}");
                    peer.Dispose();
                }
            }
        }
    }

    /// <summary>What the peer has not done in time; null if nothing is overdue.</summary>
    private string? Overdue(Peer peer, DateTimeOffset now)
    {
        TimeSpan age = now - peer.Connected;
        if (peer.Type == "addr-fetch" && age > s_fetchPatience)
        {
            return "addrfetch connection timeout";
        }

        bool isSilent = peer.LastReceive == default || peer.LastSend == default;
        if (age <= options.PeerTimeout || (peer.IsEstablished && !isSilent))
        {
            return null;
        }

        string received = peer.LastReceive == default ? "never received from peer" : "";
        string sent = peer.LastSend == default ? "never sent to peer" : "";
        return isSilent
            ? $"socket no message in first {(int)options.PeerTimeout.TotalSeconds} seconds, "
                + $"{string.Join(", ", new[] { received, sent }.Where(static part => part.Length > 0))}"
            : peer.Transport == TransportKind.Detecting
            ? "V2 handshake timeout"
            : "version handshake timeout";
    }
}
