using Bitcoin.Primitives;
using NBitcoin;

namespace Bitcoin.Node.Net;

/// <summary>The bloom filter of a light client (BIP37). Under the group's gate.</summary>
internal sealed class PeerFilter
{
    internal const int MaxBytes = 36_000;
    internal const int MaxFunctions = 50;
    internal const int MaxElementBytes = 520;

    // A filter without bytes lets everything through.
    private readonly BloomFilter? _bloom;

    private PeerFilter(BloomFilter? bloom) => _bloom = bloom;

    /// <summary>Reads one.</summary>
    /// <returns>The filter; null where it is larger than it may be.</returns>
    /// <exception cref="FormatException">It is none.</exception>
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

    /// <summary>Adds something to look for.</summary>
    internal void Add(byte[] element) => _bloom?.Insert(element);

    /// <summary>
    /// Whether a transaction concerns the client. What it pays to the client is looked for from then on, if the client
    /// wants that.
    /// </summary>
    internal bool Matches(Transaction transaction) => _bloom is null || _bloom.IsRelevantAndUpdate(transaction);

    /// <summary>A block's header with the proof of those transactions that concern the client, and these.</summary>
    internal (byte[] Merkle, IReadOnlyList<Transaction> Transactions) Filter(Block block)
    {
        List<Transaction> matched = [.. block.Transactions.Where(Matches)];
        HashSet<uint256> ids = [.. matched.Select(static transaction => transaction.GetHash())];
        return (new MerkleBlock(block, [.. ids]).ToBytes(), matched);
    }
}
