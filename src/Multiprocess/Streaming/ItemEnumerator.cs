using System.Runtime.ExceptionServices;
using Multiprocess.Serialization;

namespace Multiprocess.Streaming;

/// <summary>An enumeration of a sequence of this side, driven by the other side.</summary>
/// <remarks>
/// Collects all items that are available without waiting into one batch, but computes at most one item that was not
/// requested. One call of <see cref="NextAsync"/> runs at a time; <see cref="DisposeAsync"/> may be called during it,
/// and ends it.
/// </remarks>
internal sealed class ItemEnumerator<T, TCodec> : IItemEnumerator<T, TCodec>
    where TCodec : struct, IIpcCodec<T>
{
    private const int MaxCount = 1024;

    /// <summary>Longest time to collect available items, in milliseconds: computing each item may take time.</summary>
    private const int MaxGatheringMilliseconds = 5;

    private readonly CancellationTokenSource _ended = new();
    private readonly SemaphoreSlim _turn = new(1);
    private readonly IAsyncEnumerator<T> _items;
    private readonly CancellationTokenRegistration _cancelled;
    private ItemBatch<T>? _before;
    private ValueTask<bool>? _moving;
    private Exception? _failure;
    private bool _isAtEnd;
    private bool _isDisposed;

    /// <param name="items">The sequence.</param>
    /// <param name="cancellationToken">
    /// The other side's token of the enumeration, which may also be cancelled between two requests for items.
    /// </param>
    public ItemEnumerator(IAsyncEnumerable<T> items, CancellationToken cancellationToken)
    {
        _items = items.GetAsyncEnumerator(_ended.Token);
        _cancelled =
            cancellationToken.UnsafeRegister(static state => ((CancellationTokenSource)state!).Cancel(), _ended);
    }

    public async Task<ItemBatch<T>> NextAsync(int maxCount, CancellationToken cancellationToken)
    {
        if (!_turn.Wait(0, CancellationToken.None))
        {
            throw new InvalidOperationException("The enumeration was disposed, or is at its next items already.");
        }

        try
        {
            // The token of the call is the token of the enumeration: the source has no other.
            using CancellationTokenRegistration registration = cancellationToken.UnsafeRegister(
                static state => ((CancellationTokenSource)state!).Cancel(), _ended);
            List<T> ready = _before is { } before ? before.Items[before.Sent..] : [];
            await GatherAsync(ready, Math.Clamp(maxCount, 1, MaxCount)).ConfigureAwait(true);
            return _before = new ItemBatch<T>(ready, _isAtEnd);
        }
        finally
        {
            _turn.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync().ConfigureAwait(true);

        // Never released again: a disposed enumeration has no next items.
        await _turn.WaitAsync(CancellationToken.None).ConfigureAwait(true);
        if (_moving is { } moving)
        {
            _moving = null;
            await ((Task)moving.AsTask()).ConfigureAwait(
                ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        }

        await DisposeItemsAsync().ConfigureAwait(true);
    }

    private async ValueTask GatherAsync(List<T> ready, int maxCount)
    {
        long start = Environment.TickCount64;
        while (!_isAtEnd
            && ready.Count < maxCount
            && (ready.Count == 0 || Environment.TickCount64 - start < MaxGatheringMilliseconds))
        {
            if (_failure is not null)
            {
                if (ready.Count == 0)
                {
                    ExceptionDispatchInfo.Throw(_failure);
                }

                return;
            }

            ValueTask<bool> moving = _moving ?? _items.MoveNextAsync();
            _moving = moving;
            if (!moving.IsCompleted && ready.Count != 0)
            {
                return; // Available items are sent first.
            }

            _moving = null;
            await MoveAsync(moving, ready).ConfigureAwait(true);
        }
    }

    private async ValueTask MoveAsync(ValueTask<bool> moving, List<T> ready)
    {
        try
        {
            if (await moving.ConfigureAwait(true))
            {
                ready.Add(_items.Current);
                return;
            }

            // Disposed here, so that the other side need not request it.
            await DisposeItemsAsync().ConfigureAwait(true);
            _isAtEnd = true;
        }
        catch (Exception exception)
        {
            _failure = exception; // Earlier items are sent first.
        }

        if (_failure is not null && ready.Count == 0)
        {
            ExceptionDispatchInfo.Throw(_failure);
        }
    }

    private ValueTask DisposeItemsAsync()
    {
        if (_isDisposed)
        {
            return ValueTask.CompletedTask;
        }

        _isDisposed = true;
        _cancelled.Unregister();
        return _items.DisposeAsync();
    }
}
