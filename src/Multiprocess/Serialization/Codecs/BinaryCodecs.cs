using System.Buffers;

namespace Multiprocess.Serialization.Codecs;

/// <summary>Bytes, read into a new array. Null is refused on both sides.</summary>
public readonly struct ByteArrayCodec : IIpcCodec<byte[]>
{
    /// <inheritdoc/>
    public static void Write(ref MessagePackWriter writer, byte[] value, IpcWriteContext context)
    {
        ArgumentNullException.ThrowIfNull(value);
        writer.WriteBinary(value.AsSpan());
    }

    /// <inheritdoc/>
    public static byte[] Read(ref MessagePackReader reader, IpcReadContext context)
    {
        // ReadBinary has checked the length against the remaining bytes; the copy is charged like elements.
        ReadOnlySpan<byte> bytes = reader.ReadStrictBinary();
        context.Charge(bytes.Length);

        // ToArray would clear the array first.
        byte[] array = GC.AllocateUninitializedArray<byte>(bytes.Length);
        bytes.CopyTo(array);
        return array;
    }
}

/// <summary>Bytes, read into a new array.</summary>
public readonly struct MemoryOfByteCodec : IIpcCodec<Memory<byte>>
{
    /// <inheritdoc/>
    public static void Write(ref MessagePackWriter writer, Memory<byte> value, IpcWriteContext context)
        => writer.WriteBinary(value.Span);

    /// <inheritdoc/>
    public static Memory<byte> Read(ref MessagePackReader reader, IpcReadContext context)
        => ByteArrayCodec.Read(ref reader, context);
}

/// <summary>Bytes, read into a new array: the callee may keep them.</summary>
public readonly struct ReadOnlyMemoryOfByteCodec : IIpcCodec<ReadOnlyMemory<byte>>
{
    /// <inheritdoc/>
    public static void Write(ref MessagePackWriter writer, ReadOnlyMemory<byte> value, IpcWriteContext context)
        => writer.WriteBinary(value.Span);

    /// <inheritdoc/>
    public static ReadOnlyMemory<byte> Read(ref MessagePackReader reader, IpcReadContext context)
        => ByteArrayCodec.Read(ref reader, context);
}

/// <summary>Bytes, read into one new array: the callee may keep them.</summary>
public readonly struct ReadOnlySequenceOfByteCodec : IIpcCodec<ReadOnlySequence<byte>>
{
    /// <inheritdoc/>
    public static void Write(ref MessagePackWriter writer, ReadOnlySequence<byte> value, IpcWriteContext context)
    {
        writer.WriteBinHeader(checked((int)value.Length));
        foreach (ReadOnlyMemory<byte> segment in value)
        {
            writer.WriteWhole(segment.Span);
        }
    }

    /// <inheritdoc/>
    public static ReadOnlySequence<byte> Read(ref MessagePackReader reader, IpcReadContext context)
        => new(ByteArrayCodec.Read(ref reader, context));
}

/// <summary>Bytes, read into a new array; a segment without an array is nil.</summary>
public readonly struct ArraySegmentOfByteCodec : IIpcCodec<ArraySegment<byte>>, INilDefaultCodec<ArraySegment<byte>>
{
    byte INilDefaultCodec<ArraySegment<byte>>.LongForm => MessagePackCode.Bin16;

    bool INilDefaultCodec<ArraySegment<byte>>.IsDefault(ArraySegment<byte> value) => value.Array is null;

    /// <inheritdoc/>
    public static void Write(ref MessagePackWriter writer, ArraySegment<byte> value, IpcWriteContext context)
    {
        if (value.Array is null)
        {
            writer.WriteNil();
        }
        else
        {
            writer.WriteBinary(value.AsSpan());
        }
    }

    /// <inheritdoc/>
    public static ArraySegment<byte> Read(ref MessagePackReader reader, IpcReadContext context)
        => reader.TryReadStrictNil() ? default : new ArraySegment<byte>(ByteArrayCodec.Read(ref reader, context));
}
