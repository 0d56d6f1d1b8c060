using Bitcoin.Interfaces;
using NBitcoin;

namespace Bitcoin.Wallet.Coins;

/// <summary>Brings a wallet to the tip of the chain.</summary>
internal sealed class CatchUp(IChain chain)
{
    /// <summary>
    /// Scans from the last block that the wallet and the chain have in common to the tip. If that fails, the wallet's
    /// tip stays what it was.
    /// </summary>
    /// <returns>What went wrong, for the user; null for success.</returns>
    internal string? Run(DescriptorWallet wallet)
    {
        BlockTip before;
        lock (wallet.Gate)
        {
            before = wallet.Ledger.Tip;
        }

        bool isDone = false;
        try
        {
            string? error = LeadToTip(wallet);
            isDone = error is null;
            return error;
        }
        finally
        {
            if (!isDone)
            {
                lock (wallet.Gate)
                {
                    wallet.Ledger.Tip = before;
                }
            }
        }
    }

    private string? LeadToTip(DescriptorWallet wallet)
    {
        int tip = chain.GetHeight();
        uint256 tipHash = chain.GetBlockHash(tip);
        int start;
        lock (wallet.Gate)
        {
            start = wallet.Ledger.Tip.Height >= 0
                ? Fork(wallet.Ledger.Tip.Hash, tipHash)
                : chain.FindLocatorFork(wallet.Records.ReadBestBlock()) ?? 0;
            bool isThere = wallet.Ledger.Tip.Hash == tipHash;
            long time = chain.FindBlock(tipHash, BlockParts.Time, out FoundBlock? found) ? found!.Time!.Value : 0;
            wallet.Ledger.Tip = new BlockTip(tip, tipHash, time);
            if (isThere || start >= tip)
            {
                return null;
            }

            const long Window = 2 * 60 * 60;
            if (wallet.BirthTime is { } birth)
            {
                if (!chain.FindFirstBlockWithTimeAndHeight(
                    birth - Window, start, BlockParts.Height, out FoundBlock? first))
                {
                    return null;
                }

                start = first!.Height!.Value;
            }

            if (chain.GetPruneHeight() is { } pruned && start <= pruned)
            {
                return
                    "Prune: last wallet synchronisation goes beyond pruned data. You need to -reindex (download the whole blockchain again in case of a pruned node)";
            }
        }

        // Null while another scan runs. The next block makes the wallet catch up again.
        using IDisposable reservation = wallet.Scan.Reserve()
            ?? throw new InvalidOperationException("Wallet is currently rescanning.");
        chain.InitMessage("Rescanning…");
        wallet.Log($"Rescanning last {tip - start} blocks (from block {start})...");
        if (wallet.Scan.Run(chain.GetBlockHash(start), start, tip) != RescanEnd.Done)
        {
            return "Failed to rescan the wallet during initialization";
        }

        lock (wallet.Gate)
        {
            wallet.Watch.StoreTip();
        }

        return null;
    }

    private int Fork(uint256 last, uint256 tip)
    {
        return chain.FindCommonAncestor(last, tip, BlockParts.Height, out FoundBlock? ancestor, out _, out _)
            ? ancestor!.Height!.Value
            : 0;
    }
}
