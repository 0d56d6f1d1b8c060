using Bitcoin.Chain.Coins;
using Bitcoin.Chain.Rules;
using NBitcoin;

namespace Bitcoin.Chain;

// Chooses the active chain, and changes it.
public sealed partial class BlockTree
{
    /// <summary>How many blocks are connected before the gate is released for others.</summary>
    private const int BlocksAtOnce = 32;

    private const int MaxFailures = 1000;

    private const int AssumeValidSeconds = 2 * 7 * 24 * 60 * 60;

    // Guarded by the gate: the last answer of WhyScriptsCount, if it was asked.
    private (bool IsKnown, string? Reason)? _scriptReason;

    /// <summary>Makes the candidate with the most work the tip.</summary>
    internal void Activate() => Activate(null);

    /// <summary>Makes the candidate with the most work the tip.</summary>
    /// <param name="fresh">A block that is in memory and need not be read from the disk.</param>
    private void Activate((ChainBlock Place, Block Block)? fresh)
    {
        lock (_activation)
        {
            bool isDone = false;
            while (!isDone && !_options.Stop.IsCancellationRequested)
            {
                lock (_gate)
                {
                    isDone = Step(fresh);
                }

                if (!isDone)
                {
                    _notifications.Deliver();
                }
            }
        }

        _notifications.Deliver();
    }

    /// <summary>Connects some blocks of the best branch.</summary>
    /// <returns>Whether its end was reached.</returns>
    private bool Step((ChainBlock Place, Block Block)? fresh)
    {
        ChainBlock before = _active[^1];
        if (FindBest() is not { } best || ReferenceEquals(best, before))
        {
            return true;
        }

        ChainBlock fork = LastActive(best);
        bool reorganized = _active.Count > fork.Height + 1;
        while (_active.Count > fork.Height + 1)
        {
            OrEnd(DisconnectTip, "Failed to disconnect block.");
        }

        int last = Math.Min(best.Height, fork.Height + BlocksAtOnce);
        if (_options.StopHeight > fork.Height)
        {
            // The code that ends the process at this height must be notified before the next block.
            last = Math.Min(last, _options.StopHeight);
        }

        bool failed = false;
        for (int height = fork.Height + 1; height <= last && !failed; height++)
        {
            ChainBlock next = best.Ancestor(height);
            Block? block = ReferenceEquals(next, fresh?.Place) ? fresh!.Value.Block : null;
            OrEnd(() => block ??= Read(next), "Failed to read block.");
            failed = !TryConnect(next, block);
            if (failed && next.HasFailed)
            {
                NoteFailed(best);
            }
        }

        ChainBlock tip = _active[^1];
        Follower?.Settled(reorganized);
        if (!ReferenceEquals(tip, before))
        {
            _notifications.Enqueue(subscriber => subscriber.TipUpdated(tip));
        }

        _candidates.RemoveWhere(block => Compare(block, tip) < 0);
        CheckSometimes();
        SaveIndex();
        FlushIfNeeded();
        return !failed && ReferenceEquals(tip, best);
    }

    /// <summary>Does what the chain cannot go on without. If the files do not allow it, the node ends.</summary>
    private void OrEnd(Action action, string failure)
    {
        try
        {
            action();
        }
        catch (Exception exception) when (exception is IOException or InvalidDataException)
        {
            _options.Log("", $"ERROR: {failure} {exception.Message}");
            _options.Fatal(failure);
            throw;
        }
    }

    /// <summary>The candidate with the most work whose blocks are all stored and valid.</summary>
    private ChainBlock? FindBest()
    {
        while (_candidates.Max is { } best)
        {
            ChainBlock? obstacle = null;
            for (ChainBlock block = best; !IsActiveLocked(block); block = block.Previous!)
            {
                if (block.HasFailed || !HasData(block))
                {
                    obstacle = block;
                }
            }

            if (obstacle is null)
            {
                return best;
            }

            if (obstacle.HasFailed)
            {
                NoteFailed(best);
            }

            for (ChainBlock block = best; !ReferenceEquals(block, obstacle); block = block.Previous!)
            {
                _candidates.Remove(block);
                if (obstacle.HasFailed && !block.HasFailed)
                {
                    block.Status |= BlockStatus.ChildOfFailed;
                    _dirty.Add(block);
                }
            }

            _candidates.Remove(best);
            _candidates.Remove(obstacle);
        }

        return null;
    }

    private ChainBlock LastActive(ChainBlock block)
    {
        while (!IsActiveLocked(block))
        {
            block = block.Previous!;
        }

        return block;
    }

    private bool TryConnect(ChainBlock place, Block? block)
    {
        block ??= Read(place) ?? throw new InvalidDataException($"Block {place} is not stored.");
        CoinLayer layer = new(_coins);

        // Who makes the coins anew does not believe what was found before either.
        bool wasChecked = !_options.ReindexesCoins && (place.Status & BlockStatus.ScriptsChecked) != 0;
        Refusal? refusal = _connection.Connect(
            block, place, layer, !wasChecked && MustCheckScripts(place), out List<UnspentCoin[]> spent);
        if (refusal is not null)
        {
            _options.Log("", $"ERROR: ConnectBlock: {refusal}");
            MarkFailed(place, refusal);
            return false;
        }

        if ((place.Status & BlockStatus.HasUndo) == 0 && place.Previous is not null)
        {
            place.Undo = _store.AppendUndo(CoinCodec.WriteUndo(spent), place.Previous.Hash, place.Data.File);
            place.Status |= BlockStatus.HasUndo;
        }

        place.Status |= BlockStatus.ScriptsChecked;
        _dirty.Add(place);
        _coins.Take(layer, place.Hash);
        _active.Add(place);
        Follower?.Connected(block, place);
        _notifications.Enqueue(subscriber => subscriber.BlockConnected(place, block));
        _options.Log(
            "",
            $"UpdateTip: new best={place.Hash} height={place.Height} version=0x{place.Header.Version:x8} "
                + $"log2_work={System.Numerics.BigInteger.Log(place.ChainWork, 2):F6} "
            + $"tx={place.ChainTransactions} date='{place.Header.BlockTime.UtcDateTime:yyyy-MM-ddTHH:mm:ssZ}' progress=1.000000 cache={_coins.Usage / 1048576.0:F1}MiB({_coins.Count}txo)");
        return true;
    }

    private void DisconnectTip()
    {
        ChainBlock place = _active[^1];
        Block block = Read(place)
            ?? throw new InvalidDataException($"Block {place} is not stored, so the chain cannot leave it.");
        List<UnspentCoin[]> spent = ReadUndo(place)
            ?? throw new InvalidDataException($"What block {place} spent is not stored, so the chain cannot leave it.");
        CoinLayer layer = new(_coins);
        BlockConnection.Disconnect(block, layer, spent);
        _coins.Take(layer, place.Previous!.Hash);
        _active.RemoveAt(_active.Count - 1);
        MoveLocksBack(_active.Count - 1);
        Follower?.Disconnected(block, place);
        _notifications.Enqueue(subscriber => subscriber.BlockDisconnected(place, block));
    }

    /// <summary>Whether scripts must be checked. Logs the reason if it differs from the last one.</summary>
    private bool MustCheckScripts(ChainBlock place)
    {
        string? reason = WhyScriptsCount(place);
        if (_scriptReason is null || _scriptReason.Value.Reason != reason)
        {
            _scriptReason = (true, reason);
            _options.Log(
                "",
                reason is null
                    ? $"Disabling script verification at block #{place.Height} ({place.Hash})."
                    : $"Enabling script verification at block #{place.Height} ({place.Hash}): {reason}.");
        }

        return reason is not null;
    }

    /// <summary>
    /// Scripts of the ancestors of an assumed-valid block are not checked, once that block is buried deeply.
    /// </summary>
    /// <returns>Why they must be checked; null if they need not be.</returns>
    private string? WhyScriptsCount(ChainBlock place)
    {
        uint256 believed = _options.AssumeValid ?? Network.AssumeValid;
        if (believed == uint256.Zero)
        {
            return "assumevalid=0 (always verify)";
        }

        if (!_known.TryGetValue(believed, out ChainBlock? block))
        {
            return "assumevalid hash not in headers";
        }

        bool IsBelow(ChainBlock other)
            => other.Height >= place.Height && ReferenceEquals(other.Ancestor(place.Height), place);
        return !IsBelow(block) ? (place.Height > block.Height
            ? "block height above assumevalid height"
            : "block not in assumevalid chain")
            : !IsBelow(_bestHeader) ? "block not in best header chain"
            : _bestHeader.ChainWork < Network.MinimumWork ? "best header chainwork below minimumchainwork"
            : SecondsBetween(place, _bestHeader) <= AssumeValidSeconds ? "block too recent relative to best header"
            : null;
    }

    /// <summary>The time that the work between two blocks takes at the second block's difficulty, in seconds.</summary>
    private static System.Numerics.BigInteger SecondsBetween(ChainBlock from, ChainBlock to)
    {
        const int BlockSeconds = 600;
        System.Numerics.BigInteger proof = to.ChainWork - (to.Previous?.ChainWork ?? 0);
        return (to.ChainWork - from.ChainWork) * BlockSeconds / proof;
    }

    /// <summary>Told of each block that fails; called under the gate. Null for nobody.</summary>
    internal Action<ChainBlock, Refusal>? BlockFailed { get; set; }

    private void MarkFailed(ChainBlock place, Refusal refusal)
    {
        BlockFailed?.Invoke(place, refusal);
        if (_failures.Count > MaxFailures)
        {
            _failures.Clear();
        }

        _failures[place.Hash] = refusal;
        if (refusal.Kind == RefusalKind.Mutated)
        {
            return;
        }

        place.Status |= BlockStatus.Failed;
        _dirty.Add(place);
        _candidates.Remove(place);
        NoteFailed(place);
        if (_bestHeader.Height >= place.Height && ReferenceEquals(_bestHeader.Ancestor(place.Height), place))
        {
            FindBestHeader();
        }
    }

    private void FindBestHeader()
    {
        MarkDescendants();
        _bestHeader = _active[^1];
        foreach (ChainBlock block in _known.Values)
        {
            if (!block.HasFailed && block.ChainWork > _bestHeader.ChainWork)
            {
                _bestHeader = block;
            }
        }
    }

    /// <summary>Marks the descendants of failed blocks as failed.</summary>
    private void MarkDescendants()
    {
        foreach (ChainBlock block in _known.Values.OrderBy(static block => block.Height))
        {
            if (block.Previous is { HasFailed: true } && !block.HasFailed)
            {
                block.Status |= BlockStatus.ChildOfFailed;
                _candidates.Remove(block);
                _dirty.Add(block);
            }
        }
    }
}
