using System.Collections.Concurrent;

namespace Multiprocess.Serialization.Codecs;

/// <summary>An array of the elements, the head of the queue first.</summary>
public readonly struct QueueCodec<T, TCodec> : IIpcCodec<Queue<T>>
    where TCodec : struct, IIpcCodec<T>
{
    /// <inheritdoc/>
    public static void Write(ref MessagePackWriter writer, Queue<T> value, IpcWriteContext context)
    {
        ArgumentNullException.ThrowIfNull(value);
        Elements.WriteCounted<T, TCodec>(ref writer, value.Count, value, context);
    }

    /// <inheritdoc/>
    public static Queue<T> Read(ref MessagePackReader reader, IpcReadContext context)
        => new(Elements.ReadArray<T, TCodec>(ref reader, context));
}

/// <summary>An array of the elements, the top first.</summary>
public readonly struct StackCodec<T, TCodec> : IIpcCodec<Stack<T>>
    where TCodec : struct, IIpcCodec<T>
{
    /// <inheritdoc/>
    public static void Write(ref MessagePackWriter writer, Stack<T> value, IpcWriteContext context)
    {
        ArgumentNullException.ThrowIfNull(value);
        Elements.WriteCounted<T, TCodec>(ref writer, value.Count, value, context);
    }

    /// <inheritdoc/>
    public static Stack<T> Read(ref MessagePackReader reader, IpcReadContext context)
        => new(Elements.ReadReversed<T, TCodec>(ref reader, context));
}

/// <summary>An array of a snapshot of the elements, the head of the queue first.</summary>
public readonly struct ConcurrentQueueCodec<T, TCodec> : IIpcCodec<ConcurrentQueue<T>>
    where TCodec : struct, IIpcCodec<T>
{
    /// <inheritdoc/>
    public static void Write(ref MessagePackWriter writer, ConcurrentQueue<T> value, IpcWriteContext context)
    {
        ArgumentNullException.ThrowIfNull(value);
        Elements.WriteSpan<T, TCodec>(ref writer, value.ToArray(), context);
    }

    /// <inheritdoc/>
    public static ConcurrentQueue<T> Read(ref MessagePackReader reader, IpcReadContext context)
        => new(Elements.ReadArray<T, TCodec>(ref reader, context));
}

/// <summary>An array of a snapshot of the elements, the top first.</summary>
public readonly struct ConcurrentStackCodec<T, TCodec> : IIpcCodec<ConcurrentStack<T>>
    where TCodec : struct, IIpcCodec<T>
{
    /// <inheritdoc/>
    public static void Write(ref MessagePackWriter writer, ConcurrentStack<T> value, IpcWriteContext context)
    {
        ArgumentNullException.ThrowIfNull(value);
        Elements.WriteSpan<T, TCodec>(ref writer, value.ToArray(), context);
    }

    /// <inheritdoc/>
    public static ConcurrentStack<T> Read(ref MessagePackReader reader, IpcReadContext context)
        => new(Elements.ReadReversed<T, TCodec>(ref reader, context));
}

/// <summary>An array of a snapshot of the elements, in no order.</summary>
public readonly struct ConcurrentBagCodec<T, TCodec> : IIpcCodec<ConcurrentBag<T>>
    where TCodec : struct, IIpcCodec<T>
{
    /// <inheritdoc/>
    public static void Write(ref MessagePackWriter writer, ConcurrentBag<T> value, IpcWriteContext context)
    {
        ArgumentNullException.ThrowIfNull(value);
        Elements.WriteSpan<T, TCodec>(ref writer, value.ToArray(), context);
    }

    /// <inheritdoc/>
    public static ConcurrentBag<T> Read(ref MessagePackReader reader, IpcReadContext context)
        => new(Elements.ReadArray<T, TCodec>(ref reader, context));
}
