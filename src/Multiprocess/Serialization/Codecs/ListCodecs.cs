using System.Collections.ObjectModel;
using System.Runtime.InteropServices;

namespace Multiprocess.Serialization.Codecs;

/// <summary>An array of the elements.</summary>
public readonly struct ListCodec<T, TCodec> : IIpcCodec<List<T>>
    where TCodec : struct, IIpcCodec<T>
{
    /// <inheritdoc/>
    public static void Write(ref MessagePackWriter writer, List<T> value, IpcWriteContext context)
    {
        ArgumentNullException.ThrowIfNull(value);
        Elements.WriteSpan<T, TCodec>(ref writer, CollectionsMarshal.AsSpan(value), context);
    }

    /// <inheritdoc/>
    public static List<T> Read(ref MessagePackReader reader, IpcReadContext context)
        => Elements.ReadList<T, TCodec>(ref reader, context);
}

/// <summary>An array of the elements. Arrives as a <see cref="List{T}"/>.</summary>
public readonly struct IListCodec<T, TCodec> : IIpcCodec<IList<T>>
    where TCodec : struct, IIpcCodec<T>
{
    /// <inheritdoc/>
    public static void Write(ref MessagePackWriter writer, IList<T> value, IpcWriteContext context)
    {
        Elements.WriteEnumerable<T, TCodec>(ref writer, value, context);
    }

    /// <inheritdoc/>
    public static IList<T> Read(ref MessagePackReader reader, IpcReadContext context)
        => Elements.ReadList<T, TCodec>(ref reader, context);
}

/// <summary>An array of the elements. Arrives as a <see cref="List{T}"/>.</summary>
public readonly struct ICollectionCodec<T, TCodec> : IIpcCodec<ICollection<T>>
    where TCodec : struct, IIpcCodec<T>
{
    /// <inheritdoc/>
    public static void Write(ref MessagePackWriter writer, ICollection<T> value, IpcWriteContext context)
    {
        Elements.WriteEnumerable<T, TCodec>(ref writer, value, context);
    }

    /// <inheritdoc/>
    public static ICollection<T> Read(ref MessagePackReader reader, IpcReadContext context)
        => Elements.ReadList<T, TCodec>(ref reader, context);
}

/// <summary>
/// An array of the elements. Arrives as an array. A lazy sequence is enumerated once, before anything is sent.
/// </summary>
public readonly struct IEnumerableCodec<T, TCodec> : IIpcCodec<IEnumerable<T>>
    where TCodec : struct, IIpcCodec<T>
{
    /// <inheritdoc/>
    public static void Write(ref MessagePackWriter writer, IEnumerable<T> value, IpcWriteContext context)
    {
        Elements.WriteEnumerable<T, TCodec>(ref writer, value, context);
    }

    /// <inheritdoc/>
    public static IEnumerable<T> Read(ref MessagePackReader reader, IpcReadContext context)
        => Elements.ReadArray<T, TCodec>(ref reader, context);
}

/// <summary>An array of the elements. Arrives as an array.</summary>
public readonly struct IReadOnlyListCodec<T, TCodec> : IIpcCodec<IReadOnlyList<T>>
    where TCodec : struct, IIpcCodec<T>
{
    /// <inheritdoc/>
    public static void Write(ref MessagePackWriter writer, IReadOnlyList<T> value, IpcWriteContext context)
    {
        Elements.WriteEnumerable<T, TCodec>(ref writer, value, context);
    }

    /// <inheritdoc/>
    public static IReadOnlyList<T> Read(ref MessagePackReader reader, IpcReadContext context)
        => Elements.ReadArray<T, TCodec>(ref reader, context);
}

/// <summary>An array of the elements. Arrives as an array.</summary>
public readonly struct IReadOnlyCollectionCodec<T, TCodec> : IIpcCodec<IReadOnlyCollection<T>>
    where TCodec : struct, IIpcCodec<T>
{
    /// <inheritdoc/>
    public static void Write(ref MessagePackWriter writer, IReadOnlyCollection<T> value, IpcWriteContext context)
    {
        Elements.WriteEnumerable<T, TCodec>(ref writer, value, context);
    }

    /// <inheritdoc/>
    public static IReadOnlyCollection<T> Read(ref MessagePackReader reader, IpcReadContext context)
        => Elements.ReadArray<T, TCodec>(ref reader, context);
}

/// <summary>An array of the elements.</summary>
public readonly struct LinkedListCodec<T, TCodec> : IIpcCodec<LinkedList<T>>
    where TCodec : struct, IIpcCodec<T>
{
    /// <inheritdoc/>
    public static void Write(ref MessagePackWriter writer, LinkedList<T> value, IpcWriteContext context)
    {
        ArgumentNullException.ThrowIfNull(value);
        Elements.WriteCounted<T, TCodec>(ref writer, value.Count, value, context);
    }

    /// <inheritdoc/>
    public static LinkedList<T> Read(ref MessagePackReader reader, IpcReadContext context)
        => new(Elements.ReadArray<T, TCodec>(ref reader, context));
}

/// <summary>An array of the elements.</summary>
public readonly struct CollectionCodec<T, TCodec> : IIpcCodec<Collection<T>>
    where TCodec : struct, IIpcCodec<T>
{
    /// <inheritdoc/>
    public static void Write(ref MessagePackWriter writer, Collection<T> value, IpcWriteContext context)
    {
        ArgumentNullException.ThrowIfNull(value);
        Elements.WriteCounted<T, TCodec>(ref writer, value.Count, value, context);
    }

    /// <inheritdoc/>
    public static Collection<T> Read(ref MessagePackReader reader, IpcReadContext context)
        => new(Elements.ReadList<T, TCodec>(ref reader, context));
}

/// <summary>An array of the elements.</summary>
public readonly struct ReadOnlyCollectionCodec<T, TCodec> : IIpcCodec<ReadOnlyCollection<T>>
    where TCodec : struct, IIpcCodec<T>
{
    /// <inheritdoc/>
    public static void Write(ref MessagePackWriter writer, ReadOnlyCollection<T> value, IpcWriteContext context)
    {
        ArgumentNullException.ThrowIfNull(value);
        Elements.WriteCounted<T, TCodec>(ref writer, value.Count, value, context);
    }

    /// <inheritdoc/>
    public static ReadOnlyCollection<T> Read(ref MessagePackReader reader, IpcReadContext context)
        => new(Elements.ReadArray<T, TCodec>(ref reader, context));
}

/// <summary>An array of the elements. Event handlers do not cross.</summary>
public readonly struct ObservableCollectionCodec<T, TCodec> : IIpcCodec<ObservableCollection<T>>
    where TCodec : struct, IIpcCodec<T>
{
    /// <inheritdoc/>
    public static void Write(ref MessagePackWriter writer, ObservableCollection<T> value, IpcWriteContext context)
    {
        ArgumentNullException.ThrowIfNull(value);
        Elements.WriteCounted<T, TCodec>(ref writer, value.Count, value, context);
    }

    /// <inheritdoc/>
    public static ObservableCollection<T> Read(ref MessagePackReader reader, IpcReadContext context)
        => new(Elements.ReadList<T, TCodec>(ref reader, context));
}

/// <summary>An array of the elements.</summary>
public readonly struct ReadOnlyObservableCollectionCodec<T, TCodec> : IIpcCodec<ReadOnlyObservableCollection<T>>
    where TCodec : struct, IIpcCodec<T>
{
    /// <inheritdoc/>
    public static void Write(
        ref MessagePackWriter writer,
        ReadOnlyObservableCollection<T> value,
        IpcWriteContext context)
    {
        ArgumentNullException.ThrowIfNull(value);
        Elements.WriteCounted<T, TCodec>(ref writer, value.Count, value, context);
    }

    /// <inheritdoc/>
    public static ReadOnlyObservableCollection<T> Read(ref MessagePackReader reader, IpcReadContext context)
        => new(ObservableCollectionCodec<T, TCodec>.Read(ref reader, context));
}
