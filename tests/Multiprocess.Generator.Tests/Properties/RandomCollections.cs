using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Collections.ObjectModel;

namespace Multiprocess.Generator.Tests.Properties;

/// <summary>One way to make each collection from its elements; found by the collection's name.</summary>
internal static class RandomCollections
{
    public static List<T> List<T>(T[] items) => [.. items];

    public static IReadOnlyList<T> IReadOnlyList<T>(T[] items) => items;

    public static Queue<T> Queue<T>(T[] items) => new(items);

    public static Stack<T> Stack<T>(T[] items) => new(items);

    public static LinkedList<T> LinkedList<T>(T[] items) => new(items);

    public static ImmutableArray<T> ImmutableArray<T>(T[] items) => [.. items];

    public static ImmutableList<T> ImmutableList<T>(T[] items) => [.. items];

    public static ImmutableQueue<T> ImmutableQueue<T>(T[] items) => [.. items];

    public static ConcurrentQueue<T> ConcurrentQueue<T>(T[] items) => new(items);

    public static Collection<T> Collection<T>(T[] items) => [.. items];

    public static ReadOnlyCollection<T> ReadOnlyCollection<T>(T[] items) => new(items);

    public static HashSet<T> HashSet<T>(T[] items) => [.. items];

    public static SortedSet<T> SortedSet<T>(T[] items) => [.. items];

    public static ImmutableHashSet<T> ImmutableHashSet<T>(T[] items) => [.. items];

    public static FrozenSet<T> FrozenSet<T>(T[] items) => items.ToFrozenSet();

    public static Dictionary<TKey, T> Dictionary<TKey, T>(KeyValuePair<TKey, T>[] items) where TKey : notnull
        => new(items);

    public static SortedDictionary<TKey, T> SortedDictionary<TKey, T>(
        KeyValuePair<TKey, T>[] items) where TKey : notnull
        => new(new Dictionary<TKey, T>(items));

    public static ImmutableDictionary<TKey, T> ImmutableDictionary<TKey, T>(
        KeyValuePair<TKey, T>[] items) where TKey : notnull
        => items.ToImmutableDictionary();

    public static FrozenDictionary<TKey, T> FrozenDictionary<TKey, T>(
        KeyValuePair<TKey, T>[] items) where TKey : notnull
        => items.ToFrozenDictionary();

    public static ConcurrentDictionary<TKey, T> ConcurrentDictionary<TKey, T>(
        KeyValuePair<TKey, T>[] items) where TKey : notnull
        => new(items);

    public static SortedList<TKey, T> SortedList<TKey, T>(KeyValuePair<TKey, T>[] items) where TKey : notnull
        => new(new Dictionary<TKey, T>(items));
}
