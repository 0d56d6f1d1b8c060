using NBitcoin;

namespace Bitcoin.Interfaces;

/// <summary>What goes into a block template.</summary>
/// <param name="CoinbaseScript">The output script that receives the subsidy; null for one that anybody can
/// spend.</param>
/// <param name="UseMempool">Whether transactions of the mempool are included.</param>
public sealed record BlockCreateOptions(Script? CoinbaseScript = null, bool UseMempool = true);
