using System.Collections.Immutable;

namespace Multiprocess.Serialization.Codecs;

/// <summary>A map; with a comparer other than the default, [comparer, map].</summary>
public readonly struct SortedDictionaryCodec<TKey, TKeyCodec, TValue, TValueCodec>
    : IIpcCodec<SortedDictionary<TKey, TValue>>
    where TKey : notnull
    where TKeyCodec : struct, IIpcCodec<TKey>
    where TValueCodec : struct, IIpcCodec<TValue>
{
    /// <inheritdoc/>
    public static void Write(
        ref MessagePackWriter writer,
        SortedDictionary<TKey, TValue> value,
        IpcWriteContext context)
    {
        ArgumentNullException.ThrowIfNull(value);
        KnownComparers.WriteMapId(ref writer, KnownComparers.IdOf(value.Comparer));
        Entries.WriteEntries<TKey, TKeyCodec, TValue, TValueCodec>(ref writer, value.Count, value, context);
    }

    /// <inheritdoc/>
    public static SortedDictionary<TKey, TValue> Read(ref MessagePackReader reader, IpcReadContext context)
        => Entries.ReadSorted<TKey, TKeyCodec, TValue, TValueCodec>(ref reader, context);
}

/// <summary>A map; with a comparer other than the default, [comparer, map].</summary>
public readonly struct SortedListCodec<TKey, TKeyCodec, TValue, TValueCodec> : IIpcCodec<SortedList<TKey, TValue>>
    where TKey : notnull
    where TKeyCodec : struct, IIpcCodec<TKey>
    where TValueCodec : struct, IIpcCodec<TValue>
{
    /// <inheritdoc/>
    public static void Write(ref MessagePackWriter writer, SortedList<TKey, TValue> value, IpcWriteContext context)
    {
        ArgumentNullException.ThrowIfNull(value);
        KnownComparers.WriteMapId(ref writer, KnownComparers.IdOf(value.Comparer));
        Entries.WriteEntries<TKey, TKeyCodec, TValue, TValueCodec>(ref writer, value.Count, value, context);
    }

    /// <inheritdoc/>
    public static SortedList<TKey, TValue> Read(ref MessagePackReader reader, IpcReadContext context)
    {
        // Read into a tree first: adding descending keys one by one to a sorted list would move the whole list each
        // time.
        SortedDictionary<TKey, TValue> entries =
            Entries.ReadSorted<TKey, TKeyCodec, TValue, TValueCodec>(ref reader, context);
        return new SortedList<TKey, TValue>(entries, entries.Comparer);
    }
}

/// <summary>A map; with a comparer other than the default, [comparer, map].</summary>
public readonly struct ImmutableSortedDictionaryCodec<TKey, TKeyCodec, TValue, TValueCodec>
    : IIpcCodec<ImmutableSortedDictionary<TKey, TValue>>
    where TKey : notnull
    where TKeyCodec : struct, IIpcCodec<TKey>
    where TValueCodec : struct, IIpcCodec<TValue>
{
    /// <inheritdoc/>
    public static void Write(
        ref MessagePackWriter writer,
        ImmutableSortedDictionary<TKey, TValue> value,
        IpcWriteContext context)
    {
        ArgumentNullException.ThrowIfNull(value);
        KnownComparers.WriteMapId(ref writer, KnownComparers.IdOf(value.KeyComparer));
        Entries.WriteEntries<TKey, TKeyCodec, TValue, TValueCodec>(ref writer, value.Count, value, context);
    }

    /// <inheritdoc/>
    public static ImmutableSortedDictionary<TKey, TValue> Read(ref MessagePackReader reader, IpcReadContext context)
    {
        SortedDictionary<TKey, TValue> entries =
            Entries.ReadSorted<TKey, TKeyCodec, TValue, TValueCodec>(ref reader, context);
        return entries.ToImmutableSortedDictionary(entries.Comparer);
    }
}
