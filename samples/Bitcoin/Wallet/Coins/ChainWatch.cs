using Bitcoin.Interfaces;
using Bitcoin.Primitives;
using Bitcoin.Wallet.Keys;
using Bitcoin.Wallet.Storage;
using NBitcoin;

namespace Bitcoin.Wallet.Coins;

/// <summary>
/// Applies the blocks of the chain and the transactions of the node's memory pool to a wallet. Used under the wallet's
/// gate.
/// </summary>
internal sealed class ChainWatch(
    IChain chain, NetworkParameters network, WalletRecords records, KeyRing keys, AddressBook book, Ledger ledger)
{
    private const int StoresEvery = 144;
    private const int RestrictedVersion = 3;

    // True if a change could not be stored: the file then lacks what the memory has.
    private bool _isUnstored;

    internal bool AvoidsReuse { get; set; }

    /// <summary>Adds the transactions of the node's memory pool.</summary>
    internal void TakeMempool()
    {
        const int AtOnce = 100;
        foreach (uint256[] ids in chain.GetMempoolIds().Chunk(AtOnce))
        {
            foreach (Transaction transaction in chain.FindMempoolTransactions(ids))
            {
                Waits(transaction);
            }
        }
    }

    /// <summary>Stores the last block that the wallet has seen. The wallet continues from there.</summary>
    internal void StoreTip()
    {
        if (ledger.Tip.Height < 0)
        {
            return;
        }

        List<uint256> locator = [];
        int step = 1;
        for (int height = ledger.Tip.Height; height > 0; height -= step)
        {
            if (!chain.FindAncestorByHeight(ledger.Tip.Hash, height, BlockParts.Height, out FoundBlock? found))
            {
                break;
            }

            locator.Add(found!.Hash);
            step = locator.Count > 10 ? step * 2 : 1;
        }

        locator.Add(network.GenesisHash);
        records.WriteBestBlock(locator);
    }

    /// <summary>
    /// Applies one step of the chain or of the memory pool, either all of it or nothing. If the step cannot be stored,
    /// the wallet's last block is what it was, and the step can be repeated.
    /// </summary>
    /// <remarks>
    /// Transactions that the failed step added stay in memory. A repeated step would find nothing new in them, so the
    /// next step first stores all transactions.
    /// </remarks>
    internal void Follow(Action step)
    {
        BlockTip before = ledger.Tip;
        try
        {
            records.Database.InTransaction(() =>
            {
                if (_isUnstored)
                {
                    keys.StoreAll();
                    ledger.StoreAll();
                }

                step();
            });
            _isUnstored = false;
        }
        catch
        {
            ledger.Tip = before;
            _isUnstored = true;
            throw;
        }
    }

    internal void Connect(BlockInfo block, Block data)
    {
        Follow(() =>
        {
            ledger.Tip = new BlockTip(block.Height, block.Hash, block.Time);
            bool isChanged = false;
            for (int i = 0; i < data.Transactions.Count; i++)
            {
                isChanged |= Sync(data.Transactions[i], new TransactionState.Confirmed(block.Hash, block.Height, i));
                TakeLeft(data.Transactions[i], isConflict: false);
            }

            if (isChanged || block.Height % StoresEvery == 0)
            {
                StoreTip();
            }
        });
    }

    internal void Disconnect(BlockInfo block, Block data)
    {
        Follow(() =>
        {
            for (int i = 0; i < data.Transactions.Count; i++)
            {
                Sync(data.Transactions[i], new TransactionState.Inactive(IsAbandoned: i == 0));
                foreach (uint256 spender in data.Transactions[i].Inputs.SelectMany(
                    input => ledger.SpendersOf(input.PrevOut)).ToArray())
                {
                    ledger.Spread(spender, one =>
                    {
                        if (one.State is not TransactionState.Conflicted conflicted || conflicted.Height < block.Height)
                        {
                            return false;
                        }

                        one.State = new TransactionState.Inactive(IsAbandoned: false);
                        return true;
                    });
                }
            }

            ledger.Tip = new BlockTip(block.Height - 1, block.PreviousHash, 0);
            StoreTip();
        });
    }

    /// <summary>Adds a transaction that came into the node's memory pool.</summary>
    internal void Waits(Transaction transaction) => Follow(() => TakeWaiting(transaction));

    /// <summary>Notes that a transaction has left the node's memory pool.</summary>
    internal void Left(Transaction transaction, bool isConflict) => Follow(() => TakeLeft(transaction, isConflict));

    private void TakeWaiting(Transaction transaction)
    {
        uint256 id = transaction.GetHash();
        Sync(transaction, new TransactionState.InMempool());
        if (ledger.Find(id) is { } own)
        {
            ledger.RefreshMempool(own);
        }

        foreach (uint256 other in OthersThatSpend(transaction, id))
        {
            ledger.Spread(other, one => one.MempoolConflicts.Add(id), stores: false);
        }

        if (transaction.Version == RestrictedVersion)
        {
            foreach (WalletTransaction parent in Parents(transaction).Where(static parent => parent.IsUnconfirmed))
            {
                parent.RestrictedChild = id;
                Siblings(parent, id, one => one.MempoolConflicts.Add(id));
            }
        }
    }

    private void TakeLeft(Transaction transaction, bool isConflict)
    {
        uint256 id = transaction.GetHash();
        if (isConflict)
        {
            // The block with the conflicting transaction is not known yet. It comes later. Users are notified of this
            // change.
            Sync(transaction, new TransactionState.Inactive(IsAbandoned: false));
        }
        else if (ledger.Find(id) is { } own && !own.IsConfirmed)
        {
            ledger.RefreshMempool(own);
        }

        foreach (uint256 other in transaction.Inputs.SelectMany(input => ledger.SpendersOf(input.PrevOut)).ToArray())
        {
            ledger.Spread(other, one => one.MempoolConflicts.Remove(id), stores: false);
        }

        if (transaction.Version == RestrictedVersion)
        {
            foreach (WalletTransaction parent in Parents(transaction).Where(parent => parent.RestrictedChild == id))
            {
                parent.RestrictedChild = null;
                Siblings(parent, id, one => one.MempoolConflicts.Remove(id));
            }
        }
    }

    /// <summary>Adds a transaction if it concerns the wallet.</summary>
    internal bool Sync(Transaction transaction, TransactionState state, bool isOldBlock = false)
    {
        uint256 id = transaction.GetHash();
        if (state is TransactionState.Confirmed confirmed)
        {
            foreach (uint256 other in OthersThatSpend(transaction, id))
            {
                MarkConflicted(other, confirmed.Block, confirmed.Height);
            }
        }

        List<TxOut> mine = [.. transaction.Outputs.Where(output => keys.IsMine(output.ScriptPubKey))];
        if (mine.Count == 0 && ledger.Find(id) is null && !ledger.IsFromMe(transaction))
        {
            return false;
        }

        mine.ForEach(MarkUsed);
        MarkSpentFrom(transaction);
        ledger.Add(transaction, state, isOldBlock);
        return true;
    }

    internal void MarkSpentFrom(Transaction transaction)
    {
        if (!AvoidsReuse)
        {
            return;
        }

        foreach (TxIn input in transaction.Inputs)
        {
            if (ledger.IsMine(input.PrevOut))
            {
                book.SetSpentFrom(ledger.OutputOf(input.PrevOut)!.ScriptPubKey);
            }
        }
    }

    private IEnumerable<uint256> OthersThatSpend(Transaction transaction, uint256 id)
    {
        return transaction.IsCoinBase
            ? []
            : [.. transaction.Inputs.SelectMany(input => ledger.SpendersOf(input.PrevOut)).Where(other => other != id)];
    }

    private IEnumerable<WalletTransaction> Parents(Transaction transaction)
        => transaction.Inputs.Select(input => ledger.Find(input.PrevOut.Hash)).OfType<WalletTransaction>().Distinct();

    private void Siblings(WalletTransaction parent, uint256 child, Func<WalletTransaction, bool> change)
    {
        for (int i = 0; i < parent.Transaction.Outputs.Count; i++)
        {
            foreach (uint256 sibling in ledger.SpendersOf(new OutPoint(parent.Id, i))
                .Where(other => other != child)
                .ToArray())
            {
                ledger.Spread(sibling, change, stores: false);
            }
        }
    }

    private void MarkConflicted(uint256 id, uint256 block, int height)
    {
        int depth = -(ledger.Tip.Height - height + 1);
        if (ledger.Tip.Height < 0 || depth >= 0)
        {
            return;
        }

        ledger.Spread(id, one =>
        {
            if (depth >= ledger.DepthOf(one))
            {
                return false;
            }

            one.State = new TransactionState.Conflicted(block, height);
            return true;
        });
    }

    private void MarkUsed(TxOut output)
    {
        foreach (DescriptorKeys owner in keys.Owners(output.ScriptPubKey).ToArray())
        {
            bool? isInternal = keys.IsInternal(owner);
            List<Script> passed = owner.MarkUsed(output.ScriptPubKey);
            if (isInternal == false)
            {
                foreach (Script script in passed.Where(
                    script => Address.Format(script, network) is not null && book.Find(script) is null))
                {
                    book.Set(script, "", AddressBook.Receive);
                }
            }
        }
    }
}
