using Multiprocess.Serialization;

namespace Multiprocess.Streaming;

/// <summary>Enumerates a sequence of the other side. It requests a batch when the previous one is used up.</summary>
internal sealed class RemoteItems<T, TCodec>(ItemSourceProxy<T, TCodec> source, CancellationToken cancellationToken)
    : IAsyncEnumerator<T>
    where TCodec : struct, IIpcCodec<T>
{
    private const int LargestBatch = 256;

    private IItemEnumerator<T, TCodec>? _enumerator;
    private ItemBatch<T>? _batch;
    private int _index;

    // Doubled with each batch: when a consumer stops early, the source has computed only few unused items.
    private int _batchSize = 1;

    public T Current => _batch is { } batch && _index < batch.Items.Count ? batch.Items[_index] : default!;

    public ValueTask<bool> MoveNextAsync()
    {
        if (_batch is not null)
        {
            if (_index < _batch.Items.Count && ++_index < _batch.Items.Count)
            {
                return new ValueTask<bool>(true);
            }

            if (_batch.IsLast)
            {
                return new ValueTask<bool>(false);
            }
        }

        return FetchAsync();
    }

    public ValueTask DisposeAsync()
    {
        if (_enumerator is ItemEnumeratorProxy<T, TCodec> proxy && _batch is { IsLast: true })
        {
            proxy.Finish();
            return ValueTask.CompletedTask;
        }

        return _enumerator?.DisposeAsync() ?? ValueTask.CompletedTask;
    }

    private async ValueTask<bool> FetchAsync()
    {
        cancellationToken.ThrowIfCancellationRequested();
        _enumerator ??= await source.BeginAsync(cancellationToken).ConfigureAwait(false);
        _batch = await _enumerator.NextAsync(_batchSize, cancellationToken).ConfigureAwait(false);
        _index = 0;
        _batchSize = Math.Min(_batchSize * 2, LargestBatch);
        return _batch.Items.Count != 0;
    }
}
