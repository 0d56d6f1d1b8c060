using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Bitcoin.Interfaces;
using Bitcoin.Primitives;

namespace Bitcoin.GuiWeb.Model;

/// <summary>The phase of a node.</summary>
internal enum NodePhase
{
    /// <summary>It loads its data.</summary>
    Starting,

    /// <summary>It waits for the choices of a first start.</summary>
    Choosing,

    /// <summary>It runs.</summary>
    Running,

    /// <summary>It is not running, or not any more.</summary>
    Gone,
}

/// <summary>
/// The state of a node for the page. Notifications of the node keep it up to date, so that an idle page makes no calls.
/// Shared by all windows. Thread-safe.
/// </summary>
/// <param name="network">The network's name.</param>
/// <param name="directory">The network's directory.</param>
internal sealed class NodeModel(string network, string directory)
{
    private const int MaxMessages = 100;

    /// <summary>A node that has not answered for this time is shown as slow.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(4);

    /// <summary>How often a process is restarted automatically within <see cref="s_memory"/>.</summary>
    private const int MaxRevivals = 3;

    private static readonly TimeSpan s_memory = TimeSpan.FromMinutes(5);

    /// <summary>Long enough for the user to see the message.</summary>
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(2);

    private readonly Lock _gate = new();

    // Guarded by the gate.
    private List<IHandler> _handlers = [];
    private INode? _node;
    private IWalletLoader? _loader;
    private int _generation;
    private string _network = network;
    private string _directory = directory;
    private readonly Queue<long> _revivals = new();
    private int _slow;
    private int _isReviving;

    /// <summary>Called after a change, on any thread, outside the gate.</summary>
    internal event Action? Changed;

    /// <summary>The network's name.</summary>
    internal string Network
    {
        get
        {
            lock (_gate)
            {
                return _network;
            }
        }
    }

    /// <summary>How long a number of blocks takes on this network, on average.</summary>
    internal TimeSpan TimeOf(int blocks)
        => TimeSpan.FromSeconds((long)blocks * (Currency.Find(Network) ?? Currency.Main).SpacingSeconds);

    /// <summary>The network's directory.</summary>
    internal string Directory
    {
        get
        {
            lock (_gate)
            {
                return _directory;
            }
        }
    }

    /// <summary>What the user is asked before the first start; null if nothing.</summary>
    internal StartQuestion? Question { get; private set; }

    internal NodePhase Phase { get; private set; } = NodePhase.Starting;

    /// <summary>What the node does, or why it is not running.</summary>
    internal string Status { get; private set; } = "";

    /// <summary>The node's process; null until it runs.</summary>
    internal ProcessInfo? Process { get; private set; }

    /// <summary>The tip of the chain; null until the node runs.</summary>
    internal BlockTip? Tip { get; private set; }

    /// <summary>The progress of the synchronization, 0 to 1.</summary>
    internal double Progress { get; private set; }

    /// <summary>The loaded wallets, sorted by name.</summary>
    internal ImmutableSortedDictionary<string, WalletModel> Wallets { get; private set; }
        = ImmutableSortedDictionary.Create<string, WalletModel>(StringComparer.Ordinal);

    /// <summary>Wallets that get their keys at this moment: no page shows them before they have them.</summary>
    internal ImmutableHashSet<string> Unfinished { get; private set; } = [];

    /// <summary>Why there are no wallets although the node runs; null if there are wallets.</summary>
    internal string? WalletsGone { get; private set; }

    /// <summary>The messages of the node for the user, the newest first.</summary>
    internal ImmutableList<NodeMessage> Messages { get; private set; } = [];

    /// <summary>Whether the process of the wallets is being restarted.</summary>
    internal bool IsReviving => Volatile.Read(ref _isReviving) != 0;

    /// <summary>Whether a call waits unusually long for its answer.</summary>
    internal bool IsSlow => Volatile.Read(ref _slow) > 0;

    /// <summary>The names of wallets that were loaded when their process was lost.</summary>
    internal ImmutableArray<string> LostWallets { get; private set; } = [];

    /// <summary>Asks the user for network and directory, until <see cref="Move"/>.</summary>
    internal void LetChoose(StartQuestion question)
    {
        lock (_gate)
        {
            Question = question;
            Phase = NodePhase.Choosing;
        }

        Changed?.Invoke();
    }

    /// <summary>Goes on with another network and directory.</summary>
    internal void Move(string network, string directory)
    {
        lock (_gate)
        {
            _network = network;
            _directory = directory;
            Question = null;
            Phase = NodePhase.Starting;
        }

        Changed?.Invoke();
    }

    /// <summary>Shows the progress of the start and the messages of a node.</summary>
    internal void ShowMessages(INode node)
    {
        int generation = Begin(node);
        Keep(generation, node.HandleInitMessage(message => Set(generation, () => Status = message)));
        Keep(generation, node.HandleMessageBox((message, isError) => Add(generation, message, isError)));
    }

    /// <summary>Shows a running node.</summary>
    internal void Open(INode node, ProcessInfo process)
    {
        int generation;
        bool hasMessages;
        lock (_gate)
        {
            hasMessages = ReferenceEquals(node, _node);
            generation = _generation;
        }

        if (!hasMessages)
        {
            ShowMessages(node);
            lock (_gate)
            {
                generation = _generation;
            }
        }

        // Subscribe first: a block that comes in between is then notified.
        Keep(generation, node.HandleNotifyBlockTip((tip, progress) => Set(generation, () =>
        {
            Tip = tip;
            Progress = progress;
        })));
        Keep(generation, node.HandleWalletsStarted(wallets => Attach(generation, wallets)));
        BlockTip first = new(node.GetNumBlocks(), node.GetBestBlockHash(), node.GetLastBlockTime());
        Set(generation, () =>
        {
            Process = process;
            Tip = Tip is { } newer && newer.Height > first.Height ? newer : first;
            Phase = NodePhase.Running;
            Status = "";
        });
        LookForWallets(generation, node);
    }

    /// <summary>Makes a wallet in several steps, and shows it after the last one, also if a step fails.</summary>
    internal async Task Make(string wallet, Func<Task> steps)
    {
        lock (_gate)
        {
            Unfinished = Unfinished.Add(wallet);
        }

        try
        {
            await steps();
        }
        finally
        {
            lock (_gate)
            {
                Unfinished = Unfinished.Remove(wallet);
            }

            Changed?.Invoke();
        }
    }

    /// <summary>Disconnects from the node.</summary>
    internal void Close(string reason)
    {
        List<IHandler> handlers;
        lock (_gate)
        {
            handlers = _handlers;
            _handlers = [];
            _node = null;
            _generation++;
            Phase = NodePhase.Gone;
            Status = reason;
            Process = null;
            Wallets = Wallets.Clear();
            WalletsGone = null;
            LostWallets = [];
        }

        handlers.ForEach(static handler => handler.Dispose());
        Changed?.Invoke();
    }

    /// <summary>Runs a JSON-RPC method.</summary>
    /// <param name="method">Its name.</param>
    /// <param name="parameters">An array, or an object of named arguments; null for none.</param>
    /// <param name="wallet">The wallet of the call; null for none.</param>
    /// <exception cref="NodeCallException">The call failed, or the node is not running.</exception>
    internal Task<JsonNode?> Call(string method, JsonNode? parameters = null, string? wallet = null)
    {
        string uri = wallet is null ? "/" : $"/wallet/{Uri.EscapeDataString(wallet)}";
        return Ask(node => node.ExecuteRpc(method, parameters ?? new JsonArray(), uri));
    }

    /// <summary>
    /// Calls the node on a separate thread, so that a node that does not answer blocks no other caller.
    /// </summary>
    /// <exception cref="NodeCallException">It failed, or the node is not there.</exception>
    internal async Task<T> Ask<T>(Func<INode, T> question)
    {
        INode node;
        lock (_gate)
        {
            node = _node ?? throw new NodeCallException(NodeCallException.Unreachable, Status);
        }

        Task<T> answer = Task.Factory.StartNew(
            () => question(node), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        using CancellationTokenSource quick = new();
        Task patience = Task.Delay(s_patience, quick.Token);
        bool isSlow = await Task.WhenAny(answer, patience).ConfigureAwait(false) == patience;
        Count(isSlow ? 1 : 0);
        try
        {
            return await answer.ConfigureAwait(false);
        }
        catch (RpcException exception)
        {
            throw new NodeCallException(exception.Code, exception.Message, exception);
        }
        catch (Exception exception) when (exception is not NodeCallException)
        {
            throw new NodeCallException(NodeCallException.Unreachable, exception.Message, exception);
        }
        finally
        {
            await quick.CancelAsync().ConfigureAwait(false);
            Count(isSlow ? -1 : 0);
        }
    }

    /// <summary>Follows the node's counters until <see cref="Unfollow"/> is called or the node is gone.</summary>
    /// <exception cref="NodeCallException">The call failed, or the node is not running.</exception>
    internal async Task<IHandler> FollowActivity(Action<NodeActivity> follow)
    {
        int generation = Generation();
        IHandler handler = await Ask(node => node.HandleNotifyActivity(follow)).ConfigureAwait(false);
        Keep(generation, handler);
        return handler;
    }

    /// <summary>Ends what <see cref="FollowActivity"/> began.</summary>
    internal async Task Unfollow(IHandler handler)
    {
        lock (_gate)
        {
            if (!_handlers.Remove(handler))
            {
                return;
            }
        }

        try
        {
            _ = await Ask(_ =>
            {
                handler.Dispose();
                return true;
            }).ConfigureAwait(false);
        }
        catch (NodeCallException)
        {
            // The handler ended with its node.
        }
    }

    /// <summary>Notes a change of a wallet for which there is no notification.</summary>
    internal async Task Refresh(string name)
    {
        if (Wallets.TryGetValue(name, out WalletModel? wallet))
        {
            WalletBalances? balances = await Ask(_ => wallet.Wallet.GetBalances());
            Update(Generation(), wallet.Wallet, name, balances);
        }
    }

    /// <summary>Restarts the process of the wallets, and loads the wallets that were loaded before.</summary>
    /// <exception cref="NodeCallException">The process cannot be started.</exception>
    internal async Task RestartWallets()
    {
        if (Interlocked.Exchange(ref _isReviving, 1) != 0)
        {
            return;
        }

        Changed?.Invoke();
        try
        {
            await LoadLostWallets();
        }
        finally
        {
            Volatile.Write(ref _isReviving, 0);
            Changed?.Invoke();
        }
    }

    private async Task LoadLostWallets()
    {
        // Tries each wallet, because the first one may be the one that cannot be loaded.
        NodeCallException? failure = null;
        foreach (string name in LostWallets)
        {
            try
            {
                await Call("loadwallet", new JsonArray(name));
            }
            catch (NodeCallException exception)
            {
                failure = exception;
            }
        }

        if (failure is not null && WalletsGone is not null)
        {
            throw failure;
        }
    }

    private int Generation()
    {
        lock (_gate)
        {
            return _generation;
        }
    }

    private int Begin(INode node)
    {
        int generation;
        lock (_gate)
        {
            _node = node;
            generation = ++_generation;
            Phase = NodePhase.Starting;
            Status = "";
            Tip = null;
        }

        Changed?.Invoke();
        return generation;
    }

    private void Count(int slow)
    {
        if (slow != 0)
        {
            Interlocked.Add(ref _slow, slow);
            Changed?.Invoke();
        }
    }

    private void Keep(int generation, IHandler handler)
    {
        lock (_gate)
        {
            if (generation == _generation)
            {
                _handlers.Add(handler);
                return;
            }
        }

        handler.Dispose();
    }

    /// <summary>Applies a change, unless it comes from a previous node.</summary>
    private void Set(int generation, Action change)
    {
        lock (_gate)
        {
            if (generation != _generation)
            {
                return;
            }

            change();
        }

        Changed?.Invoke();
    }

    private void Add(int generation, string text, bool isError)
    {
        Set(generation, () =>
        {
            NodeMessage message = new(text, isError, DateTimeOffset.UtcNow);
            Messages = Messages.Insert(0, message);
            if (Messages.Count > MaxMessages)
            {
                Messages = Messages.RemoveAt(MaxMessages);
            }
        });

        // The message may concern the process of the wallets. The node waits for this thread, so it is asked on another
        // one.
        INode? node;
        lock (_gate)
        {
            node = generation == _generation ? _node : null;
        }

        if (node is not null && Phase == NodePhase.Running)
        {
            _ = Task.Factory.StartNew(
                () => LookForWallets(generation, node),
                CancellationToken.None,
                TaskCreationOptions.LongRunning,
                TaskScheduler.Default);
        }
    }

    [SuppressMessage(
        "Design", "CA1031", Justification = "Whatever the node answers: without wallets the page shows why.")]
    private void LookForWallets(int generation, INode node)
    {
        try
        {
            Attach(generation, node.WalletLoader());
        }
        catch (Exception exception)
        {
            Set(generation, () =>
            {
                LostWallets = Wallets.IsEmpty ? LostWallets : [.. Wallets.Keys];
                Wallets = Wallets.Clear();
                WalletsGone = exception.Message;
            });
            _ = Revive(generation);
        }
    }

    /// <summary>Restarts the process of the wallets. If it ends each time, the user decides.</summary>
    private async Task Revive(int generation)
    {
        lock (_gate)
        {
            long now = Environment.TickCount64;
            while (_revivals.TryPeek(out long first) && now - first > s_memory.TotalMilliseconds)
            {
                _revivals.Dequeue();
            }

            if (generation != _generation || LostWallets.IsEmpty || _revivals.Count == MaxRevivals)
            {
                return;
            }

            _revivals.Enqueue(now);
        }

        await Task.Delay(s_pause);
        try
        {
            // Another thread may have done it in the meantime.
            if (generation == Generation() && WalletsGone is not null)
            {
                await RestartWallets();
            }
        }
        catch (NodeCallException exception)
        {
            Set(generation, () => WalletsGone = exception.Message);
        }
    }

    private void Attach(int generation, IWalletLoader loader)
    {
        bool isNew = false;
        Set(generation, () =>
        {
            isNew = !ReferenceEquals(loader, _loader);
            _loader = loader;
            if (isNew)
            {
                // Wallets of an ended process send no notifications any more.
                LostWallets = Wallets.IsEmpty ? LostWallets : [.. Wallets.Keys];
                Wallets = Wallets.Clear();
            }

            WalletsGone = null;
        });
        if (isNew)
        {
            Keep(generation, loader.HandleLoadWallet(wallet => Show(generation, wallet)));
            loader.GetWallets().ForEach(wallet => Show(generation, wallet));
        }
    }

    private void Show(int generation, IWallet wallet)
    {
        string name = wallet.GetWalletName();
        bool isNew = false;
        Set(generation, () =>
        {
            // A wallet that is being loaded now is in the list and also notified.
            isNew = !Wallets.TryGetValue(name, out WalletModel? other) || !ReferenceEquals(other.Wallet, wallet);
            if (isNew)
            {
                Wallets = Wallets.SetItem(name, new WalletModel(name, wallet, null, 0));
                LostWallets = LostWallets.Remove(name);
            }
        });
        if (!isNew)
        {
            return;
        }

        Keep(generation, wallet.HandleBalancesChanged(balances => Update(generation, wallet, name, balances)));
        Keep(generation, wallet.HandleUnload(() => Set(generation, () =>
        {
            if (Wallets.TryGetValue(name, out WalletModel? known) && ReferenceEquals(known.Wallet, wallet))
            {
                Wallets = Wallets.Remove(name);
            }
        })));
        Update(generation, wallet, name, wallet.GetBalances());
    }

    private void Update(int generation, IWallet wallet, string name, WalletBalances balances)
    {
        Set(generation, () =>
        {
            if (Wallets.TryGetValue(name, out WalletModel? known) && ReferenceEquals(known.Wallet, wallet))
            {
                Wallets = Wallets.SetItem(name, known with { Balances = balances, Changes = known.Changes + 1 });
            }
        });
    }
}
