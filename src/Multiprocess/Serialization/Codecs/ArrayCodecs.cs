using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

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
    public static T[] Read(ref MessagePackReader reader, IpcReadContext context) => Elements.ReadArray<T, TCodec>(ref reader, context);
}

/// <summary>[rows, columns, [elements]], row by row.</summary>
public readonly struct Array2DCodec<T, TCodec> : IIpcCodec<T[,]>
    where TCodec : struct, IIpcCodec<T>
{
    /// <inheritdoc/>
    public static void Write(ref MessagePackWriter writer, T[,] value, IpcWriteContext context) => Grid.Write<T, TCodec>(ref writer, value, context);

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

/// <summary>[three sizes, [elements]], the last dimension running fastest.</summary>
public readonly struct Array3DCodec<T, TCodec> : IIpcCodec<T[,,]>
    where TCodec : struct, IIpcCodec<T>
{
    /// <inheritdoc/>
    public static void Write(ref MessagePackWriter writer, T[,,] value, IpcWriteContext context) => Grid.Write<T, TCodec>(ref writer, value, context);

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

/// <summary>[four sizes, [elements]], the last dimension running fastest.</summary>
public readonly struct Array4DCodec<T, TCodec> : IIpcCodec<T[,,,]>
    where TCodec : struct, IIpcCodec<T>
{
    /// <inheritdoc/>
    public static void Write(ref MessagePackWriter writer, T[,,,] value, IpcWriteContext context) => Grid.Write<T, TCodec>(ref writer, value, context);

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

/// <summary>Arrays of several dimensions: the sizes, then all elements in one array.</summary>
internal static class Grid
{
    public static void Write<T, TCodec>(ref MessagePackWriter writer, Array value, IpcWriteContext context)
        where TCodec : struct, IIpcCodec<T>
    {
        ArgumentNullException.ThrowIfNull(value);
        writer.WriteArrayHeader(value.Rank + 1);
        for (int dimension = 0; dimension < value.Rank; dimension++)
        {
            if (value.GetLowerBound(dimension) != 0)
            {
                throw new IpcException(IpcErrorKind.ArgumentNotEncoded, "An array whose first index is not 0 cannot be encoded.");
            }

            writer.Write(value.GetLength(dimension));
        }

        Elements.WriteSpan<T, TCodec>(ref writer, Span<T>(value, value.Length), context);
    }

    public static int ReadSizes(ref MessagePackReader reader, scoped Span<int> sizes, int elementSize, IpcReadContext context)
    {
        Elements.ReadFixedHeader(ref reader, "an array of several dimensions", sizes.Length + 1);
        foreach (ref int size in sizes)
        {
            size = reader.ReadInt32();
            if (size < 0)
            {
                MessagePackErrors.ThrowMalformed("array", $"a dimension of size {size}");
            }
        }

        // The product is held against a count that was held against the bytes; it cannot overflow where it is equal.
        int count = context.ReadArrayHeader(ref reader, elementSize);
        UInt128 product = 1;
        foreach (int size in sizes)
        {
            product *= (uint)size;
        }

        if (product != (uint)count)
        {
            MessagePackErrors.ThrowMalformed("array", $"{count} elements where the dimensions hold {product}");
        }

        return count;
    }

    public static void Fill<T, TCodec>(ref MessagePackReader reader, Array value, int count, IpcReadContext context)
        where TCodec : struct, IIpcCodec<T>
        => Elements.Fill<T, TCodec>(ref reader, Span<T>(value, count), context);

    private static Span<T> Span<T>(Array value, int count)
        => MemoryMarshal.CreateSpan(ref Unsafe.As<byte, T>(ref MemoryMarshal.GetArrayDataReference(value)), count);
}
