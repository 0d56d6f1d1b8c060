using NBitcoin;

namespace Bitcoin.Interfaces;

/// <summary>What goes into a block template.</summary>
/// <param name="CoinbaseScript">The output script that receives the subsidy; null for one that anybody can
/// spend.</param>
/// <param name="UseMempool">Whether transactions of the mempool are included.</param>
/// <param name="ReservedWeight">
/// The weight kept free for the header and the coinbase, 2,000 to 4,000,000; null for the node's setting.
/// </param>
/// <param name="CoinbaseSigOps">
/// The cost of signature operations kept free for the coinbase's outputs, at most 80,000.
/// </param>
public sealed record BlockCreateOptions(
    Script? CoinbaseScript = null, bool UseMempool = true, int? ReservedWeight = null, int CoinbaseSigOps = 400);
