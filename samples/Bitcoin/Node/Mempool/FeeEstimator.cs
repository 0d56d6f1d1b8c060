using Bitcoin.Chain;
using NBitcoin;

namespace Bitcoin.Node.Mempool;

/// <summary>
/// How much to pay, from what was paid: of the transactions that left the pool within so many blocks, the fee rate that
/// most of them had.
/// </summary>
internal sealed class FeeEstimator
{
    private const int MaxSamples = 5000;
    private const int LeastSamples = 10;

    private readonly Lock _gate = new();

    // Under the gate: how many blocks it took, and what was paid; the oldest first.
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

    /// <summary>The fee rate that took at most so many blocks; null where too little is known.</summary>
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

    /// <summary>How many samples took at most so many blocks, and how many there are.</summary>
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
