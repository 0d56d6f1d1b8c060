namespace Multiprocess.Serialization.Codecs;

/// <summary>An array of the elements, read into a new array.</summary>
public readonly struct MemoryCodec<T, TCodec> : IIpcCodec<Memory<T>>
    where TCodec : struct, IIpcCodec<T>
{
    /// <inheritdoc/>
    public static void Write(ref MessagePackWriter writer, Memory<T> value, IpcWriteContext context)
    {
        Elements.WriteSpan<T, TCodec>(ref writer, value.Span, context);
    }

    /// <inheritdoc/>
    public static Memory<T> Read(ref MessagePackReader reader, IpcReadContext context)
        => Elements.ReadArray<T, TCodec>(ref reader, context);
}

/// <summary>An array of the elements, read into a new array.</summary>
public readonly struct ReadOnlyMemoryCodec<T, TCodec> : IIpcCodec<ReadOnlyMemory<T>>
    where TCodec : struct, IIpcCodec<T>
{
    /// <inheritdoc/>
    public static void Write(ref MessagePackWriter writer, ReadOnlyMemory<T> value, IpcWriteContext context)
    {
        Elements.WriteSpan<T, TCodec>(ref writer, value.Span, context);
    }

    /// <inheritdoc/>
    public static ReadOnlyMemory<T> Read(ref MessagePackReader reader, IpcReadContext context)
        => Elements.ReadArray<T, TCodec>(ref reader, context);
}

/// <summary>An array of the elements, read into a new array; a segment without an array is nil.</summary>
public readonly struct ArraySegmentCodec<T, TCodec> : IIpcCodec<ArraySegment<T>>, INilDefaultCodec<ArraySegment<T>>
    where TCodec : struct, IIpcCodec<T>
{
    byte INilDefaultCodec<ArraySegment<T>>.LongForm => MessagePackCode.Array16;

    bool INilDefaultCodec<ArraySegment<T>>.IsDefault(ArraySegment<T> value) => value.Array is null;

    /// <inheritdoc/>
    public static void Write(ref MessagePackWriter writer, ArraySegment<T> value, IpcWriteContext context)
    {
        if (value.Array is null)
        {
            writer.WriteNil();
        }
        else
        {
            Elements.WriteSpan<T, TCodec>(ref writer, value, context);
        }
    }

    /// <inheritdoc/>
    public static ArraySegment<T> Read(ref MessagePackReader reader, IpcReadContext context)
        => reader.TryReadStrictNil()
            ? default
            : new ArraySegment<T>(Elements.ReadArray<T, TCodec>(ref reader, context));
}
