using NBitcoin;

namespace Bitcoin.Wallet.Coins;

/// <summary>Where a transaction of a wallet stands.</summary>
/// <remarks>
/// Inactive ⇄ waiting → confirmed; a reorganisation leads back. Inactive → conflicted when a block has another one that
/// spends the same.
/// </remarks>
internal abstract record TransactionState
{
    /// <summary>In a block of the active chain.</summary>
    internal sealed record Confirmed(uint256 Block, int Height, int Position) : TransactionState;

    /// <summary>It waits in the node.</summary>
    internal sealed record InMempool : TransactionState;

    /// <summary>It can never be confirmed while a block of the active chain stays there.</summary>
    internal sealed record Conflicted(uint256 Block, int Height) : TransactionState;

    /// <summary>None of these: the node does not have it.</summary>
    internal sealed record Inactive(bool IsAbandoned) : TransactionState;
}
