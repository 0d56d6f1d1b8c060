using Multiprocess.Generated;
using Multiprocess.Serialization;
using Multiprocess.Serialization.Codecs;

namespace Multiprocess.Streaming;

/// <summary>The proxy of a sequence of the other side.</summary>
internal sealed class ItemSourceProxy<T, TCodec>(IpcReference reference)
    : IpcProxy(reference), IItemSource<T, TCodec>, IAsyncEnumerable<T>
    where TCodec : struct, IIpcCodec<T>
{
    public IAsyncEnumerable<T> Items => this;

    public IAsyncEnumerator<T> GetAsyncEnumerator(CancellationToken cancellationToken = default)
        => new RemoteItems<T, TCodec>(this, cancellationToken);

    /// <summary>
    /// Begins an enumeration. The wait for the answer is not cancelled: the call is answered at once, and the returned
    /// enumeration must be disposed. The token belongs to the enumeration, and also cancels it between two requests for
    /// items.
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

/// <summary>The proxy of an enumeration of the other side.</summary>
internal sealed class ItemEnumeratorProxy<T, TCodec>(IpcReference reference)
    : IpcProxy(reference), IItemEnumerator<T, TCodec>
    where TCodec : struct, IIpcCodec<T>
{
    public Task<ItemBatch<T>> NextAsync(int maxCount, CancellationToken cancellationToken)
    {
        // No time limit: a source may take as long as it needs for its next item, as in one process.
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

    /// <summary>Releases an enumeration that has reached its end: the other side has already disposed it.</summary>
    public void Finish() => ReleaseReference();
}
