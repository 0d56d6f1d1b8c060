using Bitcoin.Hosting;
using Bitcoin.Interfaces;
using Bitcoin.Primitives;
using NBitcoin;

namespace Bitcoin.Wallet;

/// <summary>A wallet with named accounts, receive scripts, and balances found by scanning. It has no keys yet. Any thread may call.</summary>
internal sealed class SimpleWallet : IWallet
{
    private readonly string _name;
    private readonly string _path;
    private readonly IChain _chain;
    private readonly NetworkParameters _network;
    private readonly IDisposable _lock;
    private readonly Func<SimpleWallet, bool> _remove;
    private readonly Lock _gate = new();

    // All under the gate.
    private readonly WalletCoins _coins = new();
    private readonly Dictionary<string, int> _scripts = [];
    private WalletFile _file;
    private BlockTip _last;

    private readonly Listeners<SimpleWallet> _unload = new();
    private readonly Listeners<WalletBalances> _balances = new();

    internal SimpleWallet(string name, string path, WalletFile file, IDisposable fileLock, IChain chain, Func<SimpleWallet, bool> remove)
    {
        _name = name;
        _path = path;
        _chain = chain;
        _network = NetworkParameters.Find(chain.GetNetwork()) ?? throw new InvalidOperationException($"Unknown network {chain.GetNetwork()}.");
        _remove = remove;
        _lock = fileLock;
        _file = file;
        _last = new BlockTip(-1, uint256.Zero, 0);
        for (int i = 0; i < file.Labels.Count; i++)
        {
            _scripts[Convert.ToHexString(file.ReceiveScript(i))] = i;
        }
    }

    internal int AddressCount
    {
        get
        {
            lock (_gate)
            {
                return _file.Labels.Count;
            }
        }
    }

    internal int TransactionCount
    {
        get
        {
            lock (_gate)
            {
                return _coins.TransactionCount;
            }
        }
    }

    public string GetWalletName() => _name;

    public string GetNewDestination(string label)
    {
        if (label == "*")
        {
            throw new RpcException(RpcErrorCode.WalletInvalidLabelName, "Invalid label name");
        }

        lock (_gate)
        {
            // Stored before anybody can be paid at it.
            WalletFile file = _file with { Labels = [.. _file.Labels, label] };
            file.Write(_path);
            _file = file;
            int index = file.Labels.Count - 1;
            _scripts[Convert.ToHexString(file.ReceiveScript(index))] = index;
            return AddressOf(index);
        }
    }

    public List<WalletAddress> GetAddresses()
    {
        lock (_gate)
        {
            return [.. _file.Labels.Select((label, i) => new WalletAddress(AddressOf(i), label))];
        }
    }

    public bool IsMine(Script script)
    {
        lock (_gate)
        {
            return IndexOf(script) is not null;
        }
    }

    public WalletBalances GetBalances() => GetBalances(leastDepth: 0);

    public bool TryGetBalances(out WalletBalances? balances, out uint256 tip)
    {
        balances = null;
        tip = uint256.Zero;
        if (!_gate.TryEnter())
        {
            return false;
        }

        try
        {
            balances = _coins.Balances(_last.Height);
            tip = _last.Hash;
            return true;
        }
        finally
        {
            _gate.Exit();
        }
    }

    public Dictionary<WalletDestination, List<(OutPoint Id, WalletCoin Coin)>> ListCoins()
    {
        lock (_gate)
        {
            return _coins.All
                .GroupBy(pair => pair.Value.Index)
                .ToDictionary(
                    group => (WalletDestination)new WitnessDestination(AddressOf(group.Key), _file.Labels[group.Key]),
                    group => group.Select(pair => (
                        pair.Key,
                        new WalletCoin(Money.Satoshis(pair.Value.Value), pair.Value.Height, _last.Height - pair.Value.Height + 1, WalletCoins.IsSpendable(pair.Value, _last.Height)))).ToList());
        }
    }

    public Money GetMinimumFee(int bytes, int? confirmTarget, out int? returnedTarget, out string? reason)
    {
        const int FeeUnit = 1000;
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);

        // Without a pool of waiting transactions nothing can be estimated.
        returnedTarget = null;
        reason = confirmTarget is null ? null : "the node's minimum, as there is no estimate";
        return Money.Satoshis(((_chain.GetRelayMinFee().Satoshi * bytes) + FeeUnit - 1) / FeeUnit);
    }

    public PsbtError? FillPsbt(bool sign, ref PSBT psbt, out int? signed, out bool complete)
    {
        complete = false;
        signed = sign ? 0 : null;
        return sign ? PsbtError.MissingKeys : null;
    }

    public BlockTip GetLastBlock()
    {
        lock (_gate)
        {
            return _last;
        }
    }

    public void Remove() => TryRemove();

    /// <summary>Unloads it; false when somebody else has.</summary>
    internal bool TryRemove()
    {
        if (!_remove(this))
        {
            return false;
        }

        Close();
        _unload.Tell(this);
        return true;
    }

    public IHandler HandleUnload(Action unloaded) => _unload.Add(_ => unloaded());

    public IHandler HandleBalancesChanged(Action<WalletBalances> changed) => _balances.Add(changed);

    internal WalletBalances GetBalances(int leastDepth)
    {
        lock (_gate)
        {
            return _coins.Balances(_last.Height, leastDepth);
        }
    }

    /// <summary>Lets other processes have it.</summary>
    internal void Close() => _lock.Dispose();

    /// <summary>Looks at the chain from where it looked last, or from the first block on if that has left the chain.</summary>
    internal void Scan()
    {
        lock (_gate)
        {
            BlockParts parts = BlockParts.Data | BlockParts.Time | BlockParts.Next;
            uint256? next = _chain.FindBlock(_last.Hash, BlockParts.Next | BlockParts.Active, out FoundBlock? last) && last!.IsActive == true ? last.Next : First();
            while (next is { } hash && _chain.FindBlock(hash, parts, out FoundBlock? found))
            {
                ConnectLocked(found!.Data!, _last.Height + 1, hash, found.Time ?? 0);
                next = found.Next;
            }
        }

        uint256 First()
        {
            _coins.Clear();
            _last = new BlockTip(-1, uint256.Zero, 0);
            return _chain.GetBlockHash(0);
        }
    }

    /// <summary>A block joined the chain.</summary>
    internal void Connect(BlockInfo block, Block data)
    {
        bool isNext;
        lock (_gate)
        {
            if (block.Height <= _last.Height)
            {
                // The scan saw it already, or it is about to be disconnected.
                return;
            }

            isNext = block.PreviousHash == _last.Hash;
            if (isNext)
            {
                ConnectLocked(data, block.Height, block.Hash, block.Time);
            }
        }

        if (!isNext)
        {
            Scan();
        }

        _balances.Tell(GetBalances());
    }

    /// <summary>A block left the chain.</summary>
    internal void Disconnect(BlockInfo block)
    {
        lock (_gate)
        {
            if (block.Hash == _last.Hash)
            {
                _coins.Disconnect(block.Hash, block.Height);
                _last = new BlockTip(block.Height - 1, block.PreviousHash, 0);
            }
        }
    }

    private void ConnectLocked(Block data, int height, uint256 hash, long time)
    {
        _coins.Connect(data, height, IndexOf);
        _last = new BlockTip(height, hash, time);
    }

    private int? IndexOf(Script script) => _scripts.TryGetValue(Convert.ToHexString(script.ToBytes(@unsafe: true)), out int index) ? index : null;

    private string AddressOf(int index) => Address.Format(Script.FromBytesUnsafe(_file.ReceiveScript(index)), _network)!;
}
