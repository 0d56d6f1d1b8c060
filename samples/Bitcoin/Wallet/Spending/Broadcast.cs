using Bitcoin.Interfaces;
using Bitcoin.Wallet.Coins;
using NBitcoin;

namespace Bitcoin.Wallet.Spending;

/// <summary>Hands a wallet's transactions to the node. Used under the wallet's gate.</summary>
internal sealed class Broadcast(
    IChain chain, WalletOptions options, Ledger ledger, ChainWatch watch, Action<string> log)
{
    /// <summary>Stores a transaction of the wallet, and hands it to the node.</summary>
    internal WalletTransaction Commit(Transaction transaction, Action<WalletTransaction>? fill = null)
    {
        log($"CommitTransaction: {transaction.GetHash()}");
        watch.MarkSpentFrom(transaction);

        // Stored first: the wallet must never forget a transaction that the node has.
        WalletTransaction own = ledger.Add(
            transaction, new TransactionState.Inactive(IsAbandoned: false), fill: fill ?? (static _ => { }));
        if (options.Broadcasts && !Submit(own, relays: true, out string error))
        {
            log($"CommitTransaction(): Transaction cannot be broadcast immediately, {error}");
        }

        return own;
    }

    /// <summary>Hands unconfirmed transactions to the node again.</summary>
    internal void Resubmit(bool relays, bool all, long bestBlockTime)
    {
        const int Young = 5 * 60;
        if (!options.Broadcasts)
        {
            return;
        }

        int count = 0;
        foreach (WalletTransaction transaction in ledger.InOrder.Where(
            static one => one.IsUnconfirmed && !one.IsCoinbase).ToArray())
        {
            if ((all || transaction.ReceivedTime <= bestBlockTime - Young)
                && ledger.DepthOf(transaction) == 0
                && Submit(transaction, relays, out _))
            {
                count++;
            }
        }

        if (count > 0)
        {
            log($"ResubmitWalletTransactions: resubmit {count} unconfirmed transactions");
        }
    }

    private bool Submit(WalletTransaction transaction, bool relays, out string error)
    {
        if (!chain.BroadcastTransaction(transaction.Transaction, Money.Satoshis(options.MaxFee), relays, out error))
        {
            return false;
        }

        transaction.State = new TransactionState.InMempool();
        return true;
    }
}
