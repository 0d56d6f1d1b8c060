using Bitcoin.Chain.Coins;
using Bitcoin.Chain.Rules;
using Bitcoin.Chain.Storage;
using NBitcoin;

namespace Bitcoin.Chain;

// Accepts blocks and headers.
public sealed partial class BlockTree
{
    /// <summary>How far above the tip a block may be that was not requested.</summary>
    private const int MaxBlocksAhead = 288;

    /// <summary>Submits a block.</summary>
    public AcceptResult AcceptBlock(Block block) => AcceptBlock(block, isRequested: true, out _);

    /// <summary>Submits a block.</summary>
    /// <param name="block">The block.</param>
    /// <param name="isRequested">Whether it was requested. Other blocks are stored only if they look useful.</param>
    /// <param name="isNew">Whether it was stored now.</param>
    /// <param name="found">Its position in a block file; null if it is not stored yet.</param>
    internal AcceptResult AcceptBlock(
        Block block, bool isRequested, out bool isNew, (BlockPosition Position, int Length)? found = null)
    {
        ArgumentNullException.ThrowIfNull(block);
        isNew = false;

        // Checks that need neither parent nor lock come first: they are most of the work.
        uint256 hash = block.GetHash();
        Refusal? refusal = BlockRules.CheckProofOfWork(block.Header, hash, Network)
            ?? BlockRules.CheckContents(block, Network);
        ChainBlock? place;
        lock (_gate)
        {
            if (_known.TryGetValue(hash, out place) && (HasData(place) || place.HasFailed))
            {
                return place.HasFailed
                    ? new AcceptResult(
                        place,
                        new Refusal(
                            "duplicate-invalid",
                            $"block {hash} was previously marked invalid",
                            RefusalKind.CachedInvalid))
                    : new AcceptResult(place, new Refusal(AcceptResult.Duplicate, Kind: RefusalKind.Conflict));
            }

            // As in Bitcoin Core, a fault of the block alone says nothing about its header: another block may have the
            // same header if the transactions are forged. A child of a known header is still requested.
            if (refusal is not null)
            {
                return new AcceptResult(place, refusal);
            }

            // A stored block was accepted when the clock was right; the clock may have been set back since.
            Refusal? headerRefusal = AcceptHeaderLocked(
                block.Header, hash, out place, found is null ? Now() : long.MaxValue / 2);
            if (headerRefusal is not null || place is null)
            {
                return new AcceptResult(place, headerRefusal);
            }

            if (!isRequested && !IsWelcome(place))
            {
                return new AcceptResult(place, null);
            }

            refusal = place.Previous is null ? null : BlockRules.CheckContentsAt(block, place.Previous, Network);
            if (refusal is not null)
            {
                if (refusal.Kind != RefusalKind.Mutated)
                {
                    MarkFailed(place, refusal);
                    SaveIndex();
                }

                return new AcceptResult(place, refusal);
            }

            isNew = true;
            place.Data = found is { } at
                ? _files!.AddFound(at.Position.File, at.Position.Offset, at.Length, place.Height)
                : _store.Append(block.ToBytes(), place.Height);
            ReceiveTransactions(place, block.Transactions.Count);
            SaveIndex();
        }

        Activate((place, block));
        lock (_gate)
        {
            return new AcceptResult(place, _failures.GetValueOrDefault(hash));
        }
    }

    /// <summary>Submits headers, each the parent of the next.</summary>
    /// <returns>The reason of a refusal, and the last header that was accepted.</returns>
    internal (Refusal? Refusal, ChainBlock? Last) AcceptHeaders(IReadOnlyList<BlockHeader> headers)
    {
        lock (_gate)
        {
            ChainBlock? last = null;
            foreach (BlockHeader header in headers)
            {
                Refusal? refusal = AcceptHeaderLocked(header, header.GetHash(), out ChainBlock? place, Now());
                if (refusal is not null)
                {
                    SaveIndex();
                    return (refusal, last);
                }

                last = place;
            }

            SaveIndex();
            return (null, last);
        }
    }

    /// <summary>Checks whether a block could be added to the active chain; null if it could.</summary>
    public Refusal? Test(Block block, bool checkWork)
    {
        ArgumentNullException.ThrowIfNull(block);
        return Test(block, checkWork, checksMerkleRoot: true);
    }

    internal Refusal? Test(Block block, bool checkWork, bool checksMerkleRoot)
    {
        lock (_gate)
        {
            ChainBlock tip = _active[^1];
            if (block.Header.HashPrevBlock != tip.Hash)
            {
                return new Refusal("inconclusive-not-best-prevblk", "");
            }

            uint256 hash = block.GetHash();
            Refusal? refusal = (checkWork ? BlockRules.CheckProofOfWork(block.Header, hash, Network) : null)
                ?? BlockRules.CheckContents(block, Network, checksMerkleRoot)
                ?? BlockRules.CheckHeader(block.Header, tip, Network, Now())
                ?? BlockRules.CheckContentsAt(block, tip, Network);
            return refusal
                ?? _connection.Connect(
                    block, new ChainBlock(block.Header, hash, tip), new CoinLayer(_coins), checksScripts: true, out _);
        }
    }

    private long Now() => _clock.GetUtcNow().ToUnixTimeSeconds();

    private Refusal? AcceptHeaderLocked(BlockHeader header, uint256 hash, out ChainBlock? place, long now)
    {
        if (_known.TryGetValue(hash, out place))
        {
            return place.HasFailed
                ? new Refusal(
                    "duplicate-invalid", $"block {hash} was previously marked invalid", RefusalKind.CachedInvalid)
                : null;
        }

        if (BlockRules.CheckProofOfWork(header, hash, Network) is { } weak)
        {
            return weak;
        }

        if (!_known.TryGetValue(header.HashPrevBlock, out ChainBlock? previous))
        {
            return new Refusal(AcceptResult.ParentNotFound, "", RefusalKind.MissingPrevious);
        }

        if (Network.Checkpoints.TryGetValue(previous.Height + 1, out uint256? fixedHash) && fixedHash != hash)
        {
            place = null;
            return new Refusal(
                "checkpoint mismatch", $"the block at this height is {fixedHash}", RefusalKind.InvalidHeader);
        }

        if (previous.HasFailed)
        {
            return new Refusal("bad-prevblk", "", RefusalKind.InvalidPrevious);
        }

        if (BlockRules.CheckHeader(header, previous, Network, now) is { } refusal)
        {
            return refusal;
        }

        place = new ChainBlock(header, hash, previous);
        _known.Add(hash, place);
        _dirty.Add(place);
        if (place.ChainWork > _bestHeader.ChainWork)
        {
            _bestHeader = place;
        }

        return null;
    }

    private bool IsWelcome(ChainBlock place)
    {
        ChainBlock tip = _active[^1];
        return place.ChainWork >= tip.ChainWork
            && place.Height <= tip.Height + MaxBlocksAhead
            && place.ChainWork >= Network.MinimumWork;
    }

    /// <summary>
    /// Records that a block's transactions are stored. If those of all its ancestors are stored too, the block and the
    /// descendants that waited for it become candidates.
    /// </summary>
    private void ReceiveTransactions(ChainBlock place, int count)
    {
        place.TransactionCount = count;
        place.Status |= BlockStatus.HasData | BlockStatus.HasTransactions | (place.Height >= Network.SegwitHeight
            ? BlockStatus.HasWitnesses
            : 0);
        _dirty.Add(place);
        if (place.Previous is { ChainTransactions: 0 })
        {
            WaitFor(place.Previous, place);
            return;
        }

        Queue<ChainBlock> complete = new([place]);
        while (complete.TryDequeue(out ChainBlock? block))
        {
            _candidates.Remove(block);
            block.ChainTransactions = (block.Previous?.ChainTransactions ?? 0) + block.TransactionCount;
            block.Sequence = ++_sequence;
            _dirty.Add(block);
            if (!block.HasFailed)
            {
                _candidates.Add(block);
            }

            if (_waiting.Remove(block, out List<ChainBlock>? children))
            {
                children.ForEach(complete.Enqueue);
            }
        }
    }

    private void WaitFor(ChainBlock parent, ChainBlock child)
    {
        if (!_waiting.TryGetValue(parent, out List<ChainBlock>? children))
        {
            _waiting.Add(parent, children = []);
        }

        children.Add(child);
    }
}
