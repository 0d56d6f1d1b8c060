using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Collections.ObjectModel;

namespace Multiprocess.Serialization.Codecs;

/// <summary>An array of the elements; with a comparer other than the default, {comparer: array}.</summary>
public readonly struct HashSetCodec<T, TCodec> : IIpcCodec<HashSet<T>>
    where TCodec : struct, IIpcCodec<T>
{
    /// <inheritdoc/>
    public static void Write(ref MessagePackWriter writer, HashSet<T> value, IpcWriteContext context)
    {
        ArgumentNullException.ThrowIfNull(value);
        KnownComparers.WriteSetId(ref writer, KnownComparers.IdOf(value.Comparer));
        Elements.WriteCounted<T, TCodec>(ref writer, value.Count, value, context);
    }

    /// <inheritdoc/>
    public static HashSet<T> Read(ref MessagePackReader reader, IpcReadContext context)
        => Entries.ReadSet<T, TCodec>(ref reader, context);
}

/// <summary>
/// An array of the elements; with a comparer other than the default, {comparer: array}. Arrives as a
/// <see cref="HashSet{T}"/>.
/// </summary>
public readonly struct ISetCodec<T, TCodec> : IIpcCodec<ISet<T>>
    where TCodec : struct, IIpcCodec<T>
{
    /// <inheritdoc/>
    public static void Write(ref MessagePackWriter writer, ISet<T> value, IpcWriteContext context)
    {
        ArgumentNullException.ThrowIfNull(value);
        KnownComparers.WriteSetId(ref writer, KnownComparers.IdOf(Entries.ComparerOf(value)));
        Elements.WriteCounted<T, TCodec>(ref writer, value.Count, value, context);
    }

    /// <inheritdoc/>
    public static ISet<T> Read(ref MessagePackReader reader, IpcReadContext context)
        => Entries.ReadSet<T, TCodec>(ref reader, context);
}

/// <summary>
/// An array of the elements; with a comparer other than the default, {comparer: array}. Arrives as a
/// <see cref="HashSet{T}"/>.
/// </summary>
public readonly struct IReadOnlySetCodec<T, TCodec> : IIpcCodec<IReadOnlySet<T>>
    where TCodec : struct, IIpcCodec<T>
{
    /// <inheritdoc/>
    public static void Write(ref MessagePackWriter writer, IReadOnlySet<T> value, IpcWriteContext context)
    {
        ArgumentNullException.ThrowIfNull(value);
        KnownComparers.WriteSetId(ref writer, KnownComparers.IdOf(Entries.ComparerOf(value)));
        Elements.WriteCounted<T, TCodec>(ref writer, value.Count, value, context);
    }

    /// <inheritdoc/>
    public static IReadOnlySet<T> Read(ref MessagePackReader reader, IpcReadContext context)
        => Entries.ReadSet<T, TCodec>(ref reader, context);
}

/// <summary>An array of the elements; with a comparer other than the default, {comparer: array}.</summary>
public readonly struct SortedSetCodec<T, TCodec> : IIpcCodec<SortedSet<T>>
    where TCodec : struct, IIpcCodec<T>
{
    /// <inheritdoc/>
    public static void Write(ref MessagePackWriter writer, SortedSet<T> value, IpcWriteContext context)
    {
        ArgumentNullException.ThrowIfNull(value);
        KnownComparers.WriteSetId(ref writer, KnownComparers.IdOf(value.Comparer));
        Elements.WriteCounted<T, TCodec>(ref writer, value.Count, value, context);
    }

    /// <inheritdoc/>
    public static SortedSet<T> Read(ref MessagePackReader reader, IpcReadContext context)
        => Entries.ReadSortedSet<T, TCodec>(ref reader, context);
}

/// <summary>An array of the elements; with a comparer other than the default, {comparer: array}.</summary>
public readonly struct ImmutableHashSetCodec<T, TCodec> : IIpcCodec<ImmutableHashSet<T>>
    where TCodec : struct, IIpcCodec<T>
{
    /// <inheritdoc/>
    public static void Write(ref MessagePackWriter writer, ImmutableHashSet<T> value, IpcWriteContext context)
    {
        ArgumentNullException.ThrowIfNull(value);
        KnownComparers.WriteSetId(ref writer, KnownComparers.IdOf(value.KeyComparer));
        Elements.WriteCounted<T, TCodec>(ref writer, value.Count, value, context);
    }

    /// <inheritdoc/>
    public static ImmutableHashSet<T> Read(ref MessagePackReader reader, IpcReadContext context)
    {
        HashSet<T> set = Entries.ReadSet<T, TCodec>(ref reader, context);
        return set.ToImmutableHashSet(set.Comparer);
    }
}

/// <summary>An array of the elements; with a comparer other than the default, {comparer: array}.</summary>
public readonly struct ImmutableSortedSetCodec<T, TCodec> : IIpcCodec<ImmutableSortedSet<T>>
    where TCodec : struct, IIpcCodec<T>
{
    /// <inheritdoc/>
    public static void Write(ref MessagePackWriter writer, ImmutableSortedSet<T> value, IpcWriteContext context)
    {
        ArgumentNullException.ThrowIfNull(value);
        KnownComparers.WriteSetId(ref writer, KnownComparers.IdOf(value.KeyComparer));
        Elements.WriteCounted<T, TCodec>(ref writer, value.Count, value, context);
    }

    /// <inheritdoc/>
    public static ImmutableSortedSet<T> Read(ref MessagePackReader reader, IpcReadContext context)
    {
        SortedSet<T> set = Entries.ReadSortedSet<T, TCodec>(ref reader, context);
        return set.ToImmutableSortedSet(set.Comparer);
    }
}

/// <summary>An array of the elements; with a comparer other than the default, {comparer: array}.</summary>
public readonly struct FrozenSetCodec<T, TCodec> : IIpcCodec<FrozenSet<T>>
    where TCodec : struct, IIpcCodec<T>
{
    /// <inheritdoc/>
    public static void Write(ref MessagePackWriter writer, FrozenSet<T> value, IpcWriteContext context)
    {
        ArgumentNullException.ThrowIfNull(value);
        KnownComparers.WriteSetId(ref writer, KnownComparers.IdOf(value.Comparer));
        Elements.WriteCounted<T, TCodec>(ref writer, value.Count, value, context);
    }

    /// <inheritdoc/>
    public static FrozenSet<T> Read(ref MessagePackReader reader, IpcReadContext context)
    {
        HashSet<T> set = Entries.ReadSet<T, TCodec>(ref reader, context);
        return set.ToFrozenSet(set.Comparer);
    }
}

/// <summary>
/// An array of the elements. The comparer of the wrapped set is not accessible; the set arrives as a wrapper of a
/// <see cref="HashSet{T}"/> with the default comparer.
/// </summary>
public readonly struct ReadOnlySetCodec<T, TCodec> : IIpcCodec<ReadOnlySet<T>>
    where TCodec : struct, IIpcCodec<T>
{
    /// <inheritdoc/>
    public static void Write(ref MessagePackWriter writer, ReadOnlySet<T> value, IpcWriteContext context)
    {
        ArgumentNullException.ThrowIfNull(value);
        Elements.WriteCounted<T, TCodec>(ref writer, value.Count, value, context);
    }

    /// <inheritdoc/>
    public static ReadOnlySet<T> Read(ref MessagePackReader reader, IpcReadContext context)
        => new(Entries.ReadSet<T, TCodec>(ref reader, context));
}

/// <summary>
/// An array of the elements; with a comparer other than the default, {comparer: array}. Arrives as an
/// <see cref="ImmutableHashSet{T}"/>.
/// </summary>
public readonly struct IImmutableSetCodec<T, TCodec> : IIpcCodec<IImmutableSet<T>>
    where TCodec : struct, IIpcCodec<T>
{
    /// <inheritdoc/>
    public static void Write(ref MessagePackWriter writer, IImmutableSet<T> value, IpcWriteContext context)
    {
        ArgumentNullException.ThrowIfNull(value);
        KnownComparers.WriteSetId(ref writer, KnownComparers.IdOf(Entries.ComparerOf(value)));
        Elements.WriteCounted<T, TCodec>(ref writer, value.Count, value, context);
    }

    /// <inheritdoc/>
    public static IImmutableSet<T> Read(ref MessagePackReader reader, IpcReadContext context)
        => ImmutableHashSetCodec<T, TCodec>.Read(ref reader, context);
}
