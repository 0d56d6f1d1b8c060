using Bitcoin.Chain;
using Bitcoin.Primitives;

namespace Bitcoin.Tests;

/// <summary>Makes regtest blocks that are wrong in exactly one way, with the work done anew.</summary>
internal static class Forge
{
    internal static readonly byte[] Script = [0x51];

    internal static ManualClock Clock() => new(DateTimeOffset.FromUnixTimeSeconds(1_700_000_000));

    internal static Block Next(BlockTree chain, ChainBlock? parent = null, byte[]? script = null)
    {
        return Miner.MineOn(chain.Network, parent ?? chain.Tip, script ?? Script, chain.Clock.GetUtcNow());
    }

    /// <summary>Replaces transactions, and puts merkle root and work right again.</summary>
    internal static Block With(Block block, params Transaction[] transactions)
    {
        Hash256 root = MerkleTree.ComputeRoot([.. transactions.Select(static transaction => transaction.Txid)], out _);
        return With(block.Header with { MerkleRoot = root }, transactions);
    }

    internal static Block With(BlockHeader header, IReadOnlyList<Transaction> transactions)
    {
        Block block = new(header, transactions);
        while (!ProofOfWork.IsMet(block.Hash, new CompactTarget(0x207fffff), NetworkParameters.Regtest))
        {
            block = new Block(block.Header with { Nonce = block.Header.Nonce + 1 }, transactions);
        }

        return block;
    }

    internal static Transaction Coinbase(byte[] scriptSig, params TxOut[] outputs)
    {
        return new Transaction(1, [new TxIn(OutPoint.None, scriptSig, TxIn.FinalSequence)], outputs, 0);
    }

    /// <summary>A mined coinbase that promises nothing about witnesses, for blocks whose other transactions have none.</summary>
    internal static Transaction WithoutCommitment(Transaction coinbase)
    {
        return new Transaction(coinbase.Version, [coinbase.Inputs[0] with { Witness = [] }], [coinbase.Outputs[0]], coinbase.LockTime);
    }

    internal static Transaction Spend(OutPoint previous, long value = 1, uint lockTime = 0, uint sequence = TxIn.FinalSequence)
    {
        return new Transaction(1, [new TxIn(previous, Script, sequence)], [new TxOut(value, Script)], lockTime);
    }
}
