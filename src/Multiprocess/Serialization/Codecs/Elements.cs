using System.Runtime.CompilerServices;

namespace Multiprocess.Serialization.Codecs;

/// <summary>Writes and reads the elements of all collections that cross as an array.</summary>
internal static class Elements
{
    // An enumerable of unknown length is collected first, and might never end.
    private const int MaxGathered = 16 * 1024 * 1024;

    public static void ReadFixedHeader(ref MessagePackReader reader, string type, int expected)
    {
        int count = reader.ReadStrictArrayHeader();
        if (count != expected)
        {
            MessagePackErrors.ThrowWrongCount(type, expected, count);
        }
    }

    public static void WriteSpan<T, TCodec>(
        ref MessagePackWriter writer,
        ReadOnlySpan<T> values,
        IpcWriteContext context)
        where TCodec : struct, IIpcCodec<T>
    {
        context.Enter();
        writer.WriteArrayHeader(values.Length);
        foreach (T value in values)
        {
            TCodec.Write(ref writer, value, context);
        }

        context.Leave();
    }

    /// <summary>Writes a collection whose count is known in advance, and checks that the count was right.</summary>
    public static void WriteCounted<T, TCodec>(
        ref MessagePackWriter writer,
        int count,
        IEnumerable<T> values,
        IpcWriteContext context)
        where TCodec : struct, IIpcCodec<T>
    {
        context.Enter();
        writer.WriteArrayHeader(count);
        int written = 0;
        foreach (T value in values)
        {
            if (++written > count)
            {
                break;
            }

            TCodec.Write(ref writer, value, context);
        }

        RequireCount(written, count);
        context.Leave();
    }

    public static void WriteEnumerable<T, TCodec>(
        ref MessagePackWriter writer,
        IEnumerable<T> values,
        IpcWriteContext context)
        where TCodec : struct, IIpcCodec<T>
    {
        ArgumentNullException.ThrowIfNull(values);
        if (values is T[] array)
        {
            WriteSpan<T, TCodec>(ref writer, array, context);
        }
        else if (values is IReadOnlyCollection<T> or ICollection<T> && values.TryGetNonEnumeratedCount(out int count))
        {
            WriteCounted<T, TCodec>(ref writer, count, values, context);
        }
        else
        {
            List<T> gathered = Gather(values);
            WriteCounted<T, TCodec>(ref writer, gathered.Count, gathered, context);
        }
    }

    public static T[] ReadArray<T, TCodec>(ref MessagePackReader reader, IpcReadContext context)
        where TCodec : struct, IIpcCodec<T>
    {
        int count = context.ReadArrayHeader(ref reader, Unsafe.SizeOf<T>());
        if (count == 0)
        {
            return [];
        }

        var values = new T[count];
        Fill<T, TCodec>(ref reader, values, context);
        return values;
    }

    public static List<T> ReadList<T, TCodec>(ref MessagePackReader reader, IpcReadContext context)
        where TCodec : struct, IIpcCodec<T>
    {
        int count = context.ReadArrayHeader(ref reader, Unsafe.SizeOf<T>());
        var values = new List<T>(count);
        context.Enter();
        for (int i = 0; i < count; i++)
        {
            values.Add(TCodec.Read(ref reader, context));
        }

        context.Leave();
        return values;
    }

    /// <summary>Reads an array and reverses it, to fill a stack, whose top element crosses first.</summary>
    public static T[] ReadReversed<T, TCodec>(ref MessagePackReader reader, IpcReadContext context)
        where TCodec : struct, IIpcCodec<T>
    {
        T[] values = ReadArray<T, TCodec>(ref reader, context);
        Array.Reverse(values);
        return values;
    }

    public static void Fill<T, TCodec>(ref MessagePackReader reader, Span<T> values, IpcReadContext context)
        where TCodec : struct, IIpcCodec<T>
    {
        context.Enter();
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = TCodec.Read(ref reader, context);
        }

        context.Leave();
    }

    public static void RequireCount(int written, int count)
    {
        if (written != count)
        {
            throw new IpcException(
                IpcErrorKind.ArgumentNotEncoded,
                $"Collection: Expected {count:N0} elements, as it counts itself, got another number.");
        }
    }

    /// <summary>Collects the elements of an iterator.</summary>
    /// <exception cref="LazyFault">The iterator threw.</exception>
    private static List<T> Gather<T>(IEnumerable<T> values)
    {
        var gathered = new List<T>();
        bool isTooLong = false;
        try
        {
            foreach (T value in values)
            {
                isTooLong = gathered.Count == MaxGathered;
                if (isTooLong)
                {
                    break;
                }

                gathered.Add(value);
            }
        }
        catch (Exception thrown)
        {
            throw new LazyFault(thrown);
        }

        return !isTooLong
            ? gathered
            : throw new IpcException(
                IpcErrorKind.LimitExceeded, $"Enumerable: Expected at most {MaxGathered:N0} elements, got more.");
    }
}
