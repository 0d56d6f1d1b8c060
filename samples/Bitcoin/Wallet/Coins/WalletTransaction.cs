using NBitcoin;

namespace Bitcoin.Wallet.Coins;

/// <summary>A transaction that concerns a wallet, with its state.</summary>
internal sealed class WalletTransaction(Transaction transaction, TransactionState state)
{
    // The same transaction with other witnesses.
    private readonly Dictionary<uint256, Transaction> _variants = new() { [transaction.GetWitHash()] = transaction };

    internal uint256 Id { get; } = transaction.GetHash();

    /// <summary>The transaction as in its block, or else the smallest known form with witnesses.</summary>
    internal Transaction Transaction { get; private set; } = transaction;

    internal IEnumerable<Transaction> Variants => _variants.Values;

    internal TransactionState State { get; set; } = state;

    internal string? From { get; set; }

    internal string? Message { get; set; }

    internal string? Comment { get; set; }

    internal string? CommentTo { get; set; }

    internal uint256? Replaces { get; set; }

    internal uint256? ReplacedBy { get; set; }

    internal List<(string Kind, string Text)> Requests { get; set; } = [];

    /// <summary>Seconds since 1970: when the wallet saw it first.</summary>
    internal uint ReceivedTime { get; set; }

    /// <summary>Seconds since 1970, in the order in which transactions came to the wallet; it never changes.</summary>
    internal uint SmartTime { get; set; }

    /// <summary>Its place among the wallet's transactions; -1 for none.</summary>
    internal long Order { get; set; } = -1;

    /// <summary>
    /// The transactions in the memory pool that spend the same output as this one or as an ancestor of it. Not stored.
    /// </summary>
    internal HashSet<uint256> MempoolConflicts { get; } = [];

    /// <summary>The transaction in the memory pool that is the only allowed child of this one. Not stored.</summary>
    internal uint256? RestrictedChild { get; set; }

    internal long Time => SmartTime != 0 ? SmartTime : ReceivedTime;

    internal bool IsCoinbase => Transaction.IsCoinBase;

    internal bool IsConfirmed => State is TransactionState.Confirmed;

    internal bool IsInMempool => State is TransactionState.InMempool;

    internal bool IsBlockConflicted => State is TransactionState.Conflicted;

    internal bool IsAbandoned => State is TransactionState.Inactive { IsAbandoned: true };

    internal bool IsInactive => State is TransactionState.Inactive;

    internal bool IsUnconfirmed => !IsAbandoned && !IsBlockConflicted && MempoolConflicts.Count == 0 && !IsConfirmed;

    /// <summary>Whether the wallet counts the inputs of this transaction as spent.</summary>
    internal bool Spends => !IsAbandoned && !IsBlockConflicted && MempoolConflicts.Count == 0;

    internal void AddVariant(Transaction variant) => _variants[variant.GetWitHash()] = variant;

    /// <summary>Merges another sight of the same transaction.</summary>
    /// <returns>Whether anything changed.</returns>
    internal bool Update(Transaction seen, TransactionState state)
    {
        uint256 before = Transaction.GetWitHash();
        uint256 hash = seen.GetWitHash();
        bool isNew = _variants.TryAdd(hash, seen);
        if (State.GetType() != state.GetType())
        {
            State = state;
            isNew = true;
            if (IsConfirmed)
            {
                Transaction = _variants[hash];
            }
        }

        if (!IsConfirmed)
        {
            Choose();
        }

        return isNew || Transaction.GetWitHash() != before;
    }

    /// <summary>Chooses the smallest form with witnesses, unless a block has decided.</summary>
    internal void Choose()
        => Transaction = _variants
            .OrderBy(static pair => (!pair.Value.HasWitness, Weights.Of(pair.Value)))
            .ThenBy(static pair => pair.Key)
            .First().Value;
}
