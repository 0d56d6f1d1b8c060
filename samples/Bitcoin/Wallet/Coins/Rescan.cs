using System.Diagnostics;
using Bitcoin.Interfaces;
using NBitcoin;

namespace Bitcoin.Wallet.Coins;

/// <summary>How a rescan ended.</summary>
internal enum RescanEnd
{
    Done,
    Failed,
    Aborted,
}

/// <summary>Scans blocks for transactions of a wallet. One scan at a time.</summary>
/// <remarks>
/// Idle ⇄ running. A scan takes the wallet's gate for each block only, so the wallet answers calls meanwhile.
/// </remarks>
internal sealed class Rescan(DescriptorWallet wallet)
{
    private readonly Lock _gate = new();

    // Guarded by _gate.
    private bool _isRunning;
    private long _started;

    private volatile bool _aborts;

    internal bool IsRunning
    {
        get
        {
            lock (_gate)
            {
                return _isRunning;
            }
        }
    }

    internal bool IsAborting => _aborts;

    /// <summary>Whether the running scan needs the wallet to stay unlocked.</summary>
    internal bool NeedsKeys { get; private set; }

    internal double Progress { get; private set; }

    internal long Seconds => (long)Stopwatch.GetElapsedTime(_started).TotalSeconds;

    /// <summary>The last height that was scanned; null before the first.</summary>
    internal int? LastHeight { get; private set; }

    /// <summary>The block that could not be read; null if there is none.</summary>
    internal uint256? FailedBlock { get; private set; }

    /// <summary>Reserves the scan; null while another one runs. Dispose the result to release it.</summary>
    internal IDisposable? Reserve(bool needsKeys = false)
    {
        lock (_gate)
        {
            if (_isRunning)
            {
                return null;
            }

            _isRunning = true;
            _aborts = false;
            _started = Stopwatch.GetTimestamp();
            Progress = 0;
            NeedsKeys = needsKeys;
            return new Reservation(this);
        }
    }

    internal void Abort() => _aborts = true;

    /// <summary>Scans the blocks from a height on. Reserve the scan before.</summary>
    internal RescanEnd Run(uint256 start, int startHeight, int? stopHeight)
    {
        IChain chain = wallet.Chain;
        wallet.Log($"Rescan started from block {start}... (slow variant inspecting all blocks)");
        LastHeight = null;
        FailedBlock = null;
        uint256 hash = start;
        int height = startHeight;
        RescanEnd end = RescanEnd.Done;
        while (true)
        {
            if (_aborts || chain.ShutdownRequested())
            {
                wallet.Log($"Rescan aborted at block {height}.");
                return RescanEnd.Aborted;
            }

            int tip;
            lock (wallet.Gate)
            {
                tip = wallet.Ledger.Tip.Height;
            }

            int last = Math.Min(stopHeight ?? tip, tip);
            Progress = last > startHeight ? (double)(height - startHeight) / (last - startHeight) : 0;
            if (!chain.FindBlock(hash, BlockParts.Data | BlockParts.Active | BlockParts.Next, out FoundBlock? found)
                || found!.IsActive != true)
            {
                FailedBlock = hash;
                return RescanEnd.Failed;
            }

            if (found.Data is { } block)
            {
                Take(block, hash, height);
                LastHeight = height;
            }
            else
            {
                FailedBlock = hash;
                end = RescanEnd.Failed;
            }

            if (height >= last || found.Next is not { } next)
            {
                break;
            }

            hash = next;
            height++;
        }

        if (stopHeight is null)
        {
            lock (wallet.Gate)
            {
                wallet.Watch.TakeMempool();
            }
        }

        wallet.Log($"Rescan completed in {Stopwatch.GetElapsedTime(_started).TotalMilliseconds:0}ms");
        return end;
    }

    private void Take(Block block, uint256 hash, int height)
    {
        lock (wallet.Gate)
        {
            wallet.Watch.Follow(() =>
            {
                for (int i = 0; i < block.Transactions.Count; i++)
                {
                    wallet.Watch.Sync(
                        block.Transactions[i], new TransactionState.Confirmed(hash, height, i), isOldBlock: true);
                }
            });
        }
    }

    private void End()
    {
        lock (_gate)
        {
            _isRunning = false;
            NeedsKeys = false;
        }
    }

    private sealed class Reservation(Rescan rescan) : IDisposable
    {
        public void Dispose() => rescan.End();
    }
}
