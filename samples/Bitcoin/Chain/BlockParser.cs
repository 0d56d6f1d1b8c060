using System.Diagnostics.CodeAnalysis;
using Bitcoin.Primitives;
using NBitcoin;

namespace Bitcoin.Chain;

/// <summary>
/// Parses blocks and transactions as strictly as Bitcoin Core. NBitcoin accepts several encodings of the same value,
/// and cannot read a transaction without inputs in a block.
/// </summary>
public static class BlockParser
{
    private const int HeaderBytes = 80;

    /// <summary>Parses a block. Its hashes are computed once.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <param name="network">The network whose format the block has.</param>
    /// <param name="block">The block.</param>
    /// <param name="allowsMore">
    /// Whether bytes may follow the block. Bitcoin Core allows that wherever it receives blocks.
    /// </param>
    public static bool TryParse(
        byte[] bytes, NetworkParameters network, [NotNullWhen(true)] out Block? block, bool allowsMore = true)
    {
        ArgumentNullException.ThrowIfNull(network);
        block = null;
        try
        {
            Block read = Parse(bytes, network, out int left);
            block = allowsMore || left == 0 ? read : null;
            return block is not null;
        }
        catch (FormatException)
        {
            return false;
        }
    }

    /// <summary>Reads a block, behind which something may stand.</summary>
    /// <exception cref="FormatException">It cannot be read.</exception>
    internal static Block Parse(byte[] bytes, NetworkParameters network) => Parse(bytes, network, out _);

    private static Block Parse(byte[] bytes, NetworkParameters network, out int left)
    {
        WireReader reader = new(bytes);
        Block read = network.Network.Consensus.ConsensusFactory.CreateBlock();
        read.Header.FromBytes(reader.Take(HeaderBytes).ToArray());
        read.Header.PrecomputeHash(false, false);
        for (ulong count = reader.Count(); count > 0; count--)
        {
            read.Transactions.Add(Read(ref reader, network));
        }

        left = reader.Left;
        return read;
    }

    /// <summary>Parses a transaction.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <param name="network">The network whose format the transaction has.</param>
    /// <param name="transaction">The transaction. Its hash is computed once.</param>
    /// <param name="allowsNoInputs">
    /// Whether to parse it without witnesses; such a transaction may have no inputs.
    /// </param>
    public static bool TryParse(
        byte[] bytes,
        NetworkParameters network,
        [NotNullWhen(true)] out Transaction? transaction,
        bool allowsNoInputs = false)
    {
        ArgumentNullException.ThrowIfNull(network);
        transaction = null;
        try
        {
            WireReader reader = new(bytes);
            Transaction read = Read(ref reader, network, hasWitness: !allowsNoInputs);
            transaction = reader.Left == 0 ? read : null;
        }
        catch (FormatException)
        {
            return false;
        }

        return transaction is not null;
    }

    /// <summary>Reads a transaction behind which something else may stand; its hash is computed once.</summary>
    /// <exception cref="FormatException">It cannot be read.</exception>
    internal static Transaction Read(ref WireReader reader, NetworkParameters network, bool hasWitness = true)
    {
        Transaction transaction = network.Network.CreateTransaction();
        transaction.Version = reader.UInt32();
        byte flags = 0;
        ulong inputs = reader.Count();
        if (inputs == 0 && hasWitness)
        {
            // No input: either the mark before a flag, or really no input, and then no output either.
            flags = reader.Byte();
            if (flags != 0)
            {
                ReadInputs(ref reader, transaction, reader.Count());
                ReadOutputs(ref reader, transaction);
            }
        }
        else
        {
            ReadInputs(ref reader, transaction, inputs);
            ReadOutputs(ref reader, transaction);
        }

        if ((flags & 1) != 0)
        {
            flags ^= 1;
            foreach (TxIn input in transaction.Inputs)
            {
                input.WitScript = ReadWitness(ref reader);
            }

            if (!transaction.HasWitness)
            {
                throw new FormatException("Superfluous witness record");
            }
        }

        if (flags != 0)
        {
            throw new FormatException("Unknown transaction optional data");
        }

        transaction.LockTime = new LockTime(reader.UInt32());
        transaction.PrecomputeHash(false, true);
        return transaction;
    }

    private static void ReadInputs(ref WireReader reader, Transaction transaction, ulong count)
    {
        for (; count > 0; count--)
        {
            OutPoint previous = new(reader.Hash(), reader.UInt32());
            Script script = ReadScript(ref reader);
            transaction.Inputs.Add(new TxIn(previous, script) { Sequence = new Sequence(reader.UInt32()) });
        }
    }

    private static void ReadOutputs(ref WireReader reader, Transaction transaction)
    {
        for (ulong count = reader.Count(); count > 0; count--)
        {
            long value = reader.Int64();
            transaction.Outputs.Add(new TxOut(Money.Satoshis(value), ReadScript(ref reader)));
        }
    }

    private static WitScript ReadWitness(ref WireReader reader)
    {
        List<byte[]> items = [];
        for (ulong count = reader.Count(); count > 0; count--)
        {
            items.Add(ReadBytes(ref reader));
        }

        return items.Count == 0 ? WitScript.Empty : new WitScript([.. items], @unsafe: true);
    }

    private static Script ReadScript(ref WireReader reader) => Script.FromBytesUnsafe(ReadBytes(ref reader));

    private static byte[] ReadBytes(ref WireReader reader)
    {
        ulong length = reader.Count();
        return length <= (ulong)reader.Left
            ? reader.Take((int)length).ToArray()
            : throw new FormatException("SpanReader::read(): end of data");
    }
}
