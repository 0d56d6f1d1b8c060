using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Multiprocess.CapnProto.Messages;
using Multiprocess.CapnProto.Rpc;
using Multiprocess.Serialization.Codecs;

namespace Multiprocess.CapnProto.Generated;

/// <summary>The forms of values that Cap'n Proto has no type for.</summary>
public abstract partial class CapnpExchange
{
    /// <summary>Writes a pointer to anything. Null makes the pointer null.</summary>
    /// <exception cref="IpcException">The message has capabilities, whose table it does not hold.</exception>
    public static void WriteAny(CapnpPointerBuilder pointer, CapnpMessage? value)
    {
        if (value is null)
        {
            pointer.Clear();
            return;
        }

        // A value that is sent again and again is not read by a peer that could make it cost too much.
        value.Arena.Renew();
        try
        {
            Copying.Copy(value.Root, pointer, isCanonical: true);
        }
        catch (InvalidOperationException exception)
        {
            throw new IpcException(
                IpcErrorKind.ArgumentNotEncoded,
                "AnyPointer: Expected a value without capabilities, got one.",
                exception);
        }
    }

    /// <summary>Copies what a pointer to anything leads to into a message of its own.</summary>
    /// <exception cref="CapnpException">It has capabilities, which a message of its own cannot hold.</exception>
    public static CapnpMessage ReadAny(CapnpPointerReader pointer)
    {
        using var copy = new CapnpMessageBuilder(firstSegmentWords: 64);
        try
        {
            Copying.Copy(pointer, copy.Root, isCanonical: true);
        }
        catch (InvalidOperationException exception)
        {
            throw new CapnpException(
                CapnpExceptionType.Unimplemented,
                "AnyPointer: Expected a value without capabilities, got one.",
                exception);
        }

        return CapnpMessage.Read(copy.ToArray());
    }

    /// <summary>The exception for a union whose tag stands for no case.</summary>
    /// <param name="union">The union's name.</param>
    /// <param name="tag">The tag.</param>
    public static IpcException UnknownCase(string union, ushort tag) => new(
        IpcErrorKind.ArgumentNotDecoded,
        $"The union {union} has no case with the tag {tag}: the two sides have different versions of it.");

    /// <summary>Refuses a collection whose comparer a list does not carry.</summary>
    /// <exception cref="IpcException">The comparer is not the default.</exception>
    public static void CheckComparer<T>(IEqualityComparer<T> comparer)
    {
        if (!comparer.Equals(EqualityComparer<T>.Default) && KnownComparers.IdOf(comparer) != 0)
        {
            throw WithComparer(comparer);
        }
    }

    /// <summary>Refuses a sorted collection whose comparer a list does not carry.</summary>
    /// <exception cref="IpcException">The comparer is not the default.</exception>
    public static void CheckComparer<T>(IComparer<T> comparer)
    {
        if (!comparer.Equals(Comparer<T>.Default) && KnownComparers.IdOf(comparer) != 0)
        {
            throw WithComparer(comparer);
        }
    }

    /// <summary>Refuses a set behind an interface whose comparer a list does not carry.</summary>
    /// <exception cref="IpcException">The comparer is not the default.</exception>
    public static void CheckComparer<T>(IEnumerable<T> set)
    {
        if (Entries.ComparerOf(set) is { } comparer)
        {
            CheckComparer(comparer);
        }
    }

    /// <summary>Refuses a dictionary behind an interface whose comparer a list does not carry.</summary>
    /// <exception cref="IpcException">The comparer is not the default.</exception>
    public static void CheckComparer<TKey, TValue>(IEnumerable<KeyValuePair<TKey, TValue>> dictionary)
        where TKey : notnull
    {
        if (Entries.ComparerOf(dictionary) is { } comparer)
        {
            CheckComparer(comparer);
        }
    }

    /// <summary>The bytes of a wide number, the highest one first.</summary>
    public static byte[] BytesOf(Int128 value)
    {
        byte[] bytes = new byte[16];
        BinaryPrimitives.WriteInt128BigEndian(bytes, value);
        return bytes;
    }

    /// <summary>The bytes of a wide number, the highest one first.</summary>
    public static byte[] BytesOf(UInt128 value)
    {
        byte[] bytes = new byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, value);
        return bytes;
    }

    /// <summary>A wide number of its bytes; zero for none.</summary>
    /// <exception cref="IpcException">There are neither 16 bytes nor none.</exception>
    public static Int128 ReadInt128(ReadOnlySpan<byte> bytes)
        => bytes.IsEmpty ? 0 : BinaryPrimitives.ReadInt128BigEndian(Wide(bytes));

    /// <summary>A wide number of its bytes; zero for none.</summary>
    /// <exception cref="IpcException">There are neither 16 bytes nor none.</exception>
    public static UInt128 ReadUInt128(ReadOnlySpan<byte> bytes)
        => bytes.IsEmpty ? 0 : BinaryPrimitives.ReadUInt128BigEndian(Wide(bytes));

    /// <summary>The sizes of an array's dimensions.</summary>
    /// <exception cref="IpcException">A dimension does not begin with 0.</exception>
    public static int[] SizesOf(Array array)
    {
        ArgumentNullException.ThrowIfNull(array);
        int[] sizes = new int[array.Rank];
        for (int i = 0; i < sizes.Length; i++)
        {
            sizes[i] = array.GetLowerBound(i) == 0 ? array.GetLength(i) : throw new IpcException(
                IpcErrorKind.ArgumentNotEncoded, "Array: Expected 0 as the first index, got another one.");
        }

        return sizes;
    }

    /// <summary>The items of an array of several dimensions, row by row.</summary>
    public static T[] ItemsOf<T>(Array array) => Items<T>(array).ToArray();

    /// <summary>Makes an array of several dimensions; without sizes, one without items.</summary>
    /// <param name="sizes">The sizes of the dimensions.</param>
    /// <param name="items">The items, row by row.</param>
    /// <param name="rank">The number of dimensions.</param>
    /// <param name="make">Makes an array of some sizes.</param>
    /// <exception cref="IpcException">Sizes and items do not belong together.</exception>
    public static Array MakeArray<T>(int[] sizes, T[] items, int rank, Func<int[], Array> make)
    {
        ArgumentNullException.ThrowIfNull(sizes);
        ArgumentNullException.ThrowIfNull(items);
        ArgumentNullException.ThrowIfNull(make);
        if (sizes.Length == 0 && items.Length == 0)
        {
            return make(new int[rank]);
        }

        // The product of sizes from a peer may exceed any number.
        UInt128 count = 1;
        foreach (int size in sizes)
        {
            count = count > int.MaxValue ? count : count * (uint)size;
        }

        bool fits = sizes.Length == rank && Array.TrueForAll(sizes, size => size >= 0)
            && (Array.Exists(sizes, size => size == 0) ? items.Length == 0 : count == (uint)items.Length);
        if (!fits)
        {
            throw new IpcException(
                IpcErrorKind.ArgumentNotDecoded,
                $"Array: Expected {rank} sizes whose product is the number of items, got [{string.Join(", ", sizes)}] "
                    + $"and {items.Length} items.");
        }

        Array made = make(sizes);
        items.CopyTo(Items<T>(made));
        return made;
    }

    private static Span<T> Items<T>(Array array) => MemoryMarshal.CreateSpan(
        ref Unsafe.As<byte, T>(ref MemoryMarshal.GetArrayDataReference(array)), array.Length);

    private static ReadOnlySpan<byte> Wide(ReadOnlySpan<byte> bytes) => bytes.Length == 16
        ? bytes
        : throw new IpcException(
            IpcErrorKind.ArgumentNotDecoded, $"Wide number: Expected 16 bytes, got {bytes.Length}.");

    private static IpcException WithComparer(object comparer) => new(
        IpcErrorKind.ArgumentNotEncoded,
        $"Collection: Expected the default comparer, because a list of Cap'n Proto carries none, got "
            + $"{comparer.GetType()}. Copy the items into a collection with the default comparer.");
}
