using System.Buffers.Binary;
using System.Numerics;
using Bitcoin.Chain.Rules;
using Bitcoin.Primitives;
using NBitcoin;

namespace Bitcoin.Chain;

/// <summary>Mines blocks: tries nonces until the hash of the header meets the target.</summary>
/// <remarks>Fast on regtest, where every second hash meets the target; endless on any other network.</remarks>
public static class Miner
{
    internal const int BlockVersion = 0x2000_0000;

    private const int NonceOffset = 76;

    /// <summary>How many nonces are tried between two checks of the token.</summary>
    private const uint NoncesBetweenLooks = 1 << 16;

    /// <summary>
    /// Mines blocks without transactions on the active chain, one after the other, and adds each to the chain.
    /// </summary>
    /// <param name="chain">The chain to extend.</param>
    /// <param name="count">The number of blocks.</param>
    /// <param name="script">The output script that receives the subsidy.</param>
    /// <param name="cancellationToken">Ends the search.</param>
    /// <returns>The blocks, in order.</returns>
    /// <exception cref="InvalidOperationException">
    /// The chain refused a block; this is a bug in the miner or in the chain.
    /// </exception>
    /// <exception cref="OperationCanceledException">The token was cancelled; mined blocks stay.</exception>
    public static IReadOnlyList<ChainBlock> Mine(
        BlockTree chain, int count, Script script, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(chain);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        List<ChainBlock> mined = new(count);
        for (int i = 0; i < count; i++)
        {
            Block block = MineOn(chain.Network, chain.Tip, script, chain.Clock.GetUtcNow(), cancellationToken);
            AcceptResult result = chain.AcceptBlock(block);
            mined.Add(
                result.IsTaken
                    ? result.Block!
                    : throw new InvalidOperationException($"The chain refused a mined block: {result.Refusal}"));
        }

        return mined;
    }

    /// <summary>Mines one block on any parent, without adding it to a chain.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public static Block MineOn(
        NetworkParameters network,
        ChainBlock parent,
        Script script,
        DateTimeOffset now,
        CancellationToken cancellationToken = default)
    {
        for (uint extraNonce = 0; ; extraNonce++)
        {
            Block template = MakeTemplate(network, parent, script, now, [], 0, extraNonce);
            if (TrySolve(template, network, ulong.MaxValue, cancellationToken))
            {
                return template;
            }
        }
    }

    /// <summary>A block on any parent, complete except for the proof of work.</summary>
    /// <param name="network">The network whose rules apply.</param>
    /// <param name="parent">The parent.</param>
    /// <param name="script">The output script that receives subsidy and fees.</param>
    /// <param name="now">The current time.</param>
    /// <param name="transactions">The transactions besides the coinbase.</param>
    /// <param name="fees">Their total fee, in satoshis.</param>
    /// <param name="extraNonce">A number that makes the coinbase different from others.</param>
    public static Block MakeTemplate(
        NetworkParameters network,
        ChainBlock parent,
        Script script,
        DateTimeOffset now,
        IReadOnlyList<Transaction> transactions,
        long fees,
        uint extraNonce = 0)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(parent);
        ArgumentNullException.ThrowIfNull(transactions);
        uint time = TimeFor(network, parent, now);
        Block block = network.Network.Consensus.ConsensusFactory.CreateBlock();
        block.Header.Version = BlockVersion;
        block.Header.HashPrevBlock = parent.Hash;
        block.Header.BlockTime = DateTimeOffset.FromUnixTimeSeconds(time);
        block.Header.Bits = new Target(ProofOfWork.Expected(network, parent, time));
        block.Transactions = [MakeCoinbase(network, parent, script, fees, extraNonce), .. transactions];
        SealWitnesses(block, network, parent.Height + 1);
        return block;
    }

    /// <summary>The time of a block's child: now, or later if the rules require it.</summary>
    internal static uint TimeFor(NetworkParameters network, ChainBlock parent, DateTimeOffset now)
    {
        const int MaxTimewarpSeconds = 600;
        long least = parent.MedianTimePast + 1L;
        if ((parent.Height + 1) % network.RetargetInterval == 0)
        {
            // Applied on all networks: on those without the rule it does no harm.
            least = Math.Max(least, (long)parent.Time - MaxTimewarpSeconds);
        }

        return (uint)Math.Max(now.ToUnixTimeSeconds(), least);
    }

    /// <summary>
    /// Writes the witness commitment into the coinbase, and the merkle root into the header.
    /// </summary>
    internal static void SealWitnesses(Block block, NetworkParameters network, int height)
    {
        if (!network.Currency.HasWitnesses)
        {
            block.Transactions[0].PrecomputeHash(true, true);
            SealRoot(block);
            return;
        }

        Transaction coinbase = block.Transactions[0];
        int at = Witnesses.CommitmentIndex(coinbase);
        if (at >= 0)
        {
            coinbase.Outputs.RemoveAt(at);
        }

        // The commitment is written below the height too, but the reserved value of the coinbase only above it: a
        // witness below the height would make the block invalid.
        if (height >= network.SegwitHeight)
        {
            coinbase.Inputs[0].WitScript = new WitScript([new byte[32]], @unsafe: true);
        }

        coinbase.Outputs.Add(
            Money.Zero, Witnesses.CommitmentScript(Merkle.Combine(Witnesses.Root(block), uint256.Zero)));

        coinbase.PrecomputeHash(true, true);
        SealRoot(block);
    }

    internal static void SealRoot(Block block)
        => block.Header.HashMerkleRoot = Merkle.Root(
            [.. block.Transactions.Select(static transaction => transaction.GetHash())], out _);

    /// <summary>Searches a nonce.</summary>
    /// <param name="block">The block; its header gets the nonce.</param>
    /// <param name="network">The network whose limit applies.</param>
    /// <param name="tries">The largest number of hashes to compute.</param>
    /// <param name="cancellationToken">Ends the search.</param>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    internal static bool TrySolve(
        Block block, NetworkParameters network, ulong tries, CancellationToken cancellationToken = default)
    {
        if (!CompactTarget.TryExpand(block.Header.Bits.ToCompact(), out BigInteger target) || target > network.PowLimit)
        {
            throw new ArgumentException($"Mining: Expected a usable target, got {block.Header.Bits}.", nameof(block));
        }

        byte[] bytes = block.Header.ToBytes();
        uint nonce = block.Header.Nonce;
        for (ulong i = 0; i < tries; i++)
        {
            if (i % NoncesBetweenLooks == 0)
            {
                cancellationToken.ThrowIfCancellationRequested();
            }

            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(NonceOffset), nonce);
            if (new BigInteger(network.Currency.HashHeader(bytes), isUnsigned: true) <= target)
            {
                block.Header.Nonce = nonce;
                block.Header.PrecomputeHash(true, false);
                return true;
            }

            if (++nonce == 0)
            {
                return false;
            }
        }

        block.Header.Nonce = nonce;
        return false;
    }

    private static Transaction MakeCoinbase(
        NetworkParameters network, ChainBlock parent, Script script, long fees, uint extraNonce)
    {
        int height = parent.Height + 1;
        Transaction coinbase = network.Network.CreateTransaction();
        coinbase.Version = 2;
        coinbase.Inputs.Add(new TxIn(new OutPoint(uint256.Zero, uint.MaxValue), CoinbaseScript(height, extraNonce)));

        // As in Bitcoin Core: the lock time makes a coinbase of one height invalid at another one.
        coinbase.Inputs[0].Sequence = new Sequence(Sequence.SEQUENCE_FINAL - 1);
        coinbase.LockTime = new LockTime((uint)(height - 1));
        coinbase.Outputs.Add(Money.Satoshis(ProofOfWork.Reward(network, parent).Subsidy + fees), script);
        return coinbase;
    }

    /// <summary>The height, and a number that makes the coinbase different from others at that height.</summary>
    private static Script CoinbaseScript(int height, uint extraNonce)
    {
        const int LeastBytes = 2;
        byte[] start = BlockRules.HeightScript(height);
        if (extraNonce == 0)
        {
            return Script.FromBytesUnsafe(start.Length < LeastBytes ? [.. start, (byte)OpcodeType.OP_0] : start);
        }

        byte[] extra = new byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(extra, extraNonce);
        return Script.FromBytesUnsafe([.. start, (byte)extra.Length, .. extra]);
    }
}
