using Bitcoin.Chain;
using NBitcoin;

namespace Bitcoin.Node;

/// <summary>Waits for another tip, on the thread of the caller.</summary>
public sealed class TipWatch : IChainSubscriber, IDisposable
{
    private readonly BlockTree _tree;
    private readonly ChainSubscription _subscription;
    private readonly CancellationToken _stop;
    private readonly CancellationTokenRegistration _stopping;
    private readonly object _changed = new();

    // Guarded by the lock on _changed.
    private long _interrupts;

    internal TipWatch(BlockTree tree, CancellationToken stop)
    {
        _tree = tree;
        _stop = stop;
        _subscription = tree.Subscribe(this);
        _stopping = stop.UnsafeRegister(static watch => ((TipWatch)watch!).Pulse(), this);
    }

    /// <summary>Ends all waits.</summary>
    public void Interrupt()
    {
        lock (_changed)
        {
            _interrupts++;
            Monitor.PulseAll(_changed);
        }
    }

    /// <summary>Waits while a condition holds for the tip.</summary>
    /// <param name="isSame">Whether to go on waiting with this tip.</param>
    /// <param name="timeout">The longest time to wait; without limit if negative or too large.</param>
    /// <param name="token">Ends the wait.</param>
    /// <param name="isInterrupted">Ends the wait if true; evaluated again after <see cref="Pulse"/>.</param>
    /// <returns>The tip after the wait; null if it was interrupted or the node stops.</returns>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public ChainBlock? Wait(
        Func<ChainBlock, bool> isSame,
        TimeSpan timeout,
        CancellationToken token = default,
        Func<bool>? isInterrupted = null)
    {
        bool isBounded = timeout >= TimeSpan.Zero && timeout.TotalMilliseconds < int.MaxValue;
        long end = Environment.TickCount64 + (isBounded ? (long)timeout.TotalMilliseconds : 0);
        using CancellationTokenRegistration cancelled = token.UnsafeRegister(
            static watch => ((TipWatch)watch!).Pulse(), this);
        lock (_changed)
        {
            long interrupts = _interrupts;
            while (true)
            {
                token.ThrowIfCancellationRequested();
                if (_stop.IsCancellationRequested || _interrupts != interrupts || isInterrupted?.Invoke() == true)
                {
                    return null;
                }

                ChainBlock tip = _tree.Tip;
                long left = isBounded ? end - Environment.TickCount64 : Timeout.Infinite;
                if (!isSame(tip) || (isBounded && left <= 0))
                {
                    return tip;
                }

                Monitor.Wait(_changed, (int)left);
            }
        }
    }

    /// <summary>Makes all waits evaluate their conditions again.</summary>
    public void Pulse()
    {
        lock (_changed)
        {
            Monitor.PulseAll(_changed);
        }
    }

    /// <inheritdoc/>
    public void BlockConnected(ChainBlock block, Block data)
    {
    }

    /// <inheritdoc/>
    public void BlockDisconnected(ChainBlock block, Block data)
    {
    }

    /// <inheritdoc/>
    public void TipUpdated(ChainBlock tip) => Pulse();

    /// <inheritdoc/>
    public void Dispose()
    {
        _subscription.Dispose();
        _stopping.Dispose();
    }
}
