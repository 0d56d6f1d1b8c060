using System.Collections.Immutable;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using Bitcoin.Hosting;
using Bitcoin.Interfaces;
using Bitcoin.Wallet.Coins;
using Bitcoin.Wallet.Storage;
using NBitcoin;

namespace Bitcoin.Wallet;

/// <summary>
/// The loaded wallets, which follow the node's chain and send their unconfirmed transactions again. Thread-safe.
/// </summary>
internal sealed class LoadedWallets : IChainNotifications, IDisposable
{
    private static readonly TimeSpan s_resendInterval = TimeSpan.FromMinutes(1);

    private readonly IChain _chain;
    private readonly DebugLog _log;
    private readonly CatchUp _catchUp;
    private readonly Timer _resend;

    // Held while the wallets follow a step of the chain. A wallet that joins them then misses no step.
    private readonly Lock _following = new();

    // Pulsed when the wallets have followed the chain to a new tip.
    private readonly object _tipGate = new();

    // Reading the list needs no lock.
    private ImmutableList<DescriptorWallet> _all = [];
    private long _bestBlockTime;
    private long _nextResend;

    internal LoadedWallets(IChain chain, DebugLog log)
    {
        _chain = chain;
        _log = log;
        _catchUp = new CatchUp(chain);
        _resend = new Timer(_ => Resend());
    }

    internal ImmutableList<DescriptorWallet> All => _all;

    /// <summary>Begins to send unconfirmed transactions again from time to time.</summary>
    internal void StartResending()
    {
        _nextResend = _chain.GetTime() + ResendDelay();
        _resend.Change(s_resendInterval, s_resendInterval);
    }

    /// <summary>Sends unconfirmed transactions again if this is due after some time.</summary>
    internal void MockScheduler(TimeSpan delta)
    {
        if (delta >= s_resendInterval)
        {
            Resend();
        }
    }

    /// <summary>Brings a wallet to the tip of the chain, and adds it.</summary>
    /// <returns>What went wrong, for the user; null for success.</returns>
    /// <exception cref="WalletFileException">The wallet cannot be stored.</exception>
    internal string? Join(DescriptorWallet wallet)
    {
        // The long part while no other wallet waits; then the blocks that came meanwhile.
        string? error = _catchUp.Run(wallet);
        lock (_following)
        {
            error ??= _catchUp.Run(wallet);
            if (error is not null)
            {
                return error;
            }

            lock (wallet.Gate)
            {
                wallet.Broadcast.Resubmit(relays: false, all: true, 0);
                wallet.Watch.TakeMempool();
                wallet.Notify = NotifyTransaction;
            }

            ImmutableInterlocked.Update(ref _all, static (list, added) => list.Add(added), wallet);
            return null;
        }
    }

    /// <summary>Removes a wallet, which stays open. Returns false if it is not there.</summary>
    internal bool Remove(DescriptorWallet wallet)
        => ImmutableInterlocked.Update(ref _all, static (list, gone) => list.Remove(gone), wallet);

    /// <inheritdoc/>
    public void Dispose()
    {
        _resend.Dispose();
        Interlocked.Exchange(ref _all, []).ForEach(static wallet =>
        {
            wallet.Scan.Abort();
            wallet.Dispose();
        });
    }

    /// <inheritdoc/>
    public void BlockConnected(BlockInfo block)
    {
        ArgumentNullException.ThrowIfNull(block);
        _log.Write($"Block {block.Height} connected: {block.Hash}");
        lock (_following)
        {
            ImmutableList<DescriptorWallet> wallets = _all;
            if (!wallets.IsEmpty && _chain.GetBlock(block.Hash) is { } data)
            {
                wallets.ForEach(wallet => Connect(wallet, block, data));
            }
        }
    }

    /// <inheritdoc/>
    public void BlockDisconnected(BlockInfo block)
    {
        ArgumentNullException.ThrowIfNull(block);
        _log.Write($"Block {block.Height} disconnected: {block.Hash}");
        lock (_following)
        {
            ImmutableList<DescriptorWallet> wallets = _all;
            if (!wallets.IsEmpty && _chain.GetBlock(block.Hash) is { } data)
            {
                wallets.ForEach(wallet => Disconnect(wallet, block, data));
            }
        }
    }

    /// <inheritdoc/>
    public void UpdatedBlockTip(BlockInfo tip)
    {
        ArgumentNullException.ThrowIfNull(tip);
        _log.Write($"The tip is now block {tip.Height}");
        _bestBlockTime = _chain.GetTime();
        lock (_tipGate)
        {
            Monitor.PulseAll(_tipGate);
        }
    }

    /// <inheritdoc/>
    public void TransactionAddedToMempool(Transaction transaction)
    {
        lock (_following)
        {
            _all.ForEach(wallet => Follow(wallet, () => wallet.Watch.Waits(transaction)));
        }
    }

    /// <inheritdoc/>
    public void TransactionRemovedFromMempool(Transaction transaction, bool isConflict)
    {
        lock (_following)
        {
            _all.ForEach(wallet => Follow(wallet, () => wallet.Watch.Left(transaction, isConflict)));
        }
    }

    /// <summary>Waits until a wallet has seen the tip that the chain has now.</summary>
    /// <returns>False when it took longer than the bound.</returns>
    internal bool WaitForTip(DescriptorWallet wallet, TimeSpan bound)
    {
        long start = Stopwatch.GetTimestamp();
        lock (_tipGate)
        {
            while (wallet.Interface.GetLastBlock().Hash != _chain.GetTipHash())
            {
                TimeSpan left = bound - Stopwatch.GetElapsedTime(start);
                if (left <= TimeSpan.Zero)
                {
                    return false;
                }

                Monitor.Wait(_tipGate, left < TimeSpan.FromMilliseconds(100) ? left : TimeSpan.FromMilliseconds(100));
            }
        }

        return true;
    }

    private void Connect(DescriptorWallet wallet, BlockInfo block, Block data)
    {
        bool isAhead = false;
        Follow(wallet, () =>
        {
            if (block.PreviousHash == wallet.Ledger.Tip.Hash)
            {
                wallet.Watch.Connect(block, data);
            }
            else
            {
                // Below the tip: a scan saw it already.
                isAhead = block.Height > wallet.Ledger.Tip.Height;
            }
        });
        if (isAhead && _catchUp.Run(wallet) is { } error)
        {
            wallet.Log(error);
        }

        wallet.Interface.TellBalances();
    }

    private void Disconnect(DescriptorWallet wallet, BlockInfo block, Block data)
    {
        Follow(wallet, () =>
        {
            if (block.Hash == wallet.Ledger.Tip.Hash)
            {
                wallet.Watch.Disconnect(block, data);
            }
        });
    }

    private void Follow(DescriptorWallet wallet, Action step)
    {
        lock (wallet.Gate)
        {
            if (!wallet.IsClosed)
            {
                step();
            }
        }
    }

    private void NotifyTransaction(DescriptorWallet wallet, WalletTransaction transaction)
    {
        TransactionState.Confirmed? confirmed = transaction.State as TransactionState.Confirmed;
        _chain.NotifyWalletTransaction(wallet.Name, transaction.Id, confirmed?.Block, confirmed?.Height ?? -1);
    }

    [SuppressMessage(
        "Design",
        "CA1031",
        Justification =
            "Most likely the node is gone, which is noticed elsewhere; a thread of the pool has nobody who would catch it.")]
    private void Resend()
    {
        try
        {
            long now = _chain.GetTime();
            if (now < _nextResend || _chain.IsInitialBlockDownload())
            {
                return;
            }

            _nextResend = now + ResendDelay();
            foreach (DescriptorWallet wallet in _all)
            {
                Follow(wallet, () => wallet.Broadcast.Resubmit(relays: true, all: false, _bestBlockTime));
            }
        }
        catch (Exception exception)
        {
            _log.Write($"Transactions could not be sent again: {exception.Message}");
        }
    }

    // At random, so that an observer does not learn from the moment whose transaction it is.
    private static long ResendDelay()
    {
        const long Half = 12 * 60 * 60;
        return Half + Random.Shared.NextInt64(2 * Half);
    }
}
