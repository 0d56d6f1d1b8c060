using NBitcoin;

namespace Bitcoin.Node.Net;

/// <summary>The result of assembling a block.</summary>
internal enum PartialState
{
    /// <summary>The block is complete.</summary>
    Good,

    /// <summary>The data of the peer is invalid.</summary>
    Invalid,

    /// <summary>Two transactions may have the same name: the whole block must be requested.</summary>
    Failed,
}

/// <summary>
/// A block that is assembled from the names of a peer and the transactions of this node. Not thread-safe. It can be
/// filled once, whatever the result.
/// </summary>
internal sealed class PartialBlock
{
    // No block has more transactions: the smallest transaction weighs 40.
    private const int MaxCount = 4_000_000 / 40;

    private Transaction?[] _transactions = [];

    /// <summary>The header; null before the compact block came, and after the block was filled.</summary>
    internal BlockHeader? Header { get; private set; }

    /// <summary>Whether the compact block has come.</summary>
    internal bool HasBegun { get; private set; }

    internal int Prefilled { get; private set; }

    internal int FromHere { get; private set; }

    /// <summary>The indexes of the missing transactions.</summary>
    internal IReadOnlyList<int> Missing
        => [.. Enumerable.Range(0, _transactions.Length).Where(i => _transactions[i] is null)];

    /// <summary>Reads a compact block, and searches its transactions.</summary>
    /// <param name="compact">The compact block.</param>
    /// <param name="candidates">The transactions of this node.</param>
    internal PartialState Begin(
        CompactBlock compact, IEnumerable<(uint256 WitnessHash, Transaction Transaction)> candidates)
    {
        if (compact.Count == 0 || compact.Count > MaxCount || HasBegun)
        {
            return PartialState.Invalid;
        }

        HasBegun = true;
        Transaction?[] all = new Transaction?[compact.Count];
        foreach ((int index, Transaction transaction) in compact.Prefilled)
        {
            if (index >= all.Length || (transaction.Inputs.Count == 0 && transaction.Outputs.Count == 0))
            {
                return PartialState.Invalid;
            }

            all[index] = transaction;
        }

        Header = compact.Header;
        Prefilled = compact.Prefilled.Count;
        _transactions = all;
        Dictionary<ulong, int> places = [];
        int place = 0;
        foreach (ulong shortId in compact.ShortIds)
        {
            while (all[place] is not null)
            {
                place++;
            }

            if (!places.TryAdd(shortId, place++))
            {
                return PartialState.Failed;
            }
        }

        HashSet<int> ambiguous = [];
        foreach ((uint256 hash, Transaction transaction) in candidates)
        {
            if (places.Count == 0)
            {
                break;
            }

            if (!places.TryGetValue(compact.ShortId(hash), out int at) || ambiguous.Contains(at))
            {
                continue;
            }

            if (all[at] is null)
            {
                all[at] = transaction;
                FromHere++;
            }
            else if (all[at]!.GetWitHash() != hash)
            {
                // Two transactions have this name: request the right one from the peer.
                all[at] = null;
                ambiguous.Add(at);
                FromHere--;
            }
        }

        return PartialState.Good;
    }

    /// <summary>Assembles the block.</summary>
    /// <param name="missing">The transactions that were missing, in the order of the block.</param>
    /// <param name="empty">An empty block to fill.</param>
    /// <param name="isMutated">Tells whether the block does not match its header.</param>
    /// <param name="block">The block.</param>
    internal PartialState Fill(
        IReadOnlyList<Transaction> missing, Block empty, Func<Block, bool> isMutated, out Block block)
    {
        block = empty;
        if (Header is null)
        {
            return PartialState.Invalid;
        }

        block.Header = Header;
        int used = 0;
        foreach (Transaction? transaction in _transactions)
        {
            if (transaction is null && used == missing.Count)
            {
                used = -1;
                break;
            }

            block.Transactions.Add(transaction ?? missing[used++]);
        }

        Header = null;
        _transactions = [];
        return used != missing.Count ? PartialState.Invalid
            : isMutated(block) ? PartialState.Failed
            : PartialState.Good;
    }
}
