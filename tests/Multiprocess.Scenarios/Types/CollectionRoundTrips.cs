using System.Buffers;
using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Collections.ObjectModel;
using Multiprocess.Scenarios.Harness;

namespace Multiprocess.Scenarios.Types;

/// <summary>
/// There and back, a collection of each kind: empty, filled, and with a comparer where it can have one.
/// </summary>
public static class CollectionRoundTrips
{
    private static readonly StringComparer s_ignoringCase = StringComparer.OrdinalIgnoreCase;
    private static readonly Dictionary<string, int> s_pairs = new() { ["a"] = 1, ["b"] = 2 };

    public static IReadOnlyList<Scenario> All { get; } =
    [
        Of<byte[]>(root => root.Echo, [], [1, 2, 255], new byte[100_000]),
        Of<int[]>(root => root.Echo, [], [1, -2]),
        Of<string?[]>(root => root.Echo, [], ["a", null]),
        Of<int[][]>(root => root.Echo, [], [[], [1], [2, 3]]),
        Of<int[,]>(root => root.Echo, new int[0, 3], new[,] { { 1, 2 }, { 3, 4 }, { 5, 6 } }),
        Of<string[,,]>(root => root.Echo, new[,,] { { { "a", "b" } }, { { "c", "d" } } }),
        Of<byte[,,,]>(root => root.Echo, new byte[1, 2, 1, 2] { { { { 1, 2 } }, { { 3, 4 } } } }),
        Of<Memory<byte>>(root => root.Echo, default, new byte[] { 1, 2 }),
        Of<ReadOnlyMemory<byte>>(root => root.Echo, default, new byte[] { 1, 2 }),
        Of<ReadOnlySequence<byte>>(root => root.Echo, ReadOnlySequence<byte>.Empty, new ReadOnlySequence<byte>([1, 2])),
        Of<ArraySegment<byte>>(root => root.Echo, new ArraySegment<byte>([1, 2, 3], 1, 2)),
        Of(root => root.Echo, (Memory<int> memory) => memory.ToArray(), new int[] { 1, 2 }),
        Of(root => root.Echo, (ReadOnlyMemory<string> memory) => memory.ToArray(), new[] { "a" }),
        Of<ArraySegment<byte>?>(
            root => root.Echo,
            null,
            default(ArraySegment<byte>),
            new ArraySegment<byte>([]),
            new ArraySegment<byte>([1, 2, 3], 1, 2)),
        Of<ArraySegment<int>?>(
            root => root.Echo,
            null,
            default(ArraySegment<int>),
            new ArraySegment<int>([]),
            new ArraySegment<int>([1, 2, 3], 1, 2)),
        Of<ArraySegment<int>>(root => root.Echo, new ArraySegment<int>([1, 2, 3], 1, 2)),
        Of<List<int>>(root => root.Echo, [], [1, 2]),
        Of(root => root.Echo, (IList<int> list) => list.ToArray(), [1, 2]),
        Of(root => root.Echo, (ICollection<string> list) => list.ToArray(), ["a"]),
        Of(root => root.Echo, (IEnumerable<int> list) => list.ToArray(), [], Enumerable.Range(0, 300)),
        Of(root => root.Echo, (IReadOnlyList<int?> list) => list.ToArray(), [1, null]),
        Of(root => root.Echo, (IReadOnlyCollection<int> list) => list.ToArray(), [1]),
        Of<HashSet<string>>(
            root => root.Echo,
            [],
            ["a", "b"],
            new HashSet<string>(["a"], s_ignoringCase),
            new HashSet<string>(["a"], StringComparer.InvariantCultureIgnoreCase)),
        Of<ISet<int>>(root => root.Echo, new HashSet<int> { 1, 2 }),
        Of(root => root.Echo, (IReadOnlySet<int> set) => set.Order().ToArray(), new HashSet<int> { 1, 2 }),
        Of<SortedSet<string>>(
            root => root.Echo,
            ["b", "a"],
            new SortedSet<string>(["b", "A", "c"], s_ignoringCase),
            new SortedSet<string>(["b", "A"], StringComparer.Ordinal)),
        Of<Queue<int>>(root => root.Echo, new Queue<int>(), new Queue<int>([1, 2])),
        Of<Stack<int>>(root => root.Echo, new Stack<int>([1, 2, 3])),
        Of<LinkedList<int>>(root => root.Echo, new LinkedList<int>([1, 2])),
        Of<Collection<int>>(root => root.Echo, [1, 2]),
        Of<ReadOnlyCollection<int>>(root => root.Echo, new ReadOnlyCollection<int>([1, 2])),
        Of<ObservableCollection<int>>(root => root.Echo, [1, 2]),
        Of<ReadOnlyObservableCollection<int>>(root => root.Echo, new ReadOnlyObservableCollection<int>([1, 2])),
        Of<ReadOnlySet<int>>(root => root.Echo, new ReadOnlySet<int>(new HashSet<int> { 1, 2 })),
        Of<OrderedDictionary<string, int>>(
            root => root.Echo,
            [],
            new OrderedDictionary<string, int> { ["z"] = 1, ["a"] = 2 },
            new OrderedDictionary<string, int>(s_pairs, s_ignoringCase)),
        Of<Dictionary<string, int>>(
            root => root.Echo, [], s_pairs, new Dictionary<string, int>(s_pairs, s_ignoringCase)),
        Of<IDictionary<int, string>>(root => root.Echo, new Dictionary<int, string> { [1] = "a" }),
        Of(
            root => root.Echo,
            (IReadOnlyDictionary<string, int> map) => map.OrderBy(pair => pair.Key).ToArray(),
            s_pairs),
        Of<SortedDictionary<string, int>>(
            root => root.Echo,
            new SortedDictionary<string, int>(s_pairs),
            new SortedDictionary<string, int>(s_pairs, s_ignoringCase)),
        Of<SortedList<string, int>>(
            root => root.Echo,
            new SortedList<string, int>(s_pairs),
            new SortedList<string, int>(s_pairs, StringComparer.Ordinal)),
        Of<ReadOnlyDictionary<string, int>>(root => root.Echo, new ReadOnlyDictionary<string, int>(s_pairs)),
        Of<ImmutableArray<int>?>(
            root => root.Echo,
            null,
            default(ImmutableArray<int>),
            ImmutableArray<int>.Empty,
            ImmutableArray.Create(1, 2)),
        Of<ImmutableArray<int>>(root => root.Echo, default, [], [1, 2]),
        Of<ImmutableList<int>>(root => root.Echo, [1, 2]),
        Of(root => root.Echo, (IImmutableList<int> list) => list.ToArray(), ImmutableList.Create(1, 2)),
        Of<ImmutableHashSet<string>>(root => root.Echo, ["a"], ImmutableHashSet.Create(s_ignoringCase, "a", "b")),
        Of<ImmutableSortedSet<string>>(
            root => root.Echo, ["b", "a"], ImmutableSortedSet.Create(s_ignoringCase, "b", "A")),
        Of<ImmutableQueue<int>>(root => root.Echo, ImmutableQueue.Create(1, 2)),
        Of<ImmutableStack<int>>(root => root.Echo, ImmutableStack.Create(1, 2)),
        Of<ImmutableDictionary<string, int>>(
            root => root.Echo, s_pairs.ToImmutableDictionary(), s_pairs.ToImmutableDictionary(s_ignoringCase)),
        Of<ImmutableSortedDictionary<string, int>>(
            root => root.Echo,
            s_pairs.ToImmutableSortedDictionary(),
            s_pairs.ToImmutableSortedDictionary(s_ignoringCase)),
        Of(
            root => root.Echo,
            (IImmutableSet<string> set) => set.Order().ToArray(),
            ImmutableHashSet.Create("a", "b"),
            ImmutableSortedSet.Create("b", "a")),
        Of(root => root.Echo, (IImmutableQueue<int> queue) => queue.ToArray(), ImmutableQueue.Create(1, 2)),
        Of(root => root.Echo, (IImmutableStack<int> stack) => stack.ToArray(), ImmutableStack.Create(1, 2)),
        Of(
            root => root.Echo,
            (IImmutableDictionary<string, int> map) => (map.OrderBy(pair => pair.Key).ToArray(), map.ContainsKey("A")),
            s_pairs.ToImmutableDictionary(),
            s_pairs.ToImmutableDictionary(s_ignoringCase)),
        Of<FrozenSet<string>>(
            root => root.Echo, new[] { "a", "b" }.ToFrozenSet(), new[] { "a" }.ToFrozenSet(s_ignoringCase)),
        Of<FrozenDictionary<string, int>>(
            root => root.Echo, s_pairs.ToFrozenDictionary(), s_pairs.ToFrozenDictionary(s_ignoringCase)),
        Of<ConcurrentQueue<int>>(root => root.Echo, new ConcurrentQueue<int>([1, 2])),
        Of<ConcurrentStack<int>>(root => root.Echo, new ConcurrentStack<int>([1, 2])),
        Of<ConcurrentBag<int>>(root => root.Echo, new ConcurrentBag<int>([1, 2])),
        Of<ConcurrentDictionary<string, int>>(
            root => root.Echo,
            new ConcurrentDictionary<string, int>(s_pairs),
            new ConcurrentDictionary<string, int>(s_pairs, s_ignoringCase)),
        Of<Dictionary<string, List<(int, Dictionary<Guid, double?[]>)>>>(
            root => root.Echo,
            new Dictionary<string, List<(int, Dictionary<Guid, double?[]>)>>
            {
                ["a"] = [(1, new() { [Guid.Empty] = [null, 1.5] })],
                ["b"] = []
            }),
    ];

    private static Scenario Of<T>(Func<ICollections, Func<T, T>> echo, params T[] values)
        => Of(echo, value => value, values);

    /// <summary>Of an interface only the items are noted: which class arrives behind it is nobody's business.</summary>
    private static Scenario Of<T, TNoted>(
        Func<ICollections, Func<T, T>> echo, Func<T, TNoted> noted, params T[] values)
        => new(
            "Collection: " + TypeName.Of(typeof(T)),
            (workshop, notes) =>
            {
                var root = workshop.Collections();
                foreach (T value in values)
                {
                    notes.Add("echo", noted(echo(root)(value)));
                }

                return Task.CompletedTask;
            });
}
