using Bitcoin.Interfaces;
using Bitcoin.Primitives;
using Bitcoin.Wallet.Keys;
using Bitcoin.Wallet.Storage;
using NBitcoin;

namespace Bitcoin.Wallet.Coins;

/// <summary>How an output is spent.</summary>
internal enum SpendKind
{
    Unspent,

    /// <summary>By a transaction in a block.</summary>
    Confirmed,

    /// <summary>By a transaction in the node's memory pool.</summary>
    Mempool,

    /// <summary>By a transaction that the node does not have.</summary>
    NonMempool,
}

/// <summary>
/// The transactions that concern a wallet, in order, and which transaction spends which output. Used under the wallet's
/// gate.
/// </summary>
internal sealed class Ledger
{
    private const int Maturity = 100;

    private readonly IChain _chain;
    private readonly Network _network;
    private readonly WalletRecords _records;
    private readonly KeyRing _keys;
    private readonly Dictionary<uint256, WalletTransaction> _all = [];
    private readonly SortedDictionary<long, WalletTransaction> _inOrder = [];
    private readonly Dictionary<OutPoint, List<uint256>> _spends = [];
    private readonly Dictionary<OutPoint, WalletTransaction> _outputs = [];

    // The value: whether the lock is stored.
    private readonly Dictionary<OutPoint, bool> _locked = [];
    private long _nextOrder;

    internal Ledger(IChain chain, NetworkParameters network, WalletRecords records, KeyRing keys)
    {
        _chain = chain;
        _network = network.Network;
        _records = records;
        _keys = keys;
    }

    /// <summary>The last block that the wallet has seen.</summary>
    internal BlockTip Tip { get; set; } = new(-1, uint256.Zero, 0);

    /// <summary>Called for a transaction that is new or whose state changed.</summary>
    internal Action<WalletTransaction, bool> Changed { get; set; } = static (_, _) => { };

    internal int Count => _all.Count;

    internal IEnumerable<WalletTransaction> InOrder => _inOrder.Values;

    internal IEnumerable<WalletTransaction> NewestFirst => _inOrder.Values.Reverse();

    /// <summary>The outputs that belong to the wallet, spent or not.</summary>
    internal IReadOnlyDictionary<OutPoint, WalletTransaction> Outputs => _outputs;

    internal IEnumerable<OutPoint> LockedCoins
        => _locked.Keys.OrderBy(static coin => coin.Hash).ThenBy(static coin => coin.N);

    internal WalletTransaction? Find(uint256 id) => _all.GetValueOrDefault(id);

    internal TxOut? OutputOf(OutPoint id)
        => Find(id.Hash) is { } owner && id.N < owner.Transaction.Outputs.Count
            ? owner.Transaction.Outputs[(int)id.N]
            : null;

    internal bool IsMine(OutPoint id) => OutputOf(id) is { } output && _keys.IsMine(output.ScriptPubKey);

    internal IReadOnlyList<uint256> SpendersOf(OutPoint id)
        => _spends.TryGetValue(id, out List<uint256>? spenders) ? spenders : [];

    /// <summary>
    /// The number of blocks from the one with the transaction to the tip. Negative if a block conflicts with the
    /// transaction; 0 if it is in no block.
    /// </summary>
    internal int DepthOf(WalletTransaction transaction) => transaction.State switch
    {
        TransactionState.Confirmed confirmed => Tip.Height - confirmed.Height + 1,
        TransactionState.Conflicted conflicted => -(Tip.Height - conflicted.Height + 1),
        _ => 0,
    };

    internal bool IsImmature(WalletTransaction transaction)
        => transaction.IsCoinbase && Maturity + 1 - DepthOf(transaction) > 0;

    internal bool IsSpent(OutPoint id) => SpendersOf(id).Any(spender => Find(spender)?.Spends == true);

    internal SpendKind HowSpent(OutPoint id)
    {
        SpendKind kind = SpendKind.Unspent;
        foreach (WalletTransaction spender in SpendersOf(id).Select(Find).OfType<WalletTransaction>())
        {
            if (spender.IsConfirmed)
            {
                return SpendKind.Confirmed;
            }

            kind = spender.IsInMempool ? SpendKind.Mempool
                : spender.Spends && kind == SpendKind.Unspent ? SpendKind.NonMempool
                : kind;
        }

        return kind;
    }

    internal bool HasWalletSpend(WalletTransaction transaction)
        => Enumerable.Range(0, transaction.Transaction.Outputs.Count).Any(
            i => IsSpent(new OutPoint(transaction.Id, i)));

    internal bool IsFromMe(Transaction transaction)
        => transaction.Inputs.Exists(input => _outputs.ContainsKey(input.PrevOut));

    /// <summary>The other transactions of the wallet that spend an output which a transaction spends.</summary>
    internal SortedSet<uint256> ConflictsOf(WalletTransaction transaction)
    {
        SortedSet<uint256> conflicts =
            [
                .. transaction.Transaction.Inputs.SelectMany(input => SpendersOf(input.PrevOut)),
            ];
        conflicts.Remove(transaction.Id);
        return conflicts;
    }

    internal bool IsLocked(OutPoint coin) => _locked.ContainsKey(coin);

    internal void LockCoin(OutPoint coin, bool persists)
    {
        if (persists)
        {
            _records.WriteLocked(coin);
        }

        _locked.TryAdd(coin, persists);
    }

    internal void UnlockCoin(OutPoint coin)
    {
        if (_locked.Remove(coin, out bool isStored) && isStored)
        {
            _records.EraseLocked(coin);
        }
    }

    internal void UnlockAll() => _records.Database.InTransaction(() => _locked.Keys.ToList().ForEach(UnlockCoin));

    /// <summary>Reads all transactions from the file.</summary>
    internal void Load()
    {
        _nextOrder = _records.ReadNextOrder();
        foreach (WalletTransaction transaction in _records.Transactions(_network))
        {
            Place(transaction);
            _all[transaction.Id] = transaction;
        }

        SetOrder();
        foreach (WalletTransaction transaction in _all.Values)
        {
            Spend(transaction);
            Own(transaction);
        }

        foreach (OutPoint coin in _records.LockedCoins())
        {
            _locked[coin] = true;
        }

        foreach (WalletTransaction transaction in _all.Values.Where(
            static one => one.IsCoinbase && one.IsInactive).ToArray())
        {
            Abandon(transaction);
        }
    }

    /// <summary>Adds a transaction, or updates its state. It is stored when this returns.</summary>
    internal WalletTransaction Add(
        Transaction seen, TransactionState state, bool isOldBlock = false, Action<WalletTransaction>? fill = null)
    {
        uint256 id = seen.GetHash();
        bool isNew = !_all.TryGetValue(id, out WalletTransaction? transaction);
        bool isChanged = fill is not null;
        _records.Database.InTransaction(() =>
        {
            if (isNew)
            {
                transaction = new WalletTransaction(seen, state)
                {
                    ReceivedTime = (uint)_chain.GetTime(),
                    Order = _nextOrder++,
                };
                _records.WriteNextOrder(_nextOrder);
                _all[id] = transaction;
                _inOrder[transaction.Order] = transaction;
                transaction.SmartTime = SmartTime(transaction, isOldBlock);
                Spend(transaction);
            }
            else
            {
                isChanged |= transaction!.Update(seen, state);
            }

            fill?.Invoke(transaction!);
            if (transaction!.IsCoinbase && transaction.IsInactive)
            {
                Update(transaction, static one => one.State = new TransactionState.Inactive(IsAbandoned: true));
            }

            if (isNew || isChanged)
            {
                _records.WriteTransaction(transaction);
            }
        });
        Own(transaction!);

        // A rescan reports every transaction that it finds.
        if (isNew || isChanged || isOldBlock)
        {
            Changed(transaction!, isNew);
        }

        return transaction!;
    }

    /// <summary>Abandons a transaction: its inputs can be spent again.</summary>
    /// <returns>False if it is in a block or in the node's memory pool.</returns>
    internal bool Abandon(WalletTransaction transaction)
    {
        if (DepthOf(transaction) != 0 || transaction.IsInMempool)
        {
            return false;
        }

        Spread(transaction.Id, static one =>
        {
            if (one.IsBlockConflicted || one.IsAbandoned)
            {
                return false;
            }

            one.State = new TransactionState.Inactive(IsAbandoned: true);
            return true;
        });
        return true;
    }

    /// <summary>Changes a transaction and the transactions that depend on it.</summary>
    /// <param name="id">The first transaction.</param>
    /// <param name="change">
    /// Changes a transaction. Returns false if nothing changed; its dependents are then left alone.
    /// </param>
    /// <param name="stores">Whether the change must be stored.</param>
    internal void Spread(uint256 id, Func<WalletTransaction, bool> change, bool stores = true)
    {
        HashSet<uint256> done = [];
        Stack<uint256> open = new([id]);
        List<WalletTransaction> changed = [];
        while (open.TryPop(out uint256? next))
        {
            if (!done.Add(next) || Find(next) is not { } transaction || !change(transaction))
            {
                continue;
            }

            changed.Add(transaction);
            for (int i = 0; i < transaction.Transaction.Outputs.Count; i++)
            {
                foreach (uint256 spender in SpendersOf(new OutPoint(next, i)))
                {
                    open.Push(spender);
                }
            }
        }

        if (stores && changed.Count > 0)
        {
            _records.Database.InTransaction(() => changed.ForEach(_records.WriteTransaction));
        }

    }

    /// <summary>Stores all transactions again.</summary>
    internal void StoreAll()
    {
        _records.WriteNextOrder(_nextOrder);
        foreach (WalletTransaction transaction in _all.Values)
        {
            _records.WriteTransaction(transaction);
        }
    }

    internal void Store(WalletTransaction transaction) => _records.WriteTransaction(transaction);

    /// <summary>Removes transactions.</summary>
    internal void Remove(IReadOnlyCollection<WalletTransaction> gone)
    {
        _records.Database.InTransaction(() =>
        {
            foreach (WalletTransaction transaction in gone)
            {
                _records.EraseTransaction(transaction.Id);
            }
        });
        foreach (WalletTransaction transaction in gone)
        {
            _all.Remove(transaction.Id);
            _inOrder.Remove(transaction.Order);
            foreach (TxIn input in transaction.Transaction.Inputs)
            {
                if (_spends.TryGetValue(input.PrevOut, out List<uint256>? spenders))
                {
                    spenders.Remove(transaction.Id);
                }
            }

            for (int i = 0; i < transaction.Transaction.Outputs.Count; i++)
            {
                _outputs.Remove(new OutPoint(transaction.Id, i));
            }
        }
    }

    /// <summary>Finds the outputs of new keys among all transactions.</summary>
    internal void RefreshOutputs()
    {
        foreach (WalletTransaction transaction in _all.Values)
        {
            Own(transaction);
        }
    }

    internal void RefreshMempool(WalletTransaction transaction)
    {
        if (_chain.IsInMempool(transaction.Id))
        {
            transaction.State = new TransactionState.InMempool();
        }
        else if (transaction.IsInMempool)
        {
            transaction.State = new TransactionState.Inactive(IsAbandoned: false);
        }
    }

    private void Update(WalletTransaction first, Action<WalletTransaction> change)
    {
        Spread(first.Id, one =>
        {
            change(one);
            return true;
        });
    }

    private void Place(WalletTransaction transaction)
    {
        uint256? block = transaction.State switch
        {
            TransactionState.Confirmed confirmed => confirmed.Block,
            TransactionState.Conflicted conflicted => conflicted.Block,
            _ => null,
        };
        if (block is not null)
        {
            bool isActive = _chain.FindBlock(block, BlockParts.Height | BlockParts.Active, out FoundBlock? found)
                && found!.IsActive == true;
            transaction.State = !isActive ? new TransactionState.Inactive(IsAbandoned: false)
                : transaction.State
                    is TransactionState.Confirmed confirmed ? confirmed with { Height = found!.Height!.Value }
                : new TransactionState.Conflicted(block, found!.Height!.Value);
        }

        if (!transaction.IsConfirmed)
        {
            transaction.Choose();
        }
    }

    private void SetOrder()
    {
        bool hasUnordered = _all.Values.Any(static one => one.Order == -1)
            || _all.Values.Select(static one => one.Order).Distinct().Count() != _all.Count;
        if (hasUnordered)
        {
            _records.Database.InTransaction(() =>
            {
                long order = 0;
                foreach (WalletTransaction transaction in _all.Values.OrderBy(static one => one.ReceivedTime)
                    .ThenBy(static one => one.Order)
                    .ToArray())
                {
                    transaction.Order = order++;
                    _records.WriteTransaction(transaction);
                }

                _nextOrder = order;
                _records.WriteNextOrder(order);
            });
        }

        foreach (WalletTransaction transaction in _all.Values)
        {
            _inOrder[transaction.Order] = transaction;
            _nextOrder = Math.Max(_nextOrder, transaction.Order + 1);
        }
    }

    private void Spend(WalletTransaction transaction)
    {
        if (transaction.IsCoinbase)
        {
            return;
        }

        foreach (TxIn input in transaction.Transaction.Inputs)
        {
            if (!_spends.TryGetValue(input.PrevOut, out List<uint256>? spenders))
            {
                _spends[input.PrevOut] = spenders = [];
            }

            if (!spenders.Contains(transaction.Id))
            {
                spenders.Add(transaction.Id);
            }

            UnlockCoin(input.PrevOut);
            ShareNotes(spenders);
        }
    }

    // The same payment with other signatures: it keeps the comments of the first transaction.
    private void ShareNotes(List<uint256> spenders)
    {
        if (spenders.Count < 2)
        {
            return;
        }

        WalletTransaction first = spenders.Select(Find).OfType<WalletTransaction>().MinBy(static one => one.Order)!;
        foreach (WalletTransaction other in spenders.Select(Find).OfType<WalletTransaction>())
        {
            if (other != first && IsEquivalent(first.Transaction, other.Transaction))
            {
                other.From = first.From;
                other.Message = first.Message;
                other.Comment = first.Comment;
                other.CommentTo = first.CommentTo;
                other.Replaces = first.Replaces;
                other.ReplacedBy = first.ReplacedBy;
                other.Requests = [.. first.Requests];
                other.SmartTime = first.SmartTime;
            }
        }
    }

    private static bool IsEquivalent(Transaction left, Transaction right) => Stripped(left) == Stripped(right);

    private static uint256 Stripped(Transaction transaction)
    {
        Transaction copy = transaction.Clone();
        foreach (TxIn input in copy.Inputs)
        {
            input.ScriptSig = Script.Empty;
            input.WitScript = WitScript.Empty;
        }

        return copy.GetHash();
    }

    private void Own(WalletTransaction transaction)
    {
        for (int i = 0; i < transaction.Transaction.Outputs.Count; i++)
        {
            if (_keys.IsMine(transaction.Transaction.Outputs[i].ScriptPubKey))
            {
                _outputs[new OutPoint(transaction.Id, i)] = transaction;
            }
        }
    }

    private uint SmartTime(WalletTransaction transaction, bool isOldBlock)
    {
        const int Tolerance = 300;
        uint256? block = transaction.State switch
        {
            TransactionState.Confirmed confirmed => confirmed.Block,
            TransactionState.Conflicted conflicted => conflicted.Block,
            _ => null,
        };
        if (block is null || !_chain.FindBlock(block, BlockParts.Time | BlockParts.MaxTime, out FoundBlock? found))
        {
            return transaction.ReceivedTime;
        }

        if (isOldBlock)
        {
            return (uint)(found!.MaxTime ?? found.Time!.Value);
        }

        // The block's time, but not before the previous transaction and not after now.
        long now = transaction.ReceivedTime;
        long latest = 0;
        foreach (WalletTransaction other in NewestFirst)
        {
            if (other != transaction && other.Time <= transaction.ReceivedTime + Tolerance)
            {
                latest = other.Time;
                now = Math.Max(now, other.Time);
                break;
            }
        }

        return (uint)Math.Max(latest, Math.Min(found!.Time!.Value, now));
    }
}
