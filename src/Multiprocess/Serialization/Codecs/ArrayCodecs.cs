using System.Runtime.CompilerServices;

namespace Multiprocess.Serialization.Codecs;

/// <summary>An array of the elements.</summary>
public readonly struct ArrayCodec<T, TCodec> : IIpcCodec<T[]>
    where TCodec : struct, IIpcCodec<T>
{
    /// <inheritdoc/>
    public static void Write(ref MessagePackWriter writer, T[] value, IpcWriteContext context)
    {
        ArgumentNullException.ThrowIfNull(value);
        Elements.WriteSpan<T, TCodec>(ref writer, new ReadOnlySpan<T>(value), context);
    }

    /// <inheritdoc/>
    public static T[] Read(ref MessagePackReader reader, IpcReadContext context)
        => Elements.ReadArray<T, TCodec>(ref reader, context);
}

/// <summary>[rows, columns, [elements]], row by row.</summary>
public readonly struct Array2DCodec<T, TCodec> : IIpcCodec<T[,]>
    where TCodec : struct, IIpcCodec<T>
{
    /// <inheritdoc/>
    public static void Write(ref MessagePackWriter writer, T[,] value, IpcWriteContext context)
        => Grid.Write<T, TCodec>(ref writer, value, context);

    /// <inheritdoc/>
    public static T[,] Read(ref MessagePackReader reader, IpcReadContext context)
    {
        Span<int> sizes = stackalloc int[2];
        int count = Grid.ReadSizes(ref reader, sizes, Unsafe.SizeOf<T>(), context);
        var value = new T[sizes[0], sizes[1]];
        Grid.Fill<T, TCodec>(ref reader, value, count, context);
        return value;
    }
}

/// <summary>[three sizes, [elements]]; the index of the last dimension changes fastest.</summary>
public readonly struct Array3DCodec<T, TCodec> : IIpcCodec<T[,,]>
    where TCodec : struct, IIpcCodec<T>
{
    /// <inheritdoc/>
    public static void Write(ref MessagePackWriter writer, T[,,] value, IpcWriteContext context)
        => Grid.Write<T, TCodec>(ref writer, value, context);

    /// <inheritdoc/>
    public static T[,,] Read(ref MessagePackReader reader, IpcReadContext context)
    {
        Span<int> sizes = stackalloc int[3];
        int count = Grid.ReadSizes(ref reader, sizes, Unsafe.SizeOf<T>(), context);
        var value = new T[sizes[0], sizes[1], sizes[2]];
        Grid.Fill<T, TCodec>(ref reader, value, count, context);
        return value;
    }
}

/// <summary>[four sizes, [elements]]; the index of the last dimension changes fastest.</summary>
public readonly struct Array4DCodec<T, TCodec> : IIpcCodec<T[,,,]>
    where TCodec : struct, IIpcCodec<T>
{
    /// <inheritdoc/>
    public static void Write(ref MessagePackWriter writer, T[,,,] value, IpcWriteContext context)
        => Grid.Write<T, TCodec>(ref writer, value, context);

    /// <inheritdoc/>
    public static T[,,,] Read(ref MessagePackReader reader, IpcReadContext context)
    {
        Span<int> sizes = stackalloc int[4];
        int count = Grid.ReadSizes(ref reader, sizes, Unsafe.SizeOf<T>(), context);
        var value = new T[sizes[0], sizes[1], sizes[2], sizes[3]];
        Grid.Fill<T, TCodec>(ref reader, value, count, context);
        return value;
    }
}
