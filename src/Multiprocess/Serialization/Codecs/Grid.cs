using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Multiprocess.Serialization.Codecs;

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
                throw new IpcException(
                    IpcErrorKind.ArgumentNotEncoded, "Array: Expected 0 as the first index, got another one.");
            }

            writer.Write(value.GetLength(dimension));
        }

        Elements.WriteSpan<T, TCodec>(ref writer, Span<T>(value, value.Length), context);
    }

    public static int ReadSizes(
        ref MessagePackReader reader,
        scoped Span<int> sizes,
        int elementSize,
        IpcReadContext context)
    {
        Elements.ReadFixedHeader(ref reader, "an array of several dimensions", sizes.Length + 1);
        foreach (ref int size in sizes)
        {
            size = reader.ReadStrictInt32();
            if (size < 0)
            {
                MessagePackErrors.ThrowMalformed("array", $"a dimension of size {size}");
            }
        }

        // The product cannot overflow when it equals the count, because the count was checked against the remaining
        // bytes.
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
