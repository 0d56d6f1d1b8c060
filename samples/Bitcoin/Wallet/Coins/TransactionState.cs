using NBitcoin;

namespace Bitcoin.Wallet.Coins;

/// <summary>The state of a transaction of a wallet.</summary>
/// <remarks>
/// Inactive ⇄ in the memory pool → confirmed, and back in a reorganization. Inactive → conflicted when a block has
/// another transaction that spends the same output.
/// </remarks>
internal abstract record TransactionState
{
    /// <summary>In a block of the active chain.</summary>
    internal sealed record Confirmed(uint256 Block, int Height, int Position) : TransactionState;

    /// <summary>In the node's memory pool.</summary>
    internal sealed record InMempool : TransactionState;

    /// <summary>A block of the active chain conflicts with it.</summary>
    internal sealed record Conflicted(uint256 Block, int Height) : TransactionState;

    /// <summary>None of the other states: the node does not have it.</summary>
    internal sealed record Inactive(bool IsAbandoned) : TransactionState;
}
