using Bitcoin.Chain;
using Bitcoin.Chain.Rules;
using Bitcoin.Primitives;
using NBitcoin;

namespace Bitcoin.Tests;

/// <summary>Makes regtest blocks that are wrong in exactly one way, with the work done anew.</summary>
internal static class Forge
{
    internal static readonly Script Script = new(OpcodeType.OP_TRUE);

    internal static ManualClock Clock() => new(DateTimeOffset.FromUnixTimeSeconds(1_700_000_000));

    internal static Block Next(BlockTree chain, ChainBlock? parent = null, Script? script = null)
    {
        return Miner.MineOn(chain.Network, parent ?? chain.Tip, script ?? Script, chain.Clock.GetUtcNow());
    }

    /// <summary>A block with something changed, and the work done anew.</summary>
    /// <param name="block">The block, which stays as it is.</param>
    /// <param name="change">Changes the copy.</param>
    /// <param name="keepsRoot">Whether the merkle root is left as the change made it.</param>
    internal static Block Edit(Block block, Action<Block> change, bool keepsRoot = false)
    {
        Block copy = Copy(block);
        change(copy);
        copy.Transactions.ForEach(static transaction => transaction.PrecomputeHash(true, true));
        if (!keepsRoot)
        {
            Miner.SealRoot(copy);
        }

        copy.Header.PrecomputeHash(true, false);
        while (!ProofOfWork.IsMet(copy.GetHash(), 0x207fffff, BitcoinNetworks.Regtest))
        {
            copy.Header.Nonce++;
            copy.Header.PrecomputeHash(true, false);
        }

        return copy;
    }

    /// <summary>A block with other transactions, and merkle root and work put right again.</summary>
    internal static Block With(Block block, params Transaction[] transactions)
        => Edit(block, copy => copy.Transactions = [.. transactions]);

    internal static Block Copy(Block block)
    {
        Block copy = BitcoinNetworks.Regtest.Network.Consensus.ConsensusFactory.CreateBlock();
        copy.FromBytes(block.ToBytes());
        return copy;
    }

    internal static Transaction Transaction(IEnumerable<TxIn> inputs, IEnumerable<TxOut> outputs, uint lockTime = 0)
    {
        Transaction transaction = BitcoinNetworks.Regtest.Network.CreateTransaction();
        transaction.Version = 1;
        transaction.LockTime = new LockTime(lockTime);
        foreach (TxIn input in inputs)
        {
            transaction.Inputs.Add(input);
        }

        foreach (TxOut output in outputs)
        {
            transaction.Outputs.Add(output);
        }

        return transaction;
    }

    internal static TxIn Input(OutPoint previous, uint sequence = uint.MaxValue) => new(previous)
    {
        Sequence = new Sequence(sequence),
    };

    internal static TxOut Output(long value) => new(Money.Satoshis(value), Script);

    internal static Transaction Coinbase(byte[] scriptSig, params TxOut[] outputs)
    {
        return Transaction(
            [new TxIn(new OutPoint(uint256.Zero, uint.MaxValue), Script.FromBytesUnsafe(scriptSig))], outputs);
    }

    /// <summary>
    /// A mined coinbase that promises nothing about witnesses, for blocks whose other transactions have none.
    /// </summary>
    internal static Transaction WithoutCommitment(Transaction coinbase)
    {
        Transaction bare = coinbase.Clone();
        bare.Inputs[0].WitScript = WitScript.Empty;
        bare.Outputs.RemoveAt(1);
        return bare;
    }

    internal static Transaction Spend(
        OutPoint previous, long value = 1, uint lockTime = 0, uint sequence = uint.MaxValue)
    {
        return Transaction([Input(previous, sequence)], [Output(value)], lockTime);
    }

    /// <summary>The coinbase of a block of the active chain.</summary>
    internal static OutPoint CoinbaseAt(BlockTree chain, int height)
        => new(chain.Read(chain.AtHeight(height)!)!.Transactions[0].GetHash(), 0);
}
