using Multiprocess.Generated;
using Multiprocess.Serialization;
using Multiprocess.Serialization.Codecs;

namespace Multiprocess.Streaming;

/// <summary>Stands for a sequence of the other side.</summary>
internal sealed class ItemSourceProxy<T, TCodec>(IpcReference reference)
    : IpcProxy(reference), IItemSource<T, TCodec>, IAsyncEnumerable<T>
    where TCodec : struct, IIpcCodec<T>
{
    public IAsyncEnumerable<T> Items => this;

    public IAsyncEnumerator<T> GetAsyncEnumerator(CancellationToken cancellationToken = default)
        => new RemoteItems<T, TCodec>(this, cancellationToken);

    /// <summary>
    /// Begins an enumeration. Its wait is not cancelled: it answers at once, and what it returns must be disposed. The
    /// token is that of the enumeration, which hears of it between two moves too.
    /// </summary>
    public Task<IItemEnumerator<T, TCodec>> BeginAsync(CancellationToken cancellationToken)
    {
        var call = cancellationToken.CanBeCanceled
            ? StartLateCancellableCall(ItemSourceStub<T, TCodec>.BeginId, argumentCount: 0)
            : StartAsyncCall(ItemSourceStub<T, TCodec>.BeginId, argumentCount: 0);
        try
        {
            return call.SendAsync<IItemEnumerator<T, TCodec>, NonNullReferenceCodec<IItemEnumerator<T, TCodec>>>(
                later: cancellationToken);
        }
        finally
        {
            call.Dispose();
        }
    }
}

/// <summary>Stands for an enumeration of the other side.</summary>
internal sealed class ItemEnumeratorProxy<T, TCodec>(IpcReference reference)
    : IpcProxy(reference), IItemEnumerator<T, TCodec>
    where TCodec : struct, IIpcCodec<T>
{
    public Task<ItemBatch<T>> NextAsync(int maxCount, CancellationToken cancellationToken)
    {
        // How long a source takes for its next item is its own affair, as in one process.
        var call =
            StartAsyncCall(ItemEnumeratorStub<T, TCodec>.NextId, argumentCount: 1, cancellationToken, Timeout.Infinite);
        try
        {
            call.Write<int, Int32Codec>(maxCount);
            return call.SendAsync<ItemBatch<T>, ItemBatchCodec<T, TCodec>>();
        }
        finally
        {
            call.Dispose();
        }
    }

    public ValueTask DisposeAsync() => DisposeRemoteAsync(ItemEnumeratorStub<T, TCodec>.DisposeId);

    /// <summary>Ends an enumeration that has come to its end, where the other side has disposed it already.</summary>
    public void Finish() => ReleaseReference();
}
