using System.Collections.Immutable;
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
internal sealed partial class NodeModel(string network, string directory)
{
    private const int MaxMessages = 100;

    /// <summary>A node that has not answered for this time is shown as slow.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(4);

    private readonly Lock _gate = new();

    // Guarded by the gate.
    private List<IHandler> _handlers = [];
    private INode? _node;
    private int _generation;
    private string _network = network;
    private string _directory = directory;
    private int _slow;

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

    /// <summary>The messages of the node for the user, the newest first.</summary>
    internal ImmutableList<NodeMessage> Messages { get; private set; } = [];

    /// <summary>Whether a call waits unusually long for its answer.</summary>
    internal bool IsSlow => Volatile.Read(ref _slow) > 0;

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
}
