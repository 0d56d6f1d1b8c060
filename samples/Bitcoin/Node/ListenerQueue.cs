using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Bitcoin.Chain;
using Bitcoin.Hosting;
using Bitcoin.Interfaces;

namespace Bitcoin.Node;

/// <summary>Tells one listener of the chain's changes, in order, on a thread of its own: a listener that is slow or stuck, or whose process is gone, holds up nobody.</summary>
internal sealed class ListenerQueue : IHandler, IChainSubscriber
{
    /// <summary>A listener this far behind is given up; what it missed it can ask for.</summary>
    private const int MaxWaiting = 10_000;

    private readonly string _name;
    private readonly IChainNotifications _listener;
    private readonly DebugLog _log;
    private readonly Action<ListenerQueue> _forget;
    private readonly BlockingCollection<Action> _waiting = new(MaxWaiting);
    private readonly Thread _thread;
    private ChainSubscription? _subscription;
    private int _ended;

    internal ListenerQueue(string name, IChainNotifications listener, DebugLog log, Action<ListenerQueue> forget)
    {
        _name = name;
        _listener = listener;
        _log = log;
        _forget = forget;
        _thread = new Thread(Tell) { IsBackground = true, Name = name };
    }

    internal bool HasEnded => Volatile.Read(ref _ended) != 0;

    public void BlockConnected(ChainBlock block) => Add(() => _listener.BlockConnected(block.ToInfo(isActive: true)));

    public void BlockDisconnected(ChainBlock block) => Add(() => _listener.BlockDisconnected(block.ToInfo(isActive: false)));

    public void TipUpdated(ChainBlock tip) => Add(() => _listener.UpdatedBlockTip(tip.ToInfo(isActive: true)));

    public void Disconnect() => End("disconnected");

    public void Dispose() => End("disposed");

    internal void Start(BlockTree tree)
    {
        _thread.Start();
        ChainSubscription subscription = tree.Subscribe(this);
        Volatile.Write(ref _subscription, subscription);
        _log.Write("ipc", $"{_name}: listens from height {subscription.Tip.Height}");
        if (HasEnded)
        {
            subscription.Dispose();
        }
    }

    internal bool WaitUntilTold(TimeSpan bound)
    {
        // Not disposed here: past the bound the queue still holds the reference to it.
        ManualResetEventSlim told = new();
        return !TryAdd(told.Set) || told.Wait(bound);
    }

    private void Add(Action notification)
    {
        if (!TryAdd(notification) && !HasEnded)
        {
            End($"given up, {MaxWaiting} notifications behind");
        }
    }

    private bool TryAdd(Action notification)
    {
        try
        {
            return _waiting.TryAdd(notification);
        }
        catch (InvalidOperationException)
        {
            // Ended meanwhile.
            return false;
        }
    }

    [SuppressMessage("Design", "CA1031", Justification = "Whatever a listener throws concerns that listener only.")]
    private void Tell()
    {
        foreach (Action notification in _waiting.GetConsumingEnumerable())
        {
            try
            {
                notification();
            }
            catch (Exception exception)
            {
                End($"given up: {exception.Message}");
                return;
            }
        }
    }

    private void End(string why)
    {
        if (Interlocked.Exchange(ref _ended, 1) != 0)
        {
            return;
        }

        Volatile.Read(ref _subscription)?.Dispose();
        _waiting.CompleteAdding();

        // What waits is dropped: after a disconnection no notification begins.
        while (_waiting.TryTake(out Action? dropped))
        {
            if (dropped.Target is ManualResetEventSlim told)
            {
                told.Set();
            }
        }

        _forget(this);
        _log.Write("ipc", $"{_name}: {why}");
    }
}
