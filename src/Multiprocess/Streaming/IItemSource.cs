using Multiprocess.Serialization;

namespace Multiprocess.Streaming;

/// <summary>The object that crosses, by reference, for an <see cref="IAsyncEnumerable{T}"/>.</summary>
/// <remarks>The codec is part of the contract, because it decides the encoding of the items.</remarks>
internal interface IItemSource<T, TCodec>
    where TCodec : struct, IIpcCodec<T>
{
    /// <summary>The sequence: the original on its own side, a proxy on the other side.</summary>
    IAsyncEnumerable<T> Items { get; }
}

/// <summary>One enumeration of an <see cref="IItemSource{T, TCodec}"/>, from which the other side pulls.</summary>
internal interface IItemEnumerator<T, TCodec> : IAsyncDisposable
    where TCodec : struct, IIpcCodec<T>
{
    /// <summary>Returns the next items: at least one, unless the sequence has ended.</summary>
    Task<ItemBatch<T>> NextAsync(int maxCount, CancellationToken cancellationToken);
}
