namespace Bitcoin.Primitives;

/// <summary>A transaction, with or without witness. Immutable.</summary>
public sealed class Transaction
{
    /// <summary>Smallest serialised size: version, no inputs, no outputs, lock time.</summary>
    internal const int LeastBytes = 10;

    private const byte WitnessFlag = 1;

    /// <summary>Builds a transaction and computes its ids.</summary>
    public Transaction(int version, IReadOnlyList<TxIn> inputs, IReadOnlyList<TxOut> outputs, uint lockTime)
        : this(version, inputs, outputs, lockTime, default)
    {
    }

    private Transaction(int version, IReadOnlyList<TxIn> inputs, IReadOnlyList<TxOut> outputs, uint lockTime, ReadOnlyMemory<byte> serialized)
    {
        Version = version;
        Inputs = inputs;
        Outputs = outputs;
        LockTime = lockTime;
        HasWitness = inputs.Any(static input => input.Witness.Count > 0);

        // What was just parsed need not be written again to be hashed: at a full block that halves the work.
        ReadOnlySpan<byte> full = serialized.IsEmpty ? ToArray() : serialized.Span;
        Size = full.Length;
        if (HasWitness)
        {
            byte[] stripped = ToArray(withWitness: false);
            StrippedSize = stripped.Length;
            Txid = Hash256.Compute(stripped);
            WitnessTxid = Hash256.Compute(full);
        }
        else
        {
            StrippedSize = Size;
            Txid = WitnessTxid = Hash256.Compute(full);
        }
    }

    /// <summary>The transaction's version.</summary>
    public int Version { get; }

    /// <summary>What is spent.</summary>
    public IReadOnlyList<TxIn> Inputs { get; }

    /// <summary>What is created.</summary>
    public IReadOnlyList<TxOut> Outputs { get; }

    /// <summary>The block height (below 500,000,000) or time before which the transaction is not final.</summary>
    public uint LockTime { get; }

    /// <summary>Whether any input has a witness.</summary>
    public bool HasWitness { get; }

    /// <summary>The id: hash of the serialisation without witness.</summary>
    public Hash256 Txid { get; }

    /// <summary>Hash of the whole serialisation; equal to <see cref="Txid"/> without witness.</summary>
    public Hash256 WitnessTxid { get; }

    /// <summary>Bytes of the whole serialisation.</summary>
    public int Size { get; }

    /// <summary>Bytes of the serialisation without witness.</summary>
    public int StrippedSize { get; }

    /// <summary>Whether this is a coinbase: one input that spends nothing.</summary>
    public bool IsCoinbase => Inputs.Count == 1 && Inputs[0].Previous.IsNone;

    /// <summary>Reads a transaction that is the whole of the source, which must not change afterwards.</summary>
    /// <exception cref="BitcoinFormatException">The bytes are not one transaction.</exception>
    public static Transaction Parse(ReadOnlyMemory<byte> source)
    {
        ByteReader reader = new(source);
        Transaction transaction = Read(ref reader);
        reader.ExpectEnd("transaction");
        return transaction;
    }

    /// <summary>Reads a transaction.</summary>
    /// <exception cref="BitcoinFormatException">The bytes are not a transaction.</exception>
    public static Transaction Read(ref ByteReader reader)
    {
        int start = reader.Position;
        int version = reader.ReadInt32("transaction version");
        TxIn[] inputs = ReadInputs(ref reader);
        TxOut[] outputs = [];
        byte flags = 0;
        if (inputs.Length > 0)
        {
            outputs = ReadOutputs(ref reader);
        }
        else
        {
            // No inputs is the mark of the witness form; a zero after it is the output count of a truly empty transaction.
            int flagsOffset = reader.Position;
            flags = reader.ReadByte("transaction flags");
            if (flags is not (0 or WitnessFlag))
            {
                throw new BitcoinFormatException("transaction flags", flagsOffset, "0 or 1", $"{flags}");
            }

            if (flags == WitnessFlag)
            {
                inputs = ReadInputs(ref reader);
                outputs = ReadOutputs(ref reader);
                ReadWitnesses(ref reader, inputs);
            }
        }

        uint lockTime = reader.ReadUInt32("transaction lock time");
        return new Transaction(version, inputs, outputs, lockTime, reader.Since(start));
    }

    /// <summary>Writes the transaction, in the witness form if it has one and it is wanted.</summary>
    public void Write(ByteWriter writer, bool withWitness = true)
    {
        bool witnessForm = withWitness && HasWitness;
        writer.WriteInt32(Version);
        if (witnessForm)
        {
            writer.WriteByte(0);
            writer.WriteByte(WitnessFlag);
        }

        writer.WriteCompactSize((ulong)Inputs.Count);
        foreach (TxIn input in Inputs)
        {
            input.Write(writer);
        }

        writer.WriteCompactSize((ulong)Outputs.Count);
        foreach (TxOut output in Outputs)
        {
            output.Write(writer);
        }

        if (witnessForm)
        {
            foreach (TxIn input in Inputs)
            {
                writer.WriteCompactSize((ulong)input.Witness.Count);
                foreach (ReadOnlyMemory<byte> item in input.Witness)
                {
                    writer.WriteByteString(item.Span);
                }
            }
        }

        writer.WriteUInt32(LockTime);
    }

    /// <summary>The serialised transaction.</summary>
    public byte[] ToArray(bool withWitness = true)
    {
        ByteWriter writer = new();
        Write(writer, withWitness);
        return writer.ToArray();
    }

    private static TxIn[] ReadInputs(ref ByteReader reader)
    {
        TxIn[] inputs = new TxIn[reader.ReadCount(TxIn.LeastBytes, "transaction input count")];
        for (int i = 0; i < inputs.Length; i++)
        {
            inputs[i] = TxIn.Read(ref reader);
        }

        return inputs;
    }

    private static TxOut[] ReadOutputs(ref ByteReader reader)
    {
        TxOut[] outputs = new TxOut[reader.ReadCount(TxOut.LeastBytes, "transaction output count")];
        for (int i = 0; i < outputs.Length; i++)
        {
            outputs[i] = TxOut.Read(ref reader);
        }

        return outputs;
    }

    private static void ReadWitnesses(ref ByteReader reader, TxIn[] inputs)
    {
        int start = reader.Position;
        bool any = false;
        for (int i = 0; i < inputs.Length; i++)
        {
            ReadOnlyMemory<byte>[] items = new ReadOnlyMemory<byte>[reader.ReadCount(1, "witness item count")];
            for (int j = 0; j < items.Length; j++)
            {
                items[j] = reader.ReadByteString("witness item");
            }

            if (items.Length > 0)
            {
                inputs[i] = inputs[i] with { Witness = items };
                any = true;
            }
        }

        // One transaction, one serialisation: a witness form without any witness would be a second one.
        if (!any)
        {
            throw new BitcoinFormatException("transaction witness", start, "a witness for at least one input", "none");
        }
    }
}
