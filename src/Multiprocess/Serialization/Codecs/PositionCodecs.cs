using System.Collections;

namespace Multiprocess.Serialization.Codecs;

/// <summary>An integer: the index, or its complement when it counts from the end (^1 is −2).</summary>
public readonly struct IndexCodec : IIpcCodec<Index>
{
    /// <inheritdoc/>
    public static void Write(ref MessagePackWriter writer, Index value, IpcWriteContext context)
        => writer.Write(value.IsFromEnd ? ~value.Value : value.Value);

    /// <inheritdoc/>
    public static Index Read(ref MessagePackReader reader, IpcReadContext context)
    {
        int value = reader.ReadStrictInt32();
        return value < 0 ? Index.FromEnd(~value) : Index.FromStart(value);
    }
}

/// <summary>[start, end], two indexes.</summary>
public readonly struct RangeCodec : IIpcCodec<Range>
{
    /// <inheritdoc/>
    public static void Write(ref MessagePackWriter writer, Range value, IpcWriteContext context)
    {
        writer.WriteArrayHeader(2);
        IndexCodec.Write(ref writer, value.Start, context);
        IndexCodec.Write(ref writer, value.End, context);
    }

    /// <inheritdoc/>
    public static Range Read(ref MessagePackReader reader, IpcReadContext context)
    {
        Elements.ReadFixedHeader(ref reader, nameof(Range), 2);
        Index start = IndexCodec.Read(ref reader, context);
        return new Range(start, IndexCodec.Read(ref reader, context));
    }
}

/// <summary>An array of booleans, one byte per bit.</summary>
public readonly struct BitArrayCodec : IIpcCodec<BitArray>
{
    /// <inheritdoc/>
    public static void Write(ref MessagePackWriter writer, BitArray value, IpcWriteContext context)
    {
        ArgumentNullException.ThrowIfNull(value);
        int count = value.Count;
        writer.WriteArrayHeader(count);
        for (int i = 0; i < count; i++)
        {
            writer.Write(value[i]);
        }
    }

    /// <inheritdoc/>
    public static BitArray Read(ref MessagePackReader reader, IpcReadContext context)
    {
        var bits = new BitArray(context.ReadArrayHeader(ref reader, 1));
        for (int i = 0; i < bits.Count; i++)
        {
            bits[i] = reader.ReadStrictBoolean();
        }

        return bits;
    }
}
