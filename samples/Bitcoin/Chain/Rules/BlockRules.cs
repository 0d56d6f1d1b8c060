using Bitcoin.Primitives;
using NBitcoin;

namespace Bitcoin.Chain.Rules;

/// <summary>The rules of blocks that need no coins, with Bitcoin Core's codes.</summary>
internal static class BlockRules
{
    internal const long MaxFutureSeconds = 2 * 60 * 60;

    private const int MaxTimewarpSeconds = 600;

    internal static Refusal? CheckProofOfWork(BlockHeader header, uint256 hash, NetworkParameters network)
    {
        return ProofOfWork.IsMet(hash, header.Bits.ToCompact(), network)
            ? null
            : new Refusal("high-hash", "proof of work failed", RefusalKind.InvalidHeader);
    }

    internal static Refusal? CheckHeader(BlockHeader header, ChainBlock previous, NetworkParameters network, long now)
    {
        uint time = (uint)header.BlockTime.ToUnixTimeSeconds();
        if (header.Bits.ToCompact() != ProofOfWork.Expected(network, previous, time))
        {
            return new Refusal("bad-diffbits", "incorrect proof of work", RefusalKind.InvalidHeader);
        }

        if (time <= previous.MedianTimePast)
        {
            return new Refusal("time-too-old", "block's timestamp is too early", RefusalKind.InvalidHeader);
        }

        int height = previous.Height + 1;
        if (network.EnforcesBip94
            && height % network.RetargetInterval == 0
            && time < (long)previous.Time - MaxTimewarpSeconds)
        {
            return new Refusal(
                "time-timewarp-attack",
                "block's timestamp is too early on diff adjustment block",
                RefusalKind.InvalidHeader);
        }

        if (time > now + MaxFutureSeconds)
        {
            return new Refusal("time-too-new", "block timestamp too far in the future", RefusalKind.TimeFuture);
        }

        int version = header.Version;
        bool isTooOld = (version < 2 && height >= network.Bip34Height)
            || (version < 3 && height >= network.Bip66Height)
            || (version < 4 && height >= network.Bip65Height);
        return isTooOld
            ? new Refusal(
                $"bad-version(0x{version:x8})", $"rejected nVersion=0x{version:x8} block", RefusalKind.InvalidHeader)
            : null;
    }

    /// <summary>Whether the header commits to the transactions, and to no other list of transactions.</summary>
    internal static Refusal? CheckMerkleRoot(Block block)
    {
        uint256 root = Merkle.Root(
            [.. block.Transactions.Select(static transaction => transaction.GetHash())], out bool mutated);
        return root != block.Header.HashMerkleRoot
            ? new Refusal("bad-txnmrklroot", "hashMerkleRoot mismatch", RefusalKind.Mutated)
            : mutated
            ? new Refusal("bad-txns-duplicate", "duplicate transaction", RefusalKind.Mutated)
            : null;
    }

    /// <summary>Whether the block is a forgery of another one with the same header.</summary>
    internal static Refusal? CheckMutation(Block block, ChainBlock previous, NetworkParameters network)
    {
        if (CheckMerkleRoot(block) is { } mutated)
        {
            return mutated;
        }

        if (block.Transactions.Count == 0 || !block.Transactions[0].IsCoinBase)
        {
            return block.Transactions.Exists(static transaction => transaction.Stripped() == 64)
                ? new Refusal("bad-txnmrklroot", "a transaction of 64 bytes", RefusalKind.Mutated)
                : null;
        }

        return Witnesses.Check(block, previous.Height + 1 >= network.SegwitHeight);
    }

    internal static Refusal? CheckContents(Block block, NetworkParameters network, bool checksMerkleRoot = true)
    {
        if (checksMerkleRoot && CheckMerkleRoot(block) is { } mutated)
        {
            return mutated;
        }

        int count = block.Transactions.Count;
        int largest = network.MaxBlockBytes(int.MaxValue);
        if (count == 0 || count > largest || block.Stripped() > largest)
        {
            return new Refusal("bad-blk-length", "size limits failed");
        }

        if (!block.Transactions[0].IsCoinBase)
        {
            return new Refusal("bad-cb-missing", "first tx is not coinbase");
        }

        if (block.Transactions.Skip(1).Any(static transaction => transaction.IsCoinBase))
        {
            return new Refusal("bad-cb-multiple", "more than one coinbase");
        }

        if (SignetRules.Check(block, network) is { } unsigned)
        {
            return unsigned;
        }

        long operations = 0;
        foreach (Transaction transaction in block.Transactions)
        {
            if (TransactionRules.Check(transaction) is { } refusal)
            {
                return refusal with
                {
                    Details = $"Transaction check failed (tx hash {transaction.GetHash()}) {refusal.Details}"
                };
            }

            operations += SignatureOperations.Legacy(transaction);
        }

        return operations * Sizes.WitnessScale > network.MaxBlockSignatureCost(int.MaxValue)
            ? new Refusal("bad-blk-sigops", "out-of-bounds SigOpCount")
            : null;
    }

    internal static Refusal? CheckContentsAt(Block block, ChainBlock previous, NetworkParameters network)
    {
        int height = previous.Height + 1;
        long time = height >= network.CsvHeight ? previous.MedianTimePast : block.Header.BlockTime.ToUnixTimeSeconds();
        if (block.Transactions.Any(transaction => !TransactionRules.IsFinal(transaction, height, time)))
        {
            return new Refusal("bad-txns-nonfinal", "non-final transaction");
        }

        if (height >= network.Bip34Height
            && height <= network.LastHeightInCoinbase
            && !block.Transactions[0].Inputs[0].ScriptSig.ToBytes(@unsafe: true)
                .AsSpan()
                .StartsWith(HeightScript(height)))
        {
            return new Refusal("bad-cb-height", "block height mismatch in coinbase");
        }

        return Witnesses.Check(block, height >= network.SegwitHeight)
            ?? (block.Weight() > network.MaxBlockWeight(height)
                ? new Refusal("bad-blk-weight", "ContextualCheckBlock : weight limit failed")
                : null);
    }

    /// <summary>The start of a coinbase since BIP34.</summary>
    internal static byte[] HeightScript(int height) => height == 0 ? [0] : Op.GetPushOp(height).ToBytes();
}
