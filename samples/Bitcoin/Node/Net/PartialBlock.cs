using NBitcoin;

namespace Bitcoin.Node.Net;

/// <summary>How it went to put a block together.</summary>
internal enum PartialState
{
    /// <summary>Well.</summary>
    Good,

    /// <summary>What the peer sent cannot be right.</summary>
    Invalid,

    /// <summary>Two transactions may have the same name; the whole block has to be asked for.</summary>
    Failed,
}

/// <summary>
/// A block that is put together from what a peer named and what is here. Of one thread at a time. Once it was filled it
/// is used up, whatever came of that.
/// </summary>
internal sealed class PartialBlock
{
    // The smallest transaction weighs 40: no block has more of them.
    private const int MaxCount = 4_000_000 / 40;

    private Transaction?[] _transactions = [];

    /// <summary>The header; null where the block is used up, or nothing came yet.</summary>
    internal BlockHeader? Header { get; private set; }

    /// <summary>Whether a peer's compact block was taken.</summary>
    internal bool HasBegun { get; private set; }

    internal int Prefilled { get; private set; }

    internal int FromHere { get; private set; }

    /// <summary>The places of the transactions that are not here.</summary>
    internal IReadOnlyList<int> Missing
        => [.. Enumerable.Range(0, _transactions.Length).Where(i => _transactions[i] is null)];

    /// <summary>Takes what a peer named, and looks for the transactions.</summary>
    /// <param name="compact">What came.</param>
    /// <param name="candidates">The transactions that are here.</param>
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
                // Two have the name: the peer is asked which one it is.
                all[at] = null;
                ambiguous.Add(at);
                FromHere--;
            }
        }

        return PartialState.Good;
    }

    /// <summary>Puts the block together.</summary>
    /// <param name="missing">The transactions that were missing, in the order of the block.</param>
    /// <param name="empty">A block without anything.</param>
    /// <param name="isMutated">Whether the block is not what its header stands for.</param>
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
