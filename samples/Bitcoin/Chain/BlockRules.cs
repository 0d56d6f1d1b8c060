using Bitcoin.Primitives;

namespace Bitcoin.Chain;

/// <summary>The rules a block must obey: by itself, and as the child of its parent. What its inputs spend is not looked at.</summary>
internal static class BlockRules
{
    private const long MaxWeight = 4_000_000;
    private const long MaxFutureSeconds = 2 * 60 * 60;

    internal static Refusal? CheckProofOfWork(Block block, NetworkParameters network)
    {
        return ProofOfWork.IsMet(block.Hash, block.Header.Target, network)
            ? null
            : new Refusal("high-hash", $"Expected a hash of at most the target {block.Header.Target} within the limit of {network}, came {block.Hash}.");
    }

    internal static Refusal? CheckHeader(BlockHeader header, ChainBlock previous, NetworkParameters network, long now)
    {
        CompactTarget expected = ProofOfWork.Expected(network, previous, header.Time);
        if (header.Target != expected)
        {
            return new Refusal("bad-diffbits", $"Expected the target {expected}, came {header.Target}.");
        }

        uint median = previous.MedianTimePast;
        if (header.Time <= median)
        {
            return new Refusal("time-too-old", $"Expected a time above {median}, the median of the last blocks, came {header.Time}.");
        }

        if (header.Time > now + MaxFutureSeconds)
        {
            return new Refusal("time-too-new", $"Expected a time of at most {now + MaxFutureSeconds}, two hours from now, came {header.Time}.");
        }

        int height = previous.Height + 1;
        int least = height >= network.Bip65Height ? 4 : height >= network.Bip66Height ? 3 : height >= network.Bip34Height ? 2 : int.MinValue;
        return header.Version >= least
            ? null
            : new Refusal($"bad-version(0x{header.Version:x8})", $"Expected a version of at least {least} at height {height}, came {header.Version}.");
    }

    internal static Refusal? CheckContents(Block block)
    {
        Hash256 root = block.ComputeMerkleRoot(out bool mutated);
        if (root != block.Header.MerkleRoot)
        {
            return new Refusal("bad-txnmrklroot", $"Expected the merkle root {block.Header.MerkleRoot}, came transactions with {root}.");
        }

        if (mutated)
        {
            return new Refusal("bad-txns-duplicate", "Expected each transaction once, came a list that repeats its end.");
        }

        long strippedWeight = 4 * (BlockHeader.Size + CompactSize.Length((ulong)block.Transactions.Count) + block.Transactions.Sum(static transaction => (long)transaction.StrippedSize));
        if (block.Transactions.Count == 0 || strippedWeight > MaxWeight)
        {
            return new Refusal("bad-blk-length", $"Expected one transaction or more and at most {MaxWeight / 4} bytes without witnesses, came {block.Transactions.Count} and {strippedWeight / 4}.");
        }

        if (!block.Transactions[0].IsCoinbase)
        {
            return new Refusal("bad-cb-missing", $"Expected a coinbase first, came {block.Transactions[0].Txid}.");
        }

        if (block.Transactions.Skip(1).FirstOrDefault(static transaction => transaction.IsCoinbase) is { } second)
        {
            return new Refusal("bad-cb-multiple", $"Expected one coinbase, came another: {second.Txid}.");
        }

        return block.Transactions.Select(TransactionRules.Check).FirstOrDefault(static refusal => refusal is not null);
    }

    internal static Refusal? CheckContentsAt(Block block, ChainBlock previous, NetworkParameters network)
    {
        int height = previous.Height + 1;
        long time = height >= network.CsvHeight ? previous.MedianTimePast : block.Header.Time;
        if (block.Transactions.FirstOrDefault(transaction => !TransactionRules.IsFinal(transaction, height, time)) is { } early)
        {
            return new Refusal("bad-txns-nonfinal", $"Expected transactions whose lock time has passed, came {early.Txid} with {early.LockTime}.");
        }

        if (height >= network.Bip34Height)
        {
            byte[] expected = CoinbaseHeight.Encode(height);
            ReadOnlySpan<byte> script = block.Transactions[0].Inputs[0].ScriptSig.Span;
            if (!script.StartsWith(expected))
            {
                return new Refusal("bad-cb-height", $"Expected a coinbase that begins with {Convert.ToHexString(expected)} for height {height}, came {Convert.ToHexString(script)}.");
            }
        }

        if (CheckWitnesses(block, height >= network.SegwitHeight) is { } refusal)
        {
            return refusal;
        }

        return block.Weight <= MaxWeight
            ? null
            : new Refusal("bad-blk-weight", $"Expected a weight of at most {MaxWeight}, came {block.Weight}.");
    }

    private static Refusal? CheckWitnesses(Block block, bool segwit)
    {
        if (segwit && block.FindWitnessCommitment() is { } commitment)
        {
            IReadOnlyList<ReadOnlyMemory<byte>> witness = block.Transactions[0].Inputs[0].Witness;
            if (witness.Count != 1 || witness[0].Length != Hash256.Size)
            {
                return new Refusal("bad-witness-nonce-size", $"Expected a coinbase witness of one item of {Hash256.Size} bytes, came {witness.Count} items.");
            }

            Hash256 computed = block.ComputeWitnessCommitment(new Hash256(witness[0].Span));
            return computed == commitment
                ? null
                : new Refusal("bad-witness-merkle-match", $"Expected the witness commitment {commitment}, came witnesses with {computed}.");
        }

        return block.Transactions.FirstOrDefault(static transaction => transaction.HasWitness) is { } carrier
            ? new Refusal("unexpected-witness", $"Expected no witness in a block without a commitment to it, came one in {carrier.Txid}.")
            : null;
    }
}
