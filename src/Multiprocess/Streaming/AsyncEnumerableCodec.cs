using System.ComponentModel;
using Multiprocess.Serialization;
using Multiprocess.Streaming;

namespace Multiprocess.Generated;

/// <summary>A sequence, by reference: its items are pulled in batches on demand.</summary>
/// <remarks>
/// Each enumeration on the receiving side is one enumeration on the sending side, with the same token, exceptions and
/// disposal. The token of the call that returned the sequence stays the token of its method while the sequence is held.
/// A source may be one item ahead of its consumer. Batches begin with one item and grow to at most 256.
/// </remarks>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct AsyncEnumerableCodec<T, TCodec> : IIpcCodec<IAsyncEnumerable<T>>
    where TCodec : struct, IIpcCodec<T>
{
    static AsyncEnumerableCodec()
    {
        IpcContract.Register(new ItemSourceStub<T, TCodec>());
        IpcContract.Register(new ItemEnumeratorStub<T, TCodec>());
    }

    /// <inheritdoc/>
    public static void Write(ref MessagePackWriter writer, IAsyncEnumerable<T> value, IpcWriteContext context)
    {
        ArgumentNullException.ThrowIfNull(value);
        context.WriteReference(ref writer, value as IItemSource<T, TCodec> ?? ItemSource<T, TCodec>.Of(value));
    }

    /// <inheritdoc/>
    public static IAsyncEnumerable<T> Read(ref MessagePackReader reader, IpcReadContext context)
    {
        IItemSource<T, TCodec>? source = context.ReadReference<IItemSource<T, TCodec>>(ref reader);
        if (source is null)
        {
            MessagePackErrors.ThrowNil("a reference to a sequence");
        }

        return source.Items;
    }
}
