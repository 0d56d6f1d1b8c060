using System.Runtime.CompilerServices;
using Multiprocess.Serialization;

namespace Multiprocess.Streaming;

/// <summary>A sequence of this side that the other side may enumerate.</summary>
internal sealed class ItemSource<T, TCodec> : IItemSource<T, TCodec>
    where TCodec : struct, IIpcCodec<T>
{
    // One per sequence, so that a sequence that is sent twice is the same reference.
    private static readonly ConditionalWeakTable<IAsyncEnumerable<T>, ItemSource<T, TCodec>> s_sources = [];

    private ItemSource(IAsyncEnumerable<T> items) => Items = items;

    public IAsyncEnumerable<T> Items { get; }

    public static ItemSource<T, TCodec> Of(IAsyncEnumerable<T> items)
        => s_sources.GetValue(items, static items => new ItemSource<T, TCodec>(items));
}
