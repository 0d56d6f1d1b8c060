using Bitcoin.Primitives;

namespace Bitcoin.Chain;

/// <summary>The unspent outputs of the active chain. Any thread may ask.</summary>
/// <remarks>An input whose output is not known spends nothing: the tree does not check inputs yet.</remarks>
public sealed class CoinSet : IChainSubscriber, IDisposable
{
    private const string FileName = "coins.dat";

    private readonly Lock _gate = new();

    // All under the gate.
    private readonly Dictionary<OutPoint, UnspentCoin> _coins = [];
    private readonly Dictionary<Hash256, List<(OutPoint, UnspentCoin)>> _spentBy = [];
    private Hash256 _tip;
    private ChainSubscription? _subscription;

    /// <summary>How many there are.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _coins.Count;
            }
        }
    }

    /// <summary>Takes the set that was stored, or makes it anew, and follows the tree from its tip on.</summary>
    /// <param name="tree">The chain; nobody may add blocks meanwhile.</param>
    /// <param name="directory">Where the set was stored; null to make it anew.</param>
    /// <returns>Whether the stored set could be used.</returns>
    /// <exception cref="InvalidDataException">The stored set has seen a block that the tree lacks.</exception>
    public bool Follow(BlockTree tree, string? directory)
    {
        bool stored = directory is not null && TryLoad(Path.Combine(directory, FileName), tree);
        lock (_gate)
        {
            if (!stored)
            {
                _coins.Clear();
                _tip = default;
            }

            int next = stored ? tree.Find(_tip)!.Height + 1 : 0;
            for (int height = next; tree.AtHeight(height) is { } block; height++)
            {
                ConnectLocked(block);
            }
        }

        _subscription = tree.Subscribe(this);
        return stored;
    }

    /// <summary>Looks one up; null when it is spent or unknown.</summary>
    public UnspentCoin? Find(OutPoint id)
    {
        lock (_gate)
        {
            return _coins.GetValueOrDefault(id);
        }
    }

    /// <summary>Stores the set, so that the next start need not make it anew.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public void Store(string directory)
    {
        Directory.CreateDirectory(directory);
        ByteWriter writer = new();
        lock (_gate)
        {
            writer.WriteHash(_tip);
            writer.WriteCompactSize((ulong)_coins.Count);
            foreach ((OutPoint id, UnspentCoin coin) in _coins)
            {
                writer.WriteHash(id.Txid);
                writer.WriteUInt32(id.Index);
                writer.WriteInt64(coin.Value);
                writer.WriteInt32(coin.IsCoinbase ? ~coin.Height : coin.Height);
                writer.WriteByteString(coin.Script.Span);
            }
        }

        SafeFile.WriteChecked(Path.Combine(directory, FileName), writer.ToArray());
    }

    /// <inheritdoc/>
    public void BlockConnected(ChainBlock block)
    {
        lock (_gate)
        {
            ConnectLocked(block);
        }
    }

    /// <inheritdoc/>
    public void BlockDisconnected(ChainBlock block)
    {
        lock (_gate)
        {
            DisconnectLocked(block);
        }
    }

    /// <inheritdoc/>
    public void TipUpdated(ChainBlock tip)
    {
    }

    /// <inheritdoc/>
    public void Dispose() => _subscription?.Dispose();

    private bool TryLoad(string path, BlockTree tree)
    {
        if (SafeFile.ReadChecked(path) is not { } bytes)
        {
            return false;
        }

        ByteReader reader = new(bytes);
        lock (_gate)
        {
            _tip = reader.ReadHash("coins' tip");
            int count = reader.ReadCount(Hash256.Size, "coins");
            for (int i = 0; i < count; i++)
            {
                OutPoint id = new(reader.ReadHash("coin's transaction"), reader.ReadUInt32("coin's number"));
                long value = reader.ReadInt64("coin's value");
                int height = reader.ReadInt32("coin's height");
                ReadOnlyMemory<byte> script = reader.ReadByteString("coin's script");
                _coins[id] = new UnspentCoin(value, script, height < 0 ? ~height : height, height < 0);
            }

            // Written after the blocks were flushed: who lacks that block has lost it.
            ChainBlock tip = tree.Find(_tip) ?? throw new InvalidDataException($"Corrupted block database detected: the block files end before block {_tip}, which {path} has seen.");
            return tree.IsActive(tip);
        }
    }

    private void ConnectLocked(ChainBlock block)
    {
        List<(OutPoint, UnspentCoin)> spent = [];
        foreach (Transaction transaction in block.Block.Transactions)
        {
            foreach (TxIn input in transaction.IsCoinbase ? [] : transaction.Inputs)
            {
                if (_coins.Remove(input.Previous, out UnspentCoin? coin))
                {
                    spent.Add((input.Previous, coin));
                }
            }

            AddOutputs(transaction, block.Height);
        }

        _spentBy[block.Hash] = spent;
        _tip = block.Hash;
    }

    private void DisconnectLocked(ChainBlock block)
    {
        if (!_spentBy.Remove(block.Hash, out List<(OutPoint, UnspentCoin)>? spent))
        {
            // What it spent was known to an earlier process only.
            Rebuild(block.Previous!);
            return;
        }

        foreach (Transaction transaction in block.Block.Transactions)
        {
            for (int i = 0; i < transaction.Outputs.Count; i++)
            {
                _coins.Remove(new OutPoint(transaction.Txid, (uint)i));
            }
        }

        foreach ((OutPoint id, UnspentCoin coin) in spent)
        {
            _coins[id] = coin;
        }

        _tip = block.Header.PreviousHash;
    }

    private void Rebuild(ChainBlock tip)
    {
        _coins.Clear();
        Stack<ChainBlock> blocks = new();
        for (ChainBlock? block = tip; block is not null; block = block.Previous)
        {
            blocks.Push(block);
        }

        while (blocks.TryPop(out ChainBlock? block))
        {
            ConnectLocked(block);
        }
    }

    private void AddOutputs(Transaction transaction, int height)
    {
        for (int i = 0; i < transaction.Outputs.Count; i++)
        {
            TxOut output = transaction.Outputs[i];

            // What begins with OP_RETURN can be spent by nobody, and the genesis block's output by rule.
            if (height > 0 && (output.ScriptPubKey.IsEmpty || output.ScriptPubKey.Span[0] != 0x6a))
            {
                _coins[new OutPoint(transaction.Txid, (uint)i)] = new UnspentCoin(output.Value, output.ScriptPubKey, height, transaction.IsCoinbase);
            }
        }
    }
}
