using System.Buffers.Binary;
using NBitcoin;
using NBitcoin.Crypto;

namespace Bitcoin.Descriptors;

/// <summary>
/// Reads and writes PSBTs. NBitcoin refuses those of version 0 that state their version or that have no inputs, accepts
/// some that are wrong, and writes fields in another order than Bitcoin Core.
/// </summary>
public static class PsbtText
{
    private const byte PartialSignatureField = 0x02;
    private const byte VersionField = 0xfb;
    private const byte InputCountField = 0x04;
    private const byte SequenceField = 0x10;

    // The order of an input's fields. Those that do not stand here follow.
    private static readonly byte[] s_inputOrder =
    [
        0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x0a, 0x0b, 0x0c, 0x0d, 0x13, 0x14, 0x15, 0x16, 0x17, 0x18, 0x1a,
        0x1b, 0x1c, 0x07, 0x08, 0x0e, 0x0f, 0x10, 0x11, 0x12, 0xfc,
    ];

    // The same of an output.
    private static readonly byte[] s_outputOrder = [0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0xfc];

    /// <summary>Reads a PSBT in Base64.</summary>
    /// <exception cref="FormatException">It is none; other exceptions of NBitcoin mean the same.</exception>
    public static PSBT Parse(string text, Network network)
    {
        byte[] bytes = WithoutFirstVersion(Convert.FromBase64String(text));
        if (PsbtFields.WrongWith(bytes, network) is { } wrong)
        {
            throw new FormatException(wrong);
        }

        PSBT psbt = WithoutInputs(bytes, network) ?? PSBT.Load(bytes, network);
        foreach (PSBTInput input in psbt.Inputs)
        {
            if (input.NonWitnessUtxo is { } whole && whole.GetHash() != input.PrevOut.Hash)
            {
                throw new FormatException("Non-witness UTXO does not match outpoint hash");
            }

            if (input.NonWitnessUtxo is { } known && input.PrevOut.N >= known.Outputs.Count)
            {
                throw new FormatException("Input specifies output index that does not exist");
            }
        }

        return psbt;
    }

    /// <summary>Writes a PSBT in Base64, with its fields in Bitcoin Core's order.</summary>
    public static string Format(PSBT psbt)
    {
        ArgumentNullException.ThrowIfNull(psbt);
        List<List<PsbtField>> maps = PsbtMaps.Read(psbt.ToBytes());
        for (int i = 0; i < psbt.Inputs.Count; i++)
        {
            maps[1 + i] = Sort(maps[1 + i], s_inputOrder);
        }

        for (int i = 0; i < psbt.Outputs.Count; i++)
        {
            maps[1 + psbt.Inputs.Count + i] = Sort(maps[1 + psbt.Inputs.Count + i], s_outputOrder);
        }

        return Convert.ToBase64String(PsbtMaps.Write(maps.Take(1 + psbt.Inputs.Count + psbt.Outputs.Count)));
    }

    /// <summary>
    /// PSBTs in Base64 with the same sequence number for each input: the first that is stated. The number does not
    /// decide whether two PSBTs of version 2 are of one transaction (BIP370), but NBitcoin compares it.
    /// </summary>
    /// <param name="texts">PSBTs that were read already. Those of version 0 stay as they are.</param>
    public static IReadOnlyList<string> WithEqualSequences(IReadOnlyList<string> texts)
    {
        ArgumentNullException.ThrowIfNull(texts);
        List<List<PsbtField>>[] all = [.. texts.Select(static text => PsbtMaps.Read(Convert.FromBase64String(text)))];
        int[] inputs = [.. all.Select(static maps => InputCount(maps[0]))];
        if (inputs.Length == 0 || inputs[0] <= 0 || Array.Exists(inputs, count => count != inputs[0]))
        {
            return texts;
        }

        for (int i = 1; i <= inputs[0]; i++)
        {
            if (all.SelectMany(maps => maps[i]).FirstOrDefault(static field => field.Key is [SequenceField])
                is not { } stated)
            {
                continue;
            }

            foreach (List<List<PsbtField>> maps in all)
            {
                maps[i] = [.. maps[i].Where(static field => field.Key is not [SequenceField]), stated];
            }
        }

        return [.. all.Select(static maps => Convert.ToBase64String(PsbtMaps.Write(maps.SkipLast(1))))];
    }

    /// <summary>Reads a transaction without witnesses: one without inputs looks as if it had them.</summary>
    internal static Transaction Unsigned(byte[] bytes, Network network)
    {
        Transaction transaction = network.CreateTransaction();
        transaction.ReadWrite(
            new BitcoinStream(bytes)
            {
                ConsensusFactory = network.Consensus.ConsensusFactory,
                TransactionOptions = TransactionOptions.None,
            });
        return transaction;
    }

    // Only version 2 states it.
    private static int InputCount(List<PsbtField> global)
    {
        int at = 0;
        return global.Find(static field => field.Key is [InputCountField]) is { } field
            ? (int)(PsbtMaps.Count(field.Value, ref at) ?? 0)
            : 0;
    }

    private static List<PsbtField> Sort(List<PsbtField> map, byte[] order)
    {
        return
        [
            .. map.OrderBy(field => Array.IndexOf(order, field.Key[0]) is >= 0 and var place ? place : order.Length)
                .ThenBy(
                    static field => field.Key[0] == PartialSignatureField
                        ? Hashes.Hash160(field.Key[1..]).ToBytes()
                        : [],
                    Comparer<byte[]>.Create(static (one, other) => one.AsSpan().SequenceCompareTo(other))),
        ];
    }

    // NBitcoin takes the count of a transaction's inputs, if it is 0, for the mark of a transaction with witnesses, and
    // writes no such PSBT. It becomes one of version 2, which says the same without a transaction.
    private static PSBT? WithoutInputs(byte[] bytes, Network network)
    {
        List<List<PsbtField>> maps = PsbtMaps.Read(bytes);
        if (maps[0].Find(static field => field.Key is [0])?.Value is not [_, _, _, _, 0, ..] found)
        {
            return null;
        }

        Transaction transaction = Unsigned(found, network);
        byte[] version = new byte[4];
        byte[] lockTime = new byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(version, (uint)transaction.Version);
        BinaryPrimitives.WriteUInt32LittleEndian(lockTime, transaction.LockTime.Value);
        List<PsbtField> global =
            [
                .. maps[0].Where(static field => field.Key is not ([0] or [VersionField])),
                new([0x02], version),
                new([0x03], lockTime),
                new([0x04], [0]),
                new([0x05], PsbtMaps.Number((ulong)transaction.Outputs.Count)),
                new([VersionField], [2, 0, 0, 0]),
            ];
        IEnumerable<List<PsbtField>> outputs = transaction.Outputs.Zip(maps.Skip(1), static (output, map) =>
        {
            byte[] amount = new byte[8];
            BinaryPrimitives.WriteInt64LittleEndian(amount, output.Value.Satoshi);
            return (List<PsbtField>)[.. map, new([0x03], amount), new([0x04], output.ScriptPubKey.ToBytes())];
        });
        return PSBT.Load(PsbtMaps.Write([global, .. outputs]), network);
    }

    // The version has no meaning where it is the one that counts without it.
    private static byte[] WithoutFirstVersion(byte[] bytes)
    {
        List<List<PsbtField>> maps = PsbtMaps.Read(bytes);
        return maps.Count > 1 && maps[^1].Count == 0
            && maps[0].RemoveAll(static field => field.Key is [VersionField] && field.Value is [0, 0, 0, 0]) > 0
            ? PsbtMaps.Write(maps.SkipLast(1))
            : bytes;
    }
}
