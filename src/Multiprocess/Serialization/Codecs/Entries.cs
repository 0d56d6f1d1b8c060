using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Multiprocess.Serialization.Codecs;

/// <summary>
/// Reads and writes the elements of sets and the entries of dictionaries: refuses duplicates and keeps the comparer.
/// </summary>
internal static class Entries
{
    // Bytes per entry of a hash table besides key and value: the hash code, the next index and a bucket.
    private const int HashOverhead = 12;

    // Bytes per node of a tree besides its item: the header, the color and the links.
    private const int NodeOverhead = 48;

    public static IEqualityComparer<T>? ComparerOf<T>(IEnumerable<T> set) => set switch
    {
        HashSet<T> hash => hash.Comparer,
        FrozenSet<T> frozen => frozen.Comparer,
        ImmutableHashSet<T> immutable => immutable.KeyComparer,
        SortedSet<T> sorted => EqualityOf(sorted.Comparer),
        ImmutableSortedSet<T> sorted => EqualityOf(sorted.KeyComparer),
        _ => null,
    };

    public static IEqualityComparer<TKey>? ComparerOf<TKey, TValue>(IEnumerable<KeyValuePair<TKey, TValue>> dictionary)
        where TKey : notnull
        => dictionary switch
        {
            Dictionary<TKey, TValue> hash => hash.Comparer,
            OrderedDictionary<TKey, TValue> ordered => ordered.Comparer,
            ConcurrentDictionary<TKey, TValue> concurrent => concurrent.Comparer,
            FrozenDictionary<TKey, TValue> frozen => frozen.Comparer,
            ImmutableDictionary<TKey, TValue> immutable => immutable.KeyComparer,
            SortedDictionary<TKey, TValue> sorted => EqualityOf(sorted.Comparer),
            SortedList<TKey, TValue> sorted => EqualityOf(sorted.Comparer),
            ImmutableSortedDictionary<TKey, TValue> sorted => EqualityOf(sorted.KeyComparer),
            _ => null,
        };

    public static void WriteEntries<TKey, TKeyCodec, TValue, TValueCodec>(
        ref MessagePackWriter writer,
        int count,
        IEnumerable<KeyValuePair<TKey, TValue>> entries,
        IpcWriteContext context)
        where TKeyCodec : struct, IIpcCodec<TKey>
        where TValueCodec : struct, IIpcCodec<TValue>
    {
        context.Enter();
        writer.WriteMapHeader(count);
        int written = 0;
        foreach (KeyValuePair<TKey, TValue> entry in entries)
        {
            if (++written > count)
            {
                break;
            }

            TKeyCodec.Write(ref writer, entry.Key, context);
            TValueCodec.Write(ref writer, entry.Value, context);
        }

        Elements.RequireCount(written, count);
        context.Leave();
    }

    public static HashSet<T> ReadSet<T, TCodec>(ref MessagePackReader reader, IpcReadContext context)
        where TCodec : struct, IIpcCodec<T>
    {
        IEqualityComparer<T>? comparer = KnownComparers.Equality<T>(KnownComparers.ReadSetId(ref reader));
        int count = context.ReadArrayHeader(ref reader, Unsafe.SizeOf<T>() + HashOverhead);
        var set = new HashSet<T>(count, comparer);
        var watch = new CollisionWatch<T>(count, set.Capacity);
        context.Enter();
        for (int i = 0; i < count; i++)
        {
            T value = TCodec.Read(ref reader, context);
            if (!set.Add(value))
            {
                ThrowDuplicate("set");
            }

            watch.Added(value);
        }

        context.Leave();
        watch.Done();
        return set;
    }

    public static SortedSet<T> ReadSortedSet<T, TCodec>(ref MessagePackReader reader, IpcReadContext context)
        where TCodec : struct, IIpcCodec<T>
    {
        IComparer<T>? comparer = KnownComparers.Order<T>(KnownComparers.ReadSetId(ref reader));
        int count = context.ReadArrayHeader(ref reader, Unsafe.SizeOf<T>() + NodeOverhead);
        var set = new SortedSet<T>(comparer);
        context.Enter();
        for (int i = 0; i < count; i++)
        {
            if (!set.Add(TCodec.Read(ref reader, context)))
            {
                ThrowDuplicate("set");
            }
        }

        context.Leave();
        return set;
    }

    public static Dictionary<TKey, TValue> ReadDictionary<TKey, TKeyCodec, TValue, TValueCodec>(
        ref MessagePackReader reader,
        IpcReadContext context)
        where TKey : notnull
        where TKeyCodec : struct, IIpcCodec<TKey>
        where TValueCodec : struct, IIpcCodec<TValue>
    {
        IEqualityComparer<TKey>? comparer = KnownComparers.Equality<TKey>(KnownComparers.ReadMapId(ref reader));
        int count = context.ReadMapHeader(ref reader, Unsafe.SizeOf<KeyValuePair<TKey, TValue>>() + HashOverhead);
        var dictionary = new Dictionary<TKey, TValue>(count, comparer);
        var watch = new CollisionWatch<TKey>(count, dictionary.Capacity);
        context.Enter();
        for (int i = 0; i < count; i++)
        {
            TKey key = ReadKey<TKey, TKeyCodec>(ref reader, context);
            if (!dictionary.TryAdd(key, TValueCodec.Read(ref reader, context)))
            {
                ThrowDuplicate("dictionary");
            }

            watch.Added(key);
        }

        context.Leave();
        watch.Done();
        return dictionary;
    }

    public static OrderedDictionary<TKey, TValue> ReadOrdered<TKey, TKeyCodec, TValue, TValueCodec>(
        ref MessagePackReader reader,
        IpcReadContext context)
        where TKey : notnull
        where TKeyCodec : struct, IIpcCodec<TKey>
        where TValueCodec : struct, IIpcCodec<TValue>
    {
        IEqualityComparer<TKey>? comparer = KnownComparers.Equality<TKey>(KnownComparers.ReadMapId(ref reader));
        int count = context.ReadMapHeader(ref reader, Unsafe.SizeOf<KeyValuePair<TKey, TValue>>() + HashOverhead);
        var dictionary = new OrderedDictionary<TKey, TValue>(count, comparer);
        var watch = new CollisionWatch<TKey>(count, dictionary.Capacity);
        context.Enter();
        for (int i = 0; i < count; i++)
        {
            TKey key = ReadKey<TKey, TKeyCodec>(ref reader, context);
            if (!dictionary.TryAdd(key, TValueCodec.Read(ref reader, context)))
            {
                ThrowDuplicate("dictionary");
            }

            watch.Added(key);
        }

        context.Leave();
        watch.Done();
        return dictionary;
    }

    public static SortedDictionary<TKey, TValue> ReadSorted<TKey, TKeyCodec, TValue, TValueCodec>(
        ref MessagePackReader reader,
        IpcReadContext context)
        where TKey : notnull
        where TKeyCodec : struct, IIpcCodec<TKey>
        where TValueCodec : struct, IIpcCodec<TValue>
    {
        IComparer<TKey>? comparer = KnownComparers.Order<TKey>(KnownComparers.ReadMapId(ref reader));
        int count = context.ReadMapHeader(ref reader, Unsafe.SizeOf<KeyValuePair<TKey, TValue>>() + NodeOverhead);
        var dictionary = new SortedDictionary<TKey, TValue>(comparer);
        context.Enter();
        for (int i = 0; i < count; i++)
        {
            TKey key = ReadKey<TKey, TKeyCodec>(ref reader, context);
            if (!dictionary.TryAdd(key, TValueCodec.Read(ref reader, context)))
            {
                ThrowDuplicate("dictionary");
            }
        }

        context.Leave();
        return dictionary;
    }

    // A sorted collection that is sent as an unsorted one keeps its notion of equality.
    private static IEqualityComparer<T>? EqualityOf<T>(IComparer<T> comparer)
        => KnownComparers.Equality<T>(KnownComparers.IdOf(comparer));

    private static TKey ReadKey<TKey, TKeyCodec>(ref MessagePackReader reader, IpcReadContext context)
        where TKeyCodec : struct, IIpcCodec<TKey>
    {
        TKey key = TKeyCodec.Read(ref reader, context);
        if (key is null)
        {
            MessagePackErrors.ThrowNil("a key");
        }

        return key;
    }

    [DoesNotReturn]
    private static void ThrowDuplicate(string kind)
        => throw new IpcProtocolException($"{kind}: Expected different keys, got one twice.") { At = -1 };
}
