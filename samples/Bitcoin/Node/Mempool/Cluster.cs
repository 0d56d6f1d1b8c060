using NBitcoin;

namespace Bitcoin.Node.Mempool;

/// <summary>
/// Entries that depend on each other, directly or not, sorted into chunks that are mined or evicted together.
/// </summary>
internal sealed class Cluster
{
    private List<Chunk>? _chunks;

    internal HashSet<PoolEntry> Members { get; } = [];

    internal long Size => Members.Sum(static entry => (long)entry.Size);

    /// <summary>The chunks, the best first.</summary>
    internal IReadOnlyList<Chunk> Chunks => _chunks ??= Chunk.Sort(Members);

    internal void Changed() => _chunks = null;
}

/// <summary>Entries that are best mined together.</summary>
internal sealed class Chunk(List<PoolEntry> entries)
{
    internal List<PoolEntry> Entries { get; } = entries;

    internal long Fee { get; private set; } = entries.Sum(static entry => entry.ModifiedFee);

    internal long Size { get; private set; } = entries.Sum(static entry => (long)entry.Size);

    internal RelayRate Rate => RelayRate.Of(Fee, Size);

    /// <summary>Whether a chunk has a higher fee rate than another one, computed exactly.</summary>
    internal bool IsBetterThan(Chunk other) => (Int128)Fee * other.Size > (Int128)other.Fee * Size;

    /// <summary>
    /// Sorts entries: takes the best set of ancestors each time, and joins entries that pay for earlier ones. Equal
    /// entries are in the order of their hashes, so the order does not depend on when they came.
    /// </summary>
    /// <param name="members">The entries. Unmined ancestors that are missing here are ignored.</param>
    internal static List<Chunk> Sort(IReadOnlyCollection<PoolEntry> members)
    {
        HashSet<PoolEntry> left = [.. members];
        List<Chunk> chunks = [];
        while (left.Count > 0)
        {
            Chunk? best = null;
            uint256? last = null;
            foreach (PoolEntry entry in left)
            {
                Chunk candidate = new([.. entry.Ancestors().Where(left.Contains)]);
                if (best is null
                    || candidate.IsBetterThan(best)
                    || (!best.IsBetterThan(candidate)
                        && (candidate.Size, entry.Txid).CompareTo((best.Size, last!)) < 0))
                {
                    (best, last) = (candidate, entry.Txid);
                }
            }

            left.ExceptWith(best!.Entries);
            best.Entries.Sort(
                static (one, other)
                    => one.Ancestors().Count != other.Ancestors().Count
                        ? one.Ancestors().Count.CompareTo(other.Ancestors().Count)
                        : one.Txid.CompareTo(other.Txid));
            chunks.Add(best);
            while (chunks.Count > 1 && chunks[^1].IsBetterThan(chunks[^2]))
            {
                chunks[^2].Join(chunks[^1]);
                chunks.RemoveAt(chunks.Count - 1);
            }
        }

        return chunks;
    }

    private void Join(Chunk next)
    {
        Entries.AddRange(next.Entries);
        Fee += next.Fee;
        Size += next.Size;
    }
}
