using Bitcoin.Primitives;
using NBitcoin;

namespace Bitcoin.Node.Net;

/// <summary>The bloom filter of a light client (BIP37). Guarded by the group's gate.</summary>
internal sealed class PeerFilter
{
    internal const int MaxBytes = 36_000;
    internal const int MaxFunctions = 50;
    internal const int MaxElementBytes = 520;

    // An empty filter lets everything pass.
    private readonly BloomFilter? _bloom;

    private PeerFilter(BloomFilter? bloom) => _bloom = bloom;

    /// <summary>Parses a filter.</summary>
    /// <returns>The filter; null if it is too large.</returns>
    /// <exception cref="FormatException">The payload is invalid.</exception>
    internal static PeerFilter? Read(byte[] payload)
    {
        WireReader reader = new(payload);
        ulong length = reader.Count();
        if (length > (ulong)reader.Left)
        {
            throw new FormatException("SpanReader::read(): end of data");
        }

        reader.Take((int)length);
        uint functions = reader.UInt32();
        reader.UInt32();
        reader.Byte();
        if (length > MaxBytes || functions > MaxFunctions)
        {
            return null;
        }

        if (length == 0)
        {
            return new PeerFilter(null);
        }

        BloomFilter bloom = new();
        bloom.FromBytes(payload);
        return new PeerFilter(bloom);
    }

    /// <summary>Adds an element to the filter.</summary>
    internal void Add(byte[] element) => _bloom?.Insert(element);

    /// <summary>
    /// Whether a transaction matches the filter. If the client asked for it, the outputs that pay the client are added
    /// to the filter.
    /// </summary>
    internal bool Matches(Transaction transaction) => _bloom is null || _bloom.IsRelevantAndUpdate(transaction);

    /// <summary>A block's header with the proof of the matching transactions, and these transactions.</summary>
    internal (byte[] Merkle, IReadOnlyList<Transaction> Transactions) Filter(Block block)
    {
        List<Transaction> matched = [.. block.Transactions.Where(Matches)];
        HashSet<uint256> ids = [.. matched.Select(static transaction => transaction.GetHash())];
        return (new MerkleBlock(block, [.. ids]).ToBytes(), matched);
    }
}
