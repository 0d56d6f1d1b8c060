using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Collections.ObjectModel;

namespace Multiprocess.Serialization.Codecs;

/// <summary>A map; with a comparer other than the default, [comparer, map].</summary>
public readonly struct DictionaryCodec<TKey, TKeyCodec, TValue, TValueCodec> : IIpcCodec<Dictionary<TKey, TValue>>
    where TKey : notnull
    where TKeyCodec : struct, IIpcCodec<TKey>
    where TValueCodec : struct, IIpcCodec<TValue>
{
    /// <inheritdoc/>
    public static void Write(ref MessagePackWriter writer, Dictionary<TKey, TValue> value, IpcWriteContext context)
    {
        ArgumentNullException.ThrowIfNull(value);
        KnownComparers.WriteMapId(ref writer, KnownComparers.IdOf(value.Comparer));
        context.Enter();
        writer.WriteMapHeader(value.Count);
        foreach (KeyValuePair<TKey, TValue> entry in value)
        {
            TKeyCodec.Write(ref writer, entry.Key, context);
            TValueCodec.Write(ref writer, entry.Value, context);
        }

        context.Leave();
    }

    /// <inheritdoc/>
    public static Dictionary<TKey, TValue> Read(ref MessagePackReader reader, IpcReadContext context)
        => Entries.ReadDictionary<TKey, TKeyCodec, TValue, TValueCodec>(ref reader, context);
}

/// <summary>
/// A map; with a comparer other than the default, [comparer, map]. Arrives as a <see cref="Dictionary{TKey, TValue}"/>.
/// </summary>
public readonly struct IDictionaryCodec<TKey, TKeyCodec, TValue, TValueCodec> : IIpcCodec<IDictionary<TKey, TValue>>
    where TKey : notnull
    where TKeyCodec : struct, IIpcCodec<TKey>
    where TValueCodec : struct, IIpcCodec<TValue>
{
    /// <inheritdoc/>
    public static void Write(ref MessagePackWriter writer, IDictionary<TKey, TValue> value, IpcWriteContext context)
    {
        ArgumentNullException.ThrowIfNull(value);
        KnownComparers.WriteMapId(ref writer, KnownComparers.IdOf(Entries.ComparerOf(value)));
        Entries.WriteEntries<TKey, TKeyCodec, TValue, TValueCodec>(ref writer, value.Count, value, context);
    }

    /// <inheritdoc/>
    public static IDictionary<TKey, TValue> Read(ref MessagePackReader reader, IpcReadContext context)
        => Entries.ReadDictionary<TKey, TKeyCodec, TValue, TValueCodec>(ref reader, context);
}

/// <summary>
/// A map; with a comparer other than the default, [comparer, map]. Arrives as a <see cref="Dictionary{TKey, TValue}"/>.
/// </summary>
public readonly struct IReadOnlyDictionaryCodec<TKey, TKeyCodec, TValue, TValueCodec>
    : IIpcCodec<IReadOnlyDictionary<TKey, TValue>>
    where TKey : notnull
    where TKeyCodec : struct, IIpcCodec<TKey>
    where TValueCodec : struct, IIpcCodec<TValue>
{
    /// <inheritdoc/>
    public static void Write(
        ref MessagePackWriter writer,
        IReadOnlyDictionary<TKey, TValue> value,
        IpcWriteContext context)
    {
        ArgumentNullException.ThrowIfNull(value);
        KnownComparers.WriteMapId(ref writer, KnownComparers.IdOf(Entries.ComparerOf(value)));
        Entries.WriteEntries<TKey, TKeyCodec, TValue, TValueCodec>(ref writer, value.Count, value, context);
    }

    /// <inheritdoc/>
    public static IReadOnlyDictionary<TKey, TValue> Read(ref MessagePackReader reader, IpcReadContext context)
        => Entries.ReadDictionary<TKey, TKeyCodec, TValue, TValueCodec>(ref reader, context);
}

/// <summary>
/// A map. The comparer of the wrapped dictionary is not accessible; the dictionary arrives with the default comparer.
/// </summary>
public readonly struct ReadOnlyDictionaryCodec<TKey, TKeyCodec, TValue, TValueCodec>
    : IIpcCodec<ReadOnlyDictionary<TKey, TValue>>
    where TKey : notnull
    where TKeyCodec : struct, IIpcCodec<TKey>
    where TValueCodec : struct, IIpcCodec<TValue>
{
    /// <inheritdoc/>
    public static void Write(
        ref MessagePackWriter writer,
        ReadOnlyDictionary<TKey, TValue> value,
        IpcWriteContext context)
    {
        ArgumentNullException.ThrowIfNull(value);
        Entries.WriteEntries<TKey, TKeyCodec, TValue, TValueCodec>(ref writer, value.Count, value, context);
    }

    /// <inheritdoc/>
    public static ReadOnlyDictionary<TKey, TValue> Read(ref MessagePackReader reader, IpcReadContext context)
        => new(Entries.ReadDictionary<TKey, TKeyCodec, TValue, TValueCodec>(ref reader, context));
}

/// <summary>A map; with a comparer other than the default, [comparer, map]. The entries are a snapshot.</summary>
public readonly struct ConcurrentDictionaryCodec<TKey, TKeyCodec, TValue, TValueCodec>
    : IIpcCodec<ConcurrentDictionary<TKey, TValue>>
    where TKey : notnull
    where TKeyCodec : struct, IIpcCodec<TKey>
    where TValueCodec : struct, IIpcCodec<TValue>
{
    /// <inheritdoc/>
    public static void Write(
        ref MessagePackWriter writer,
        ConcurrentDictionary<TKey, TValue> value,
        IpcWriteContext context)
    {
        ArgumentNullException.ThrowIfNull(value);
        KeyValuePair<TKey, TValue>[] entries = value.ToArray();
        KnownComparers.WriteMapId(ref writer, KnownComparers.IdOf(value.Comparer));
        Entries.WriteEntries<TKey, TKeyCodec, TValue, TValueCodec>(ref writer, entries.Length, entries, context);
    }

    /// <inheritdoc/>
    public static ConcurrentDictionary<TKey, TValue> Read(ref MessagePackReader reader, IpcReadContext context)
    {
        Dictionary<TKey, TValue> entries =
            Entries.ReadDictionary<TKey, TKeyCodec, TValue, TValueCodec>(ref reader, context);
        return new ConcurrentDictionary<TKey, TValue>(entries, entries.Comparer);
    }
}

/// <summary>A map; with a comparer other than the default, [comparer, map].</summary>
public readonly struct FrozenDictionaryCodec<TKey, TKeyCodec, TValue, TValueCodec>
    : IIpcCodec<FrozenDictionary<TKey, TValue>>
    where TKey : notnull
    where TKeyCodec : struct, IIpcCodec<TKey>
    where TValueCodec : struct, IIpcCodec<TValue>
{
    /// <inheritdoc/>
    public static void Write(
        ref MessagePackWriter writer,
        FrozenDictionary<TKey, TValue> value,
        IpcWriteContext context)
    {
        ArgumentNullException.ThrowIfNull(value);
        KnownComparers.WriteMapId(ref writer, KnownComparers.IdOf(value.Comparer));
        Entries.WriteEntries<TKey, TKeyCodec, TValue, TValueCodec>(ref writer, value.Count, value, context);
    }

    /// <inheritdoc/>
    public static FrozenDictionary<TKey, TValue> Read(ref MessagePackReader reader, IpcReadContext context)
    {
        Dictionary<TKey, TValue> entries =
            Entries.ReadDictionary<TKey, TKeyCodec, TValue, TValueCodec>(ref reader, context);
        return entries.ToFrozenDictionary(entries.Comparer);
    }
}

/// <summary>A map; with a comparer other than the default, [comparer, map].</summary>
public readonly struct ImmutableDictionaryCodec<TKey, TKeyCodec, TValue, TValueCodec>
    : IIpcCodec<ImmutableDictionary<TKey, TValue>>
    where TKey : notnull
    where TKeyCodec : struct, IIpcCodec<TKey>
    where TValueCodec : struct, IIpcCodec<TValue>
{
    /// <inheritdoc/>
    public static void Write(
        ref MessagePackWriter writer,
        ImmutableDictionary<TKey, TValue> value,
        IpcWriteContext context)
    {
        ArgumentNullException.ThrowIfNull(value);
        KnownComparers.WriteMapId(ref writer, KnownComparers.IdOf(value.KeyComparer));
        Entries.WriteEntries<TKey, TKeyCodec, TValue, TValueCodec>(ref writer, value.Count, value, context);
    }

    /// <inheritdoc/>
    public static ImmutableDictionary<TKey, TValue> Read(ref MessagePackReader reader, IpcReadContext context)
    {
        Dictionary<TKey, TValue> entries =
            Entries.ReadDictionary<TKey, TKeyCodec, TValue, TValueCodec>(ref reader, context);
        return entries.ToImmutableDictionary(entries.Comparer);
    }
}

/// <summary>
/// A map; with a comparer other than the default, [comparer, map]. Arrives as an
/// <see cref="ImmutableDictionary{TKey, TValue}"/>.
/// </summary>
public readonly struct IImmutableDictionaryCodec<TKey, TKeyCodec, TValue, TValueCodec>
    : IIpcCodec<IImmutableDictionary<TKey, TValue>>
    where TKey : notnull
    where TKeyCodec : struct, IIpcCodec<TKey>
    where TValueCodec : struct, IIpcCodec<TValue>
{
    /// <inheritdoc/>
    public static void Write(
        ref MessagePackWriter writer,
        IImmutableDictionary<TKey, TValue> value,
        IpcWriteContext context)
    {
        ArgumentNullException.ThrowIfNull(value);
        KnownComparers.WriteMapId(ref writer, KnownComparers.IdOf(Entries.ComparerOf(value)));
        Entries.WriteEntries<TKey, TKeyCodec, TValue, TValueCodec>(ref writer, value.Count, value, context);
    }

    /// <inheritdoc/>
    public static IImmutableDictionary<TKey, TValue> Read(ref MessagePackReader reader, IpcReadContext context)
        => ImmutableDictionaryCodec<TKey, TKeyCodec, TValue, TValueCodec>.Read(ref reader, context);
}

/// <summary>A map, in the order of the entries; with a comparer other than the default, [comparer, map].</summary>
public readonly struct OrderedDictionaryCodec<TKey, TKeyCodec, TValue, TValueCodec>
    : IIpcCodec<OrderedDictionary<TKey, TValue>>
    where TKey : notnull
    where TKeyCodec : struct, IIpcCodec<TKey>
    where TValueCodec : struct, IIpcCodec<TValue>
{
    /// <inheritdoc/>
    public static void Write(
        ref MessagePackWriter writer,
        OrderedDictionary<TKey, TValue> value,
        IpcWriteContext context)
    {
        ArgumentNullException.ThrowIfNull(value);
        KnownComparers.WriteMapId(ref writer, KnownComparers.IdOf(value.Comparer));
        Entries.WriteEntries<TKey, TKeyCodec, TValue, TValueCodec>(ref writer, value.Count, value, context);
    }

    /// <inheritdoc/>
    public static OrderedDictionary<TKey, TValue> Read(ref MessagePackReader reader, IpcReadContext context)
        => Entries.ReadOrdered<TKey, TKeyCodec, TValue, TValueCodec>(ref reader, context);
}
