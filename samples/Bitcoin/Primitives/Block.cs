namespace Bitcoin.Primitives;

/// <summary>A block: a header and the transactions it commits to. Immutable.</summary>
public sealed class Block
{
    private static ReadOnlySpan<byte> WitnessCommitmentPrefix => [0x6a, 0x24, 0xaa, 0x21, 0xa9, 0xed];

    /// <summary>Builds a block and computes its hash.</summary>
    public Block(BlockHeader header, IReadOnlyList<Transaction> transactions)
    {
        Header = header;
        Transactions = transactions;
        Hash = header.ComputeHash();
    }

    /// <summary>The header.</summary>
    public BlockHeader Header { get; }

    /// <summary>The transactions, the coinbase first.</summary>
    public IReadOnlyList<Transaction> Transactions { get; }

    /// <summary>The header's hash.</summary>
    public Hash256 Hash { get; }

    /// <summary>Three times the size without witnesses plus the whole size; at most 4,000,000 in a valid block.</summary>
    public long Weight
    {
        get
        {
            long frame = BlockHeader.Size + CompactSize.Length((ulong)Transactions.Count);
            return (4 * frame) + Transactions.Sum(static transaction => (3L * transaction.StrippedSize) + transaction.Size);
        }
    }

    /// <summary>Reads a block that is the whole of the source. The bytes are copied once and may change afterwards.</summary>
    /// <exception cref="BitcoinFormatException">The bytes are not one block.</exception>
    /// <param name="source">The bytes.</param>
    /// <param name="ignoresRest">Whether there may be more bytes behind the block.</param>
    public static Block Parse(ReadOnlySpan<byte> source, bool ignoresRest = false)
    {
        ByteReader reader = new(source.ToArray());
        BlockHeader header = BlockHeader.Read(ref reader);
        Transaction[] transactions = new Transaction[reader.ReadCount(Transaction.LeastBytes, "block's transaction count")];
        for (int i = 0; i < transactions.Length; i++)
        {
            transactions[i] = Transaction.Read(ref reader);
        }

        if (!ignoresRest)
        {
            reader.ExpectEnd("block");
        }

        return new Block(header, transactions);
    }

    /// <summary>The serialised block, with witnesses.</summary>
    public byte[] ToArray()
    {
        ByteWriter writer = new();
        Header.Write(writer);
        writer.WriteCompactSize((ulong)Transactions.Count);
        foreach (Transaction transaction in Transactions)
        {
            transaction.Write(writer);
        }

        return writer.ToArray();
    }

    /// <summary>The merkle root over the transaction ids: what the header should say. See <see cref="MerkleTree.ComputeRoot"/> for the flag.</summary>
    public Hash256 ComputeMerkleRoot(out bool mutated)
    {
        return MerkleTree.ComputeRoot([.. Transactions.Select(static transaction => transaction.Txid)], out mutated);
    }

    /// <summary>The merkle root over the witness ids, in which the coinbase counts as zero: it cannot commit to itself.</summary>
    public Hash256 ComputeWitnessMerkleRoot()
    {
        return MerkleTree.ComputeRoot([Hash256.Zero, .. Transactions.Skip(1).Select(static transaction => transaction.WitnessTxid)], out _);
    }

    /// <summary>The hash that the coinbase must commit to for these witnesses and this reserved value.</summary>
    public Hash256 ComputeWitnessCommitment(Hash256 reserved) => Hash256.Combine(ComputeWitnessMerkleRoot(), reserved);

    /// <summary>The commitment in the coinbase's last output that has the form of one; null without.</summary>
    public Hash256? FindWitnessCommitment()
    {
        if (Transactions.Count == 0)
        {
            return null;
        }

        foreach (TxOut output in Transactions[0].Outputs.Reverse())
        {
            ReadOnlySpan<byte> script = output.ScriptPubKey.Span;
            int length = WitnessCommitmentPrefix.Length + Hash256.Size;
            if (script.Length >= length && script.StartsWith(WitnessCommitmentPrefix))
            {
                return new Hash256(script[WitnessCommitmentPrefix.Length..length]);
            }
        }

        return null;
    }

    /// <summary>The script of an output that carries a witness commitment.</summary>
    public static byte[] WitnessCommitmentScript(Hash256 commitment) => [.. WitnessCommitmentPrefix, .. commitment.ToArray()];
}
