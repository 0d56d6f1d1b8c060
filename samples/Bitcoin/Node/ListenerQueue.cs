using System.Diagnostics.CodeAnalysis;
using Bitcoin.Chain;
using Bitcoin.Hosting;
using Bitcoin.Interfaces;
using NBitcoin;

namespace Bitcoin.Node;

/// <summary>
/// Reports the changes of the chain to one listener, in order, on a separate thread. So a slow or blocked listener, or
/// one whose process is gone, delays no other.
/// </summary>
/// <remarks>
/// If too many notifications wait, or the listener threw, the queue is emptied. The thread then compares the last block
/// that the listener knows with the tip, and reports the blocks in between along the tree. So the memory is bounded,
/// and the listener always catches up. States, guarded by the gate: keeping up → behind (too many notifications wait,
/// or the listener threw) → keeping up (subscribed again, then led to the tip) → …; from each state → ended.
/// </remarks>
internal sealed class ListenerQueue : IHandler, IChainSubscriber
{
    /// <summary>The maximum number of waiting notifications.</summary>
    internal const int MaxWaiting = 10_000;

    /// <summary>After this many failures in a row, the pause before the next try stays the same: 10 s.</summary>
    private const int MostFailures = 1000;

    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(10);

    private readonly string _name;
    private readonly IChainNotifications _listener;
    private readonly bool _withTransactions;
    private readonly BlockTree _tree;
    private readonly Func<IEnumerable<Transaction>> _pooled;
    private readonly DebugLog _log;
    private readonly Func<Exception, bool> _isDisconnection;
    private readonly Action<ListenerQueue> _forget;
    private readonly Thread _thread;
    private readonly object _gate = new();

    // Guarded by the gate, which is pulsed when one of these changes.
    private readonly Queue<Action> _waiting = new();
    private ChainSubscription? _subscription;
    private bool _isBehind;
    private bool _isLed;
    private bool _isTelling;
    private bool _hasEnded;

    // Used by the thread only.
    private ChainBlock? _last;
    private int _failures;

    internal ListenerQueue(
        string name,
        IChainNotifications listener,
        bool withTransactions,
        BlockTree tree,
        Func<IEnumerable<Transaction>> pooled,
        DebugLog log,
        Func<Exception, bool> isDisconnection,
        Action<ListenerQueue> forget)
    {
        _name = name;
        _listener = listener;
        _withTransactions = withTransactions;
        _tree = tree;
        _pooled = pooled;
        _log = log;
        _isDisconnection = isDisconnection;
        _forget = forget;
        _thread = new Thread(Run) { IsBackground = true, Name = name };
    }

    internal bool HasEnded
    {
        get
        {
            lock (_gate)
            {
                return _hasEnded;
            }
        }
    }

    public void BlockConnected(ChainBlock block, Block data) => Add(() => Connect(block));

    public void BlockDisconnected(ChainBlock block, Block data) => Add(() => Disconnect(block));

    public void TipUpdated(ChainBlock tip) => Add(() => _listener.UpdatedBlockTip(tip.ToInfo(isActive: true)));

    /// <inheritdoc/>
    public void TransactionAdded(Transaction transaction)
    {
        if (_withTransactions)
        {
            Add(() => _listener.TransactionAddedToMempool(transaction));
        }
    }

    /// <inheritdoc/>
    public void TransactionRemoved(Transaction transaction, bool isConflict)
    {
        if (_withTransactions)
        {
            Add(() => _listener.TransactionRemovedFromMempool(transaction, isConflict));
        }
    }

    public void Disconnect() => End("disconnected");

    public void Dispose() => End("disposed");

    internal void Start()
    {
        _last = Subscribe().Tip;
        _log.Write("ipc", $"{_name}: listens from height {_last.Height}");
        _thread.Start();
    }

    /// <summary>Waits until the listener has processed all that has happened so far.</summary>
    internal bool WaitUntilTold(TimeSpan bound)
    {
        long end = Environment.TickCount64 + (long)bound.TotalMilliseconds;
        lock (_gate)
        {
            if (!_isBehind && !_isLed && (_isTelling || _waiting.Count > 0) && !_hasEnded)
            {
                // A mark after the notifications that wait now.
                bool isReached = false;
                _waiting.Enqueue(() =>
                {
                    lock (_gate)
                    {
                        isReached = true;
                        Monitor.PulseAll(_gate);
                    }
                });
                Monitor.PulseAll(_gate);
                while (!isReached && !_isBehind && !_hasEnded)
                {
                    if (!WaitLocked(end))
                    {
                        return false;
                    }
                }

                if (isReached)
                {
                    return true;
                }
            }

            while ((_isBehind || _isLed) && !_hasEnded)
            {
                if (!WaitLocked(end))
                {
                    return false;
                }
            }

            return true;
        }
    }

    private bool WaitLocked(long end)
    {
        long left = end - Environment.TickCount64;
        return left > 0 && Monitor.Wait(_gate, (int)Math.Min(left, int.MaxValue));
    }

    private ChainSubscription Subscribe()
    {
        ChainSubscription subscription = _tree.Subscribe(this);
        bool isLate;
        lock (_gate)
        {
            isLate = _hasEnded;
            _subscription = subscription;
        }

        if (isLate)
        {
            subscription.Dispose();
        }

        return subscription;
    }

    private void Add(Action notification)
    {
        ChainSubscription? ended;
        lock (_gate)
        {
            if (_hasEnded || _isBehind)
            {
                return;
            }

            if (_waiting.Count < MaxWaiting)
            {
                _waiting.Enqueue(notification);
                Monitor.PulseAll(_gate);
                return;
            }

            ended = FallBehindLocked();
        }

        ended?.Dispose();
        _log.Write($"{_name}: {MaxWaiting} notifications behind; it will be told from the chain what came of the rest");
    }

    private ChainSubscription? FallBehindLocked()
    {
        ChainSubscription? ended = _subscription;
        _subscription = null;
        _isBehind = true;
        Monitor.PulseAll(_gate);
        return ended;
    }

    [SuppressMessage("Design", "CA1031", Justification = "Whatever a listener throws concerns that listener only.")]
    private void Run()
    {
        while (Next() is { } notification)
        {
            try
            {
                notification();
                _failures = 0;
            }
            catch (Exception exception)
            {
                if (_isDisconnection(exception))
                {
                    End($"given up: {exception.Message}");
                    return;
                }

                // Retries without a limit, because a cause such as a full disk may pass.
                _failures = Math.Min(_failures + 1, MostFailures);
                Retry(exception);
            }
        }
    }

    /// <summary>Waits for the next notification; null at the end.</summary>
    private Action? Next()
    {
        lock (_gate)
        {
            _isTelling = false;
            while (!_hasEnded)
            {
                if (_waiting.TryDequeue(out Action? notification))
                {
                    _isTelling = true;
                    return notification;
                }

                if (_isBehind)
                {
                    return LeadToTip;
                }

                Monitor.Wait(_gate);
            }

            return null;
        }
    }

    /// <summary>Repeats what the listener did not process, starting at the last block that it knows.</summary>
    private void Retry(Exception exception)
    {
        ChainSubscription? ended;
        lock (_gate)
        {
            ended = FallBehindLocked();
            _waiting.Clear();
        }

        ended?.Dispose();
        _log.Warn(
            $"{_name} did not take a notification, and is told again: {exception.GetType().Name}: {exception.Message}");
        lock (_gate)
        {
            if (!_hasEnded)
            {
                Monitor.Wait(_gate, s_pause * _failures);
            }
        }
    }

    private void LeadToTip()
    {
        lock (_gate)
        {
            _isBehind = false;
            _isLed = true;
        }

        bool isThere = false;
        try
        {
            // Subscribe first: later changes wait in the queue meanwhile, or make the listener fall behind again.
            LeadTo(Subscribe().Tip);
            isThere = true;
        }
        finally
        {
            lock (_gate)
            {
                // Set in the same step in which a listener that threw becomes behind: otherwise WaitUntilTold would
                // take it for led.
                _isLed = false;
                _isBehind |= !isThere;
                Monitor.PulseAll(_gate);
            }
        }
    }

    private void LeadTo(ChainBlock tip)
    {
        while (_last!.Height > tip.Height || !ReferenceEquals(tip.Ancestor(_last.Height), _last))
        {
            if (HasEnded)
            {
                return;
            }

            Disconnect(_last);
        }

        Stack<ChainBlock> joining = new();
        for (ChainBlock block = tip; block.Height > _last.Height; block = block.Previous!)
        {
            joining.Push(block);
        }

        while (joining.TryPop(out ChainBlock? block))
        {
            if (HasEnded)
            {
                return;
            }

            Connect(block);
        }

        // The listener was not notified of transactions that came meanwhile.
        foreach (Transaction transaction in _withTransactions ? _pooled() : [])
        {
            _listener.TransactionAddedToMempool(transaction);
        }

        _listener.UpdatedBlockTip(tip.ToInfo(isActive: true));
        _log.Write("ipc", $"{_name}: has been led to height {tip.Height}");
    }

    private void Connect(ChainBlock block)
    {
        _listener.BlockConnected(block.ToInfo(isActive: true));
        _last = block;
    }

    private void Disconnect(ChainBlock block)
    {
        _listener.BlockDisconnected(block.ToInfo(isActive: false));
        _last = block.Previous;
    }

    private void End(string why)
    {
        ChainSubscription? ended;
        lock (_gate)
        {
            if (_hasEnded)
            {
                return;
            }

            // Drop the waiting notifications: after a disconnection none may start.
            _hasEnded = true;
            _waiting.Clear();
            ended = _subscription;
            Monitor.PulseAll(_gate);
        }

        ended?.Dispose();
        _forget(this);
        _log.Write("ipc", $"{_name}: {why}");
    }
}
