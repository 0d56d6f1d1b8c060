using Multiprocess.Serialization;

namespace Multiprocess.Streaming;

/// <summary>What crosses, by reference, for an <see cref="IAsyncEnumerable{T}"/>.</summary>
/// <remarks>The codec is a part of the contract, because it decides what the items look like on the wire.</remarks>
internal interface IItemSource<T, TCodec>
    where TCodec : struct, IIpcCodec<T>
{
    /// <summary>The sequence: the object itself on its own side, a proxy on the other.</summary>
    IAsyncEnumerable<T> Items { get; }
}

/// <summary>One enumeration of an <see cref="IItemSource{T, TCodec}"/>, from which the other side pulls.</summary>
internal interface IItemEnumerator<T, TCodec> : IAsyncDisposable
    where TCodec : struct, IIpcCodec<T>
{
    /// <summary>The next items: at least one, unless the sequence has ended.</summary>
    Task<ItemBatch<T>> NextAsync(int maxCount, CancellationToken cancellationToken);
}
