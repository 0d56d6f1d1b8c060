using Bitcoin.Node.Mempool;
using Bitcoin.Primitives;
using NBitcoin;

namespace Bitcoin.Node.Net;

// The least fee rate of transactions that a peer should announce. Sent again when it changes.
internal sealed partial class PeerMessages
{
    private const int FeeFilterVersion = 70013;
    private const double FeeFilterSeconds = 10 * 60;
    private static readonly TimeSpan s_feeFilterChange = TimeSpan.FromMinutes(5);

    /// <summary>
    /// Sends the least fee rate to a peer when it is due. During the initial download it is the highest possible rate.
    /// The peer must then hear of the normal rate soon, because it announces no transaction until then.
    /// </summary>
    internal void SendFeeFilter(Peer peer)
    {
        if (_options.BlocksOnly
            || peer.Version < FeeFilterVersion
            || peer.May(PeerRights.ForceRelay)
            || peer.Type == "block-relay-only")
        {
            return;
        }

        bool isCatchingUp = _node.IsInitialDownload;
        long current;
        lock (_node.Tree.Gate)
        {
            current = isCatchingUp ? 21_000_000L * Money.COIN : _node.Pool.MinFee().PerKilobyte;
        }

        DateTimeOffset now = _node.Clock.GetUtcNow();
        lock (_group.Gate)
        {
            if (!isCatchingUp && peer.FeeFilterSent == FeeFilterSteps.Highest)
            {
                peer.NextFeeFilter = default;
            }

            if (now > peer.NextFeeFilter)
            {
                long rate = Math.Max(
                    FeeFilterSteps.Round(current, Random.Shared), _node.Pool.Options.MinRelay.PerKilobyte);
                if (rate != peer.FeeFilterSent)
                {
                    peer.Send("feefilter", new WireWriter().Int64(rate).ToArray());
                    peer.FeeFilterSent = rate;
                }

                peer.NextFeeFilter = now + Exponential(FeeFilterSeconds);
            }
            else if (now + s_feeFilterChange < peer.NextFeeFilter
                && (current < 3 * peer.FeeFilterSent / 4 || current > 4 * peer.FeeFilterSent / 3))
            {
                // A large change is sent early.
                peer.NextFeeFilter = now + (s_feeFilterChange * Random.Shared.NextDouble());
            }
        }
    }

    private static TimeSpan Exponential(double seconds)
        => TimeSpan.FromSeconds(-Math.Log(1 - Random.Shared.NextDouble()) * seconds);

    private void HandleFeeFilter(Peer peer, byte[] payload)
    {
        WireReader reader = new(payload);
        long rate = reader.Int64();
        if (rate is >= 0 and <= 21_000_000 * Money.COIN)
        {
            peer.FeeFilter = new RelayRate(rate);
            _log.Write("net", $"received: feefilter of {peer.FeeFilter} from peer={peer.Id}");
        }
    }
}
