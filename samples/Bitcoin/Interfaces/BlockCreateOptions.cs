using NBitcoin;

namespace Bitcoin.Interfaces;

/// <summary>What goes into a block template.</summary>
/// <param name="CoinbaseScript">Who gets the subsidy; anybody when null.</param>
/// <param name="UseMempool">Whether transactions that wait are included.</param>
public sealed record BlockCreateOptions(Script? CoinbaseScript = null, bool UseMempool = true);
