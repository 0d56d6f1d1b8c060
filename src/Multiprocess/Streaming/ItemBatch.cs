using System.Runtime.InteropServices;
using Multiprocess.Buffers;
using Multiprocess.Serialization;
using Multiprocess.Serialization.Codecs;

namespace Multiprocess.Streaming;

/// <summary>Items of a sequence that cross in one answer.</summary>
internal sealed class ItemBatch<T>(List<T> items, bool isLast)
{
    public List<T> Items { get; } = items;

    /// <summary>True when the sequence ends after these items.</summary>
    public bool IsLast { get; } = isLast;

    /// <summary>Number of items written. When a batch becomes too large, the rest is left for the next batch.</summary>
    public int Sent { get; set; }
}

/// <summary>A batch as <c>[items, isLast]</c>.</summary>
internal readonly struct ItemBatchCodec<T, TCodec> : IIpcCodec<ItemBatch<T>>
    where TCodec : struct, IIpcCodec<T>
{
    /// <summary>
    /// A batch ends after the item with which it reaches this many bytes, so that only a single item can be too large
    /// for a frame.
    /// </summary>
    private const int EnoughBytes = 64 * 1024;

    public static void Write(ref MessagePackWriter writer, ItemBatch<T> value, IpcWriteContext context)
    {
        // Written to a separate buffer, because their count precedes them and is known only after encoding. The limit
        // of the frame applies when they are copied into it. Whether an item is sensitive is known only after it was
        // written, so this copy is always wiped.
        using var items = new PooledBufferWriter(int.MaxValue) { IsSensitive = true };
        int count = 0;
        int descriptors = context.DescriptorCount;
        PooledBufferWriter? message = context.Output;
        context.Output = items;
        context.Enter();
        try
        {
            foreach (T item in CollectionsMarshal.AsSpan(value.Items))
            {
                var aside = new MessagePackWriter(items);
                TCodec.Write(ref aside, item, context);
                aside.Flush();
                count++;
                if (items.WrittenCount >= EnoughBytes || context.DescriptorCount != descriptors)
                {
                    // An item with descriptors is sent in its own batch: the peer accepts only a limited number with
                    // one message.
                    break;
                }
            }
        }
        finally
        {
            context.Output = message;
        }

        context.Leave();
        writer.WriteArrayHeader(2);
        writer.WriteArrayHeader(count);
        writer.WriteWhole(items.WrittenSpan);
        writer.Write(value.IsLast && count == value.Items.Count);
        value.Sent = count;
    }

    public static ItemBatch<T> Read(ref MessagePackReader reader, IpcReadContext context)
    {
        Elements.ReadFixedHeader(ref reader, "a batch of items", 2);
        List<T> items = Elements.ReadList<T, TCodec>(ref reader, context);
        bool isLast = reader.ReadStrictBoolean();
        return items.Count != 0 || isLast
            ? new ItemBatch<T>(items, isLast)
            : throw new IpcProtocolException("Expected items or the end of the sequence, got neither.");
    }
}
