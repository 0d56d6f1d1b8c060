using Bitcoin.Chain;
using NBitcoin;

namespace Bitcoin.Node.Mempool;

/// <summary>
/// Estimates fee rates from past transactions: the fee rate of most transactions that were confirmed within a number of
/// blocks.
/// </summary>
internal sealed class FeeEstimator
{
    private const int MaxSamples = 5000;
    private const int LeastSamples = 10;

    private readonly Lock _gate = new();

    // Guarded by the gate: the number of blocks and the fee rate of each transaction, the oldest first.
    private readonly Queue<(int Blocks, RelayRate Rate)> _samples = new();

    internal FeeEstimator(TransactionPool pool, BlockTree tree)
    {
        pool.Removed += (entry, reason) =>
        {
            if (reason == "block")
            {
                Add(Math.Max(1, tree.Tip.Height - entry.Height), RelayRate.Of(entry.Fee, entry.Size));
            }
        };
        Least = pool.Options.MinRelay;
    }

    private RelayRate Least { get; }

    /// <summary>The fee rate for confirmation within a number of blocks; null if there is too little data.</summary>
    internal RelayRate? Estimate(int target)
    {
        lock (_gate)
        {
            List<RelayRate> rates =
                [
                    .. _samples.Where(sample => sample.Blocks <= target).Select(static sample => sample.Rate).Order(),
                ];
            return rates.Count < LeastSamples
                ? null
                : new RelayRate(Math.Max(Least.PerKilobyte, rates[rates.Count / 2].PerKilobyte));
        }
    }

    /// <summary>How many samples were confirmed within a number of blocks, and how many there are.</summary>
    internal (int Within, int Total) Counts(int target)
    {
        lock (_gate)
        {
            return (_samples.Count(sample => sample.Blocks <= target), _samples.Count);
        }
    }

    private void Add(int blocks, RelayRate rate)
    {
        lock (_gate)
        {
            _samples.Enqueue((blocks, rate));
            if (_samples.Count > MaxSamples)
            {
                _samples.Dequeue();
            }
        }
    }
}
