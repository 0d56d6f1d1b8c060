using System.Buffers.Binary;
using System.Security.Cryptography;
using Bitcoin.Chain;
using Bitcoin.Primitives;
using NBitcoin;
using NBitcoin.Crypto;

namespace Bitcoin.Node.Net;

/// <summary>
/// A block that names most transactions by six bytes, because the receiver has them already (BIP152).
/// </summary>
internal sealed class CompactBlock
{
    private const int HeaderBytes = 80;
    private const int ShortIdBytes = 6;
    private const ulong ShortIdMask = 0xffff_ffff_ffff;
    private const ulong MaxIndex = ushort.MaxValue;

    private readonly (ulong First, ulong Second) _key;

    private CompactBlock(
        BlockHeader header,
        ulong nonce,
        IReadOnlyList<ulong> shortIds,
        IReadOnlyList<(int Index, Transaction Transaction)> prefilled)
    {
        Header = header;
        Nonce = nonce;
        ShortIds = shortIds;
        Prefilled = prefilled;
        _key = KeyOf(header, nonce);
    }

    internal BlockHeader Header { get; }

    /// <summary>The salt of the names: with it, nobody can prepare two transactions with the same name.</summary>
    internal ulong Nonce { get; }

    /// <summary>The names of the transactions that are not included, in the order of the block.</summary>
    internal IReadOnlyList<ulong> ShortIds { get; }

    /// <summary>The included transactions with their indexes in the block.</summary>
    internal IReadOnlyList<(int Index, Transaction Transaction)> Prefilled { get; }

    /// <summary>The number of transactions of the block.</summary>
    internal int Count => ShortIds.Count + Prefilled.Count;

    /// <summary>Creates a compact block that includes the coinbase, which no receiver can have.</summary>
    internal static CompactBlock Of(Block block, ulong nonce)
    {
        (ulong First, ulong Second) key = KeyOf(block.Header, nonce);
        return new CompactBlock(
            block.Header,
            nonce,
            [.. block.Transactions.Skip(1).Select(one => ShortId(key, one.GetWitHash()))],
            [(0, block.Transactions[0])]);
    }

    /// <summary>Reads a compact block of a peer.</summary>
    /// <exception cref="FormatException">The message is invalid.</exception>
    internal static CompactBlock Read(byte[] payload, NetworkParameters network)
    {
        WireReader reader = new(payload);
        BlockHeader header = network.Network.Consensus.ConsensusFactory.CreateBlockHeader();
        header.FromBytes(reader.Take(HeaderBytes).ToArray());
        header.PrecomputeHash(false, false);
        ulong nonce = reader.UInt64();
        ulong count = reader.Count();
        List<ulong> shortIds = [];
        for (ulong i = 0; i < count; i++)
        {
            shortIds.Add(ReadShortId(reader.Take(ShortIdBytes)));
        }

        count = reader.Count();
        List<(int, Transaction)> prefilled = [];
        ulong next = 0;
        for (ulong i = 0; i < count; i++)
        {
            ulong index = NextIndex(ref next, reader.Count());
            prefilled.Add(((int)index, BlockParser.Read(ref reader, network)));
        }

        return new CompactBlock(header, nonce, shortIds, prefilled);
    }

    /// <summary>Reads indexes in a block. Each is written as the distance from the previous index.</summary>
    /// <exception cref="FormatException">The message is invalid.</exception>
    internal static List<int> ReadIndexes(ref WireReader reader)
    {
        ulong count = reader.Count();
        List<int> indexes = [];
        ulong next = 0;
        for (ulong i = 0; i < count; i++)
        {
            indexes.Add((int)NextIndex(ref next, reader.Count()));
        }

        return indexes;
    }

    /// <summary>Writes indexes in a block, in rising order.</summary>
    internal static void WriteIndexes(WireWriter writer, IReadOnlyList<int> indexes)
    {
        writer.Count(indexes.Count);
        int next = 0;
        foreach (int index in indexes)
        {
            writer.Count(index - next);
            next = index + 1;
        }
    }

    internal byte[] ToBytes()
    {
        WireWriter writer = new WireWriter().Bytes(Header.ToBytes()).UInt64(Nonce).Count(ShortIds.Count);
        byte[] name = new byte[sizeof(ulong)];
        foreach (ulong shortId in ShortIds)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(name, shortId);
            writer.Bytes(name.AsSpan(0, ShortIdBytes));
        }

        writer.Count(Prefilled.Count);
        int next = 0;
        foreach ((int index, Transaction transaction) in Prefilled)
        {
            writer.Count(index - next).Bytes(transaction.ToBytes());
            next = index + 1;
        }

        return writer.ToArray();
    }

    /// <summary>The name of a transaction in this block.</summary>
    internal ulong ShortId(uint256 witnessHash) => ShortId(_key, witnessHash);

    private static ulong ShortId((ulong First, ulong Second) key, uint256 witnessHash)
        => Hashes.SipHash(key.First, key.Second, witnessHash) & ShortIdMask;

    private static (ulong First, ulong Second) KeyOf(BlockHeader header, ulong nonce)
    {
        byte[] all = new byte[HeaderBytes + sizeof(ulong)];
        header.ToBytes().CopyTo(all, 0);
        BinaryPrimitives.WriteUInt64LittleEndian(all.AsSpan(HeaderBytes), nonce);
        byte[] hash = SHA256.HashData(all);
        return (BinaryPrimitives.ReadUInt64LittleEndian(hash), BinaryPrimitives.ReadUInt64LittleEndian(hash.AsSpan(8)));
    }

    private static ulong ReadShortId(ReadOnlySpan<byte> bytes)
    {
        Span<byte> whole = stackalloc byte[sizeof(ulong)];
        bytes.CopyTo(whole);
        return BinaryPrimitives.ReadUInt64LittleEndian(whole);
    }

    private static ulong NextIndex(ref ulong next, ulong distance)
    {
        if (distance > MaxIndex || next + distance > MaxIndex)
        {
            throw new FormatException($"Index of a transaction exceeds {MaxIndex}");
        }

        ulong index = next + distance;
        next = index + 1;
        return index;
    }
}
