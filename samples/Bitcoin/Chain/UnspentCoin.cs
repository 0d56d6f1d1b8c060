namespace Bitcoin.Chain;

/// <summary>An output that nobody has spent.</summary>
/// <param name="Value">In satoshis.</param>
/// <param name="Script">What must be met to spend it.</param>
/// <param name="Height">The height of the block that made it.</param>
/// <param name="IsCoinbase">Whether a coinbase made it.</param>
public sealed record UnspentCoin(long Value, ReadOnlyMemory<byte> Script, int Height, bool IsCoinbase);
