using System.Buffers.Binary;
using Bitcoin.Primitives;

namespace Bitcoin.Chain;

/// <summary>Makes blocks by doing the work: double SHA-256 over the header until the hash meets the target.</summary>
/// <remarks>A moment on regtest, where every second hash will do; for ever on any other network.</remarks>
public static class Miner
{
    private const int BlockVersion = 0x2000_0000;

    /// <summary>How many nonces are tried between two looks at the token.</summary>
    private const uint NoncesBetweenLooks = 1 << 16;

    /// <summary>Mines blocks on the active chain, one after the other, and adds each to it.</summary>
    /// <param name="chain">The chain to extend.</param>
    /// <param name="count">How many blocks.</param>
    /// <param name="script">Who gets the subsidy.</param>
    /// <param name="cancellationToken">Ends the search.</param>
    /// <returns>The blocks, in order.</returns>
    /// <exception cref="InvalidOperationException">The chain refused a block, which is a bug in one of the two.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled; blocks already mined stay.</exception>
    public static IReadOnlyList<ChainBlock> Mine(BlockTree chain, int count, ReadOnlyMemory<byte> script, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        List<ChainBlock> mined = new(count);
        for (int i = 0; i < count; i++)
        {
            Block block = MineOn(chain.Network, chain.Tip, script, chain.Clock.GetUtcNow(), cancellationToken);
            AcceptResult result = chain.AcceptBlock(block);
            mined.Add(result.IsTaken ? result.Block! : throw new InvalidOperationException($"The chain refused a mined block: {result.Refusal}"));
        }

        return mined;
    }

    /// <summary>Mines one block on any block, without adding it to a chain.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public static Block MineOn(NetworkParameters network, ChainBlock parent, ReadOnlyMemory<byte> script, DateTimeOffset now, CancellationToken cancellationToken = default)
    {
        for (uint extraNonce = 0; ; extraNonce++)
        {
            Block template = MakeTemplate(network, parent, script, now, extraNonce);
            if (FindNonce(template.Header, cancellationToken) is { } nonce)
            {
                return new Block(template.Header with { Nonce = nonce }, template.Transactions);
            }
        }
    }

    /// <summary>A block on any block, to which nothing but the work is missing.</summary>
    public static Block MakeTemplate(NetworkParameters network, ChainBlock parent, ReadOnlyMemory<byte> script, DateTimeOffset now, uint extraNonce = 0)
    {
        uint time = (uint)Math.Max(now.ToUnixTimeSeconds(), parent.MedianTimePast + 1L);
        CompactTarget target = ProofOfWork.Expected(network, parent, time);
        Transaction coinbase = MakeCoinbase(network, parent.Height + 1, script, extraNonce);
        return new Block(new BlockHeader(BlockVersion, parent.Hash, coinbase.Txid, time, target, 0), [coinbase]);
    }

    private static uint? FindNonce(BlockHeader header, CancellationToken cancellationToken)
    {
        if (!header.Target.TryExpand(out UInt256 target))
        {
            throw new ArgumentException($"Mining: expected a usable target, came {header.Target}.", nameof(header));
        }

        byte[] bytes = header.ToArray();
        uint nonce = 0;
        do
        {
            if (nonce % NoncesBetweenLooks == 0)
            {
                cancellationToken.ThrowIfCancellationRequested();
            }

            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(BlockHeader.NonceOffset), nonce);
            if (Hash256.Compute(bytes).ToNumber() <= target)
            {
                return nonce;
            }
        }
        while (++nonce != 0);
        return null;
    }

    private static Transaction MakeCoinbase(NetworkParameters network, int height, ReadOnlyMemory<byte> script, uint extraNonce)
    {
        byte[] extra = new byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(extra, extraNonce);
        byte[] scriptSig = [.. CoinbaseHeight.Encode(height), (byte)extra.Length, .. extra];
        TxIn input = new(OutPoint.None, scriptSig, TxIn.FinalSequence);
        List<TxOut> outputs = [new TxOut(network.Subsidy(height), script)];
        if (height >= network.SegwitHeight)
        {
            // The coinbase is alone in the block and counts as zero in the witness tree, whose root is then zero.
            Hash256 commitment = Hash256.Combine(Hash256.Zero, Hash256.Zero);
            input = input with { Witness = [new byte[Hash256.Size]] };
            outputs.Add(new TxOut(0, Block.WitnessCommitmentScript(commitment)));
        }

        return new Transaction(2, [input], outputs, lockTime: 0);
    }
}
