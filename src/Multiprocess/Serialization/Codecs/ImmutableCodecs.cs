using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace Multiprocess.Serialization.Codecs;

/// <summary>An array of the elements. An immutable array without a storage array is nil.</summary>
public readonly struct ImmutableArrayCodec<T, TCodec>
    : IIpcCodec<ImmutableArray<T>>, INilDefaultCodec<ImmutableArray<T>>
    where TCodec : struct, IIpcCodec<T>
{
    byte INilDefaultCodec<ImmutableArray<T>>.LongForm => MessagePackCode.Array16;

    bool INilDefaultCodec<ImmutableArray<T>>.IsDefault(ImmutableArray<T> value) => value.IsDefault;

    /// <inheritdoc/>
    public static void Write(ref MessagePackWriter writer, ImmutableArray<T> value, IpcWriteContext context)
    {
        if (value.IsDefault)
        {
            writer.WriteNil();
        }
        else
        {
            Elements.WriteSpan<T, TCodec>(ref writer, value.AsSpan(), context);
        }
    }

    /// <inheritdoc/>
    public static ImmutableArray<T> Read(ref MessagePackReader reader, IpcReadContext context)
        => reader.TryReadStrictNil()
            ? default
            : ImmutableCollectionsMarshal.AsImmutableArray(Elements.ReadArray<T, TCodec>(ref reader, context));
}

/// <summary>An array of the elements.</summary>
public readonly struct ImmutableListCodec<T, TCodec> : IIpcCodec<ImmutableList<T>>
    where TCodec : struct, IIpcCodec<T>
{
    /// <inheritdoc/>
    public static void Write(ref MessagePackWriter writer, ImmutableList<T> value, IpcWriteContext context)
    {
        ArgumentNullException.ThrowIfNull(value);
        Elements.WriteCounted<T, TCodec>(ref writer, value.Count, value, context);
    }

    /// <inheritdoc/>
    public static ImmutableList<T> Read(ref MessagePackReader reader, IpcReadContext context)
        => ImmutableList.Create(Elements.ReadArray<T, TCodec>(ref reader, context));
}

/// <summary>An array of the elements. Arrives as an <see cref="ImmutableList{T}"/>.</summary>
public readonly struct IImmutableListCodec<T, TCodec> : IIpcCodec<IImmutableList<T>>
    where TCodec : struct, IIpcCodec<T>
{
    /// <inheritdoc/>
    public static void Write(ref MessagePackWriter writer, IImmutableList<T> value, IpcWriteContext context)
    {
        Elements.WriteEnumerable<T, TCodec>(ref writer, value, context);
    }

    /// <inheritdoc/>
    public static IImmutableList<T> Read(ref MessagePackReader reader, IpcReadContext context)
        => ImmutableList.Create(Elements.ReadArray<T, TCodec>(ref reader, context));
}

/// <summary>An array of the elements, the head of the queue first.</summary>
public readonly struct ImmutableQueueCodec<T, TCodec> : IIpcCodec<ImmutableQueue<T>>
    where TCodec : struct, IIpcCodec<T>
{
    /// <inheritdoc/>
    public static void Write(ref MessagePackWriter writer, ImmutableQueue<T> value, IpcWriteContext context)
    {
        Elements.WriteEnumerable<T, TCodec>(ref writer, value, context);
    }

    /// <inheritdoc/>
    public static ImmutableQueue<T> Read(ref MessagePackReader reader, IpcReadContext context)
        => ImmutableQueue.Create(Elements.ReadArray<T, TCodec>(ref reader, context));
}

/// <summary>An array of the elements, the top first.</summary>
public readonly struct ImmutableStackCodec<T, TCodec> : IIpcCodec<ImmutableStack<T>>
    where TCodec : struct, IIpcCodec<T>
{
    /// <inheritdoc/>
    public static void Write(ref MessagePackWriter writer, ImmutableStack<T> value, IpcWriteContext context)
    {
        Elements.WriteEnumerable<T, TCodec>(ref writer, value, context);
    }

    /// <inheritdoc/>
    public static ImmutableStack<T> Read(ref MessagePackReader reader, IpcReadContext context)
        => ImmutableStack.Create(Elements.ReadReversed<T, TCodec>(ref reader, context));
}

/// <summary>
/// An array of the elements, the head of the queue first. Arrives as an <see cref="ImmutableQueue{T}"/>.
/// </summary>
public readonly struct IImmutableQueueCodec<T, TCodec> : IIpcCodec<IImmutableQueue<T>>
    where TCodec : struct, IIpcCodec<T>
{
    /// <inheritdoc/>
    public static void Write(ref MessagePackWriter writer, IImmutableQueue<T> value, IpcWriteContext context)
    {
        Elements.WriteEnumerable<T, TCodec>(ref writer, value, context);
    }

    /// <inheritdoc/>
    public static IImmutableQueue<T> Read(ref MessagePackReader reader, IpcReadContext context)
        => ImmutableQueueCodec<T, TCodec>.Read(ref reader, context);
}

/// <summary>An array of the elements, the top first. Arrives as an <see cref="ImmutableStack{T}"/>.</summary>
public readonly struct IImmutableStackCodec<T, TCodec> : IIpcCodec<IImmutableStack<T>>
    where TCodec : struct, IIpcCodec<T>
{
    /// <inheritdoc/>
    public static void Write(ref MessagePackWriter writer, IImmutableStack<T> value, IpcWriteContext context)
    {
        Elements.WriteEnumerable<T, TCodec>(ref writer, value, context);
    }

    /// <inheritdoc/>
    public static IImmutableStack<T> Read(ref MessagePackReader reader, IpcReadContext context)
        => ImmutableStackCodec<T, TCodec>.Read(ref reader, context);
}
