using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Collections.ObjectModel;
using Multiprocess.Serialization;
using Multiprocess.Serialization.Codecs;

namespace Multiprocess.Tests.Serialization;

public sealed class CollectionCodecTests
{
    private static readonly int[] s_items = [3, 1, 2];
    private static readonly KeyValuePair<int, string>[] s_entries = [new(3, "c"), new(1, "a"), new(2, "b")];

    [Test]
    public void Sequences_cross_in_order()
    {
        foreach (int[] items in new[] { [], s_items, Enumerable.Range(0, 300).ToArray() })
        {
            Same<int[], ArrayCodec<int, Int32Codec>>(items);
            Same<List<int>, ListCodec<int, Int32Codec>>([.. items]);
            Same<IList<int>, IListCodec<int, Int32Codec>>([.. items]);
            Same<ICollection<int>, ICollectionCodec<int, Int32Codec>>(new Queue<int>(items).ToList());
            Same<IEnumerable<int>, IEnumerableCodec<int, Int32Codec>>(items.Select(item => item));
            Same<IEnumerable<int>, IEnumerableCodec<int, Int32Codec>>(items.Where(item => item >= 0));
            Same<IReadOnlyList<int>, IReadOnlyListCodec<int, Int32Codec>>(items);
            Same<IReadOnlyCollection<int>, IReadOnlyCollectionCodec<int, Int32Codec>>(new Queue<int>(items));
            Same<LinkedList<int>, LinkedListCodec<int, Int32Codec>>(new(items));
            Same<Collection<int>, CollectionCodec<int, Int32Codec>>([.. items]);
            Same<ReadOnlyCollection<int>, ReadOnlyCollectionCodec<int, Int32Codec>>(new(items));
            Same<ObservableCollection<int>, ObservableCollectionCodec<int, Int32Codec>>(new(items));
            Same<Queue<int>, QueueCodec<int, Int32Codec>>(new(items));
            Same<Stack<int>, StackCodec<int, Int32Codec>>(new(items));
            Same<ConcurrentQueue<int>, ConcurrentQueueCodec<int, Int32Codec>>(new(items));
            Same<ConcurrentStack<int>, ConcurrentStackCodec<int, Int32Codec>>(new(items));
            Same<ImmutableArray<int>, ImmutableArrayCodec<int, Int32Codec>>([.. items]);
            Same<ImmutableList<int>, ImmutableListCodec<int, Int32Codec>>([.. items]);
            Same<IImmutableList<int>, IImmutableListCodec<int, Int32Codec>>(ImmutableList.Create(items));
            Same<ImmutableQueue<int>, ImmutableQueueCodec<int, Int32Codec>>([.. items]);
            Same<ImmutableStack<int>, ImmutableStackCodec<int, Int32Codec>>([.. items]);
            Assert.That(
                Crossing.Cross<ConcurrentBag<int>, ConcurrentBagCodec<int, Int32Codec>>(new(items)),
                Is.EquivalentTo(items));
            Assert.That(Crossing.Cross<Memory<int>, MemoryCodec<int, Int32Codec>>(items).ToArray(), Is.EqualTo(items));
            Assert.That(
                Crossing.Cross<ReadOnlyMemory<int>, ReadOnlyMemoryCodec<int, Int32Codec>>(items).ToArray(),
                Is.EqualTo(items));
            Assert.That(
                Crossing.Cross<ArraySegment<int>, ArraySegmentCodec<int, Int32Codec>>(items), Is.EqualTo(items));
        }
    }

    [Test]
    public void Value_types_without_an_array_cross_as_nil()
    {
        Assert.That(
            Crossing.Cross<ImmutableArray<int>, ImmutableArrayCodec<int, Int32Codec>>(default).IsDefault, Is.True);
        Assert.That(Crossing.Cross<ArraySegment<int>, ArraySegmentCodec<int, Int32Codec>>(default).Array, Is.Null);
    }

    [Test]
    public void Sets_cross()
    {
        Same<HashSet<int>, HashSetCodec<int, Int32Codec>>([.. s_items]);
        Same<ISet<int>, ISetCodec<int, Int32Codec>>(new HashSet<int>(s_items));
        Same<IReadOnlySet<int>, IReadOnlySetCodec<int, Int32Codec>>(new HashSet<int>(s_items));
        Same<SortedSet<int>, SortedSetCodec<int, Int32Codec>>([.. s_items]);
        Same<ImmutableSortedSet<int>, ImmutableSortedSetCodec<int, Int32Codec>>([.. s_items]);
        Assert.That(
            Crossing.Cross<ImmutableHashSet<int>, ImmutableHashSetCodec<int, Int32Codec>>([.. s_items]),
            Is.EquivalentTo(s_items));
        Assert.That(
            Crossing.Cross<FrozenSet<int>, FrozenSetCodec<int, Int32Codec>>(s_items.ToFrozenSet()),
            Is.EquivalentTo(s_items));
        Assert.That(
            Crossing.Encode<HashSet<int>, HashSetCodec<int, Int32Codec>>([7]), Is.EqualTo(new byte[] { 0x91, 7 }));
    }

    [Test]
    public void Dictionaries_cross()
    {
        var dictionary = new Dictionary<int, string>(s_entries);

        Same<Dictionary<int, string>, DictionaryCodec<int, Int32Codec, string, StringCodec>>(dictionary);
        Same<IDictionary<int, string>, IDictionaryCodec<int, Int32Codec, string, StringCodec>>(dictionary);
        Same<IReadOnlyDictionary<int, string>, IReadOnlyDictionaryCodec<int, Int32Codec, string, StringCodec>>(
            dictionary);
        Same<ReadOnlyDictionary<int, string>, ReadOnlyDictionaryCodec<int, Int32Codec, string, StringCodec>>(
            new(dictionary));
        Same<SortedDictionary<int, string>, SortedDictionaryCodec<int, Int32Codec, string, StringCodec>>(
            new(dictionary));
        Same<SortedList<int, string>, SortedListCodec<int, Int32Codec, string, StringCodec>>(new(dictionary));
        Same<
            ImmutableSortedDictionary<int, string>,
            ImmutableSortedDictionaryCodec<int, Int32Codec, string, StringCodec>>(
            dictionary.ToImmutableSortedDictionary());
        Assert.That(
            Crossing.Cross<
                ConcurrentDictionary<int, string>,
                ConcurrentDictionaryCodec<int, Int32Codec, string, StringCodec>>(
                new(dictionary)),
            Is.EquivalentTo(s_entries));
        Assert.That(
            Crossing.Cross<
                ImmutableDictionary<int, string>,
                ImmutableDictionaryCodec<int, Int32Codec, string, StringCodec>>(
                dictionary.ToImmutableDictionary()),
            Is.EquivalentTo(s_entries));
        Assert.That(
            Crossing.Cross<FrozenDictionary<int, string>, FrozenDictionaryCodec<int, Int32Codec, string, StringCodec>>(
                dictionary.ToFrozenDictionary()),
            Is.EquivalentTo(s_entries));
        Assert.That(
            Crossing.Encode<Dictionary<int, string>, DictionaryCodec<int, Int32Codec, string, StringCodec>>(
                new() { [1] = "a" }),
            Is.EqualTo(Crossing.Hex("81 01 a161")));
    }

    [Test]
    public void Arrays_of_several_dimensions_cross()
    {
        Same<int[,], Array2DCodec<int, Int32Codec>>(new[,] { { 1, 2, 3 }, { 4, 5, 6 } });
        Same<int[,], Array2DCodec<int, Int32Codec>>(new int[0, 5]);
        Same<string[,,], Array3DCodec<string, StringCodec>>(new[,,] { { { "a" }, { "b" } } });
        Same<int[,,,], Array4DCodec<int, Int32Codec>>(new int[2, 3, 1, 2]);
    }

    [TestCase("93 02 02 93 01 02 03", Description = "too few elements")]
    [TestCase("93 ff 00 90", Description = "a negative size")]
    [TestCase("93 ce 40000000 ce 40000000 90", Description = "a product that overflows 32 bits")]
    [TestCase("92 00 90", Description = "too few dimensions")]
    public void Array_whose_sizes_do_not_match_is_refused(string hex)
        => Assert.That(
            () => Crossing.Decode<int[,], Array2DCodec<int, Int32Codec>>(Crossing.Hex(hex)),
            Throws.TypeOf<IpcProtocolException>());

    [Test]
    public void Null_collections_are_refused_unless_nullable()
    {
        Assert.That(() => Crossing.Encode<List<int>, ListCodec<int, Int32Codec>>(null!), Throws.ArgumentNullException);
        Assert.That(
            () => Crossing.Encode<IEnumerable<int>, IEnumerableCodec<int, Int32Codec>>(null!),
            Throws.ArgumentNullException);
        Assert.That(() => Crossing.Encode<int[,], Array2DCodec<int, Int32Codec>>(null!), Throws.ArgumentNullException);
        Assert.That(
            () => Crossing.Encode<Dictionary<int, int>, DictionaryCodec<int, Int32Codec, int, Int32Codec>>(null!),
            Throws.ArgumentNullException);
        Assert.That(
            Crossing.Cross<List<int>?, NullableReferenceCodec<List<int>, ListCodec<int, Int32Codec>>>(null), Is.Null);
    }

    [Test]
    public void Duplicates_are_refused()
    {
        Refused<HashSet<int>, HashSetCodec<int, Int32Codec>>("92 01 01");
        Refused<SortedSet<int>, SortedSetCodec<int, Int32Codec>>("92 01 01");
        Refused<Dictionary<int, int>, DictionaryCodec<int, Int32Codec, int, Int32Codec>>("82 01 02 01 03");
        Refused<SortedDictionary<int, int>, SortedDictionaryCodec<int, Int32Codec, int, Int32Codec>>("82 01 02 01 03");
        Refused<SortedList<int, int>, SortedListCodec<int, Int32Codec, int, Int32Codec>>("82 01 02 01 03");
        Refused<FrozenDictionary<int, int>, FrozenDictionaryCodec<int, Int32Codec, int, Int32Codec>>("82 01 02 01 03");
        Refused<HashSet<string>, HashSetCodec<string, StringCodec>>("81 01 92 a161 a141");
    }

    [Test]
    public void Nil_is_no_key()
    {
#pragma warning disable CS8714, CS8631 // What the compiler would not let pass is what a peer may send.
        Refused<
            Dictionary<string, int>,
            DictionaryCodec<string?, NullableReferenceCodec<string, StringCodec>, int, Int32Codec>>(
            "81 c0 01");
#pragma warning restore CS8714, CS8631
    }

    [Test]
    public void Comparers_of_strings_are_kept()
    {
        foreach (StringComparer comparer in new[]
        {
            StringComparer.Ordinal,
            StringComparer.OrdinalIgnoreCase,
            StringComparer.InvariantCulture,
            StringComparer.InvariantCultureIgnoreCase
        })
        {
            string[] words = ["a", "b"];
            Dictionary<string, int> dictionary = words.ToDictionary(word => word, word => 1, comparer);

            Assert.That(
                Crossing.Cross<HashSet<string>, HashSetCodec<string, StringCodec>>(new(words, comparer)).Comparer,
                Like(comparer));
            Assert.That(
                Crossing.Cross<FrozenSet<string>, FrozenSetCodec<string, StringCodec>>(
                    words.ToFrozenSet(comparer)).Comparer,
                Like(comparer));
            Assert.That(
                Crossing.Cross<ImmutableHashSet<string>, ImmutableHashSetCodec<string, StringCodec>>(
                    words.ToImmutableHashSet(comparer)).KeyComparer,
                Like(comparer));
            Assert.That(
                Crossing.Cross<SortedSet<string>, SortedSetCodec<string, StringCodec>>(new(words, comparer)).Comparer,
                Is.EqualTo(comparer));
            Assert.That(
                Crossing.Cross<Dictionary<string, int>, DictionaryCodec<string, StringCodec, int, Int32Codec>>(
                    dictionary).Comparer,
                Like(comparer));
            Assert.That(
                Crossing.Cross<
                    ConcurrentDictionary<string, int>,
                    ConcurrentDictionaryCodec<string, StringCodec, int, Int32Codec>>(
                    new(dictionary, comparer)).Comparer,
                Like(comparer));
            Assert.That(
                Crossing.Cross<
                    FrozenDictionary<string, int>,
                    FrozenDictionaryCodec<string, StringCodec, int, Int32Codec>>(
                    dictionary.ToFrozenDictionary(comparer)).Comparer,
                Like(comparer));
            Assert.That(
                Crossing.Cross<
                    ImmutableDictionary<string, int>,
                    ImmutableDictionaryCodec<string, StringCodec, int, Int32Codec>>(
                    dictionary.ToImmutableDictionary(comparer)).KeyComparer,
                Like(comparer));
            Assert.That(
                ((Dictionary<string, int>)Crossing.Cross<
                    IDictionary<string, int>,
                    IDictionaryCodec<string, StringCodec, int, Int32Codec>>(
                    dictionary)).Comparer,
                Like(comparer));
            Assert.That(
                Crossing.Cross<
                    SortedDictionary<string, int>,
                    SortedDictionaryCodec<string, StringCodec, int, Int32Codec>>(
                    new(dictionary, comparer)).Comparer,
                Is.EqualTo(comparer));
            Assert.That(
                Crossing.Cross<SortedList<string, int>, SortedListCodec<string, StringCodec, int, Int32Codec>>(
                    new(dictionary, comparer)).Comparer,
                Is.EqualTo(comparer));
        }
    }

    [Test]
    public void Default_comparer_costs_nothing_and_another_is_named()
    {
        Assert.That(
            Crossing.Encode<HashSet<string>, HashSetCodec<string, StringCodec>>(new(["a"], StringComparer.Ordinal)),
            Is.EqualTo(Crossing.Hex("91 a161")));
        Assert.That(
            Crossing.Encode<HashSet<string>, HashSetCodec<string, StringCodec>>(
                new(["a"], StringComparer.OrdinalIgnoreCase)),
            Is.EqualTo(Crossing.Hex("81 01 91 a161")));
        Assert.That(
            Crossing.Encode<Dictionary<string, int>, DictionaryCodec<string, StringCodec, int, Int32Codec>>(
                new(StringComparer.OrdinalIgnoreCase) { ["a"] = 1 }),
            Is.EqualTo(Crossing.Hex("92 01 81 a161 01")));
    }

    [Test]
    public void Custom_comparer_is_not_written()
    {
        var set = new HashSet<int>(EqualityComparer<int>.Create((a, b) => a % 10 == b % 10, a => a % 10)) { 1 };

        Assert.That(
            () => Crossing.Encode<HashSet<int>, HashSetCodec<int, Int32Codec>>(set),
            Throws.TypeOf<IpcException>().With.Property(nameof(IpcException.Kind)).EqualTo(
                IpcErrorKind.ArgumentNotEncoded));
    }

    [Test]
    public void Unknown_comparer_is_refused()
    {
        Refused<HashSet<string>, HashSetCodec<string, StringCodec>>("81 05 90");
        Refused<HashSet<string>, HashSetCodec<string, StringCodec>>("81 ff 90");
        Refused<HashSet<int>, HashSetCodec<int, Int32Codec>>("81 01 90");
        Refused<Dictionary<int, int>, DictionaryCodec<int, Int32Codec, int, Int32Codec>>("92 01 80");
    }

    [Test]
    public void Keys_chosen_to_collide_fail_the_call_alone()
    {
        // The hash code of a long is its halves, one exclusive or the other: these are all 0.
        long[] keys = [.. Enumerable.Range(0, 5000).Select(i => ((long)i << 32) | (uint)i)];
        byte[] bytes = Crossing.Encode<long[], ArrayCodec<long, Int64Codec>>(keys);

        Assert.That(
            () => Crossing.Decode<HashSet<long>, HashSetCodec<long, Int64Codec>>(bytes),
            Throws.TypeOf<IpcException>().With.Property(nameof(IpcException.Kind)).EqualTo(
                IpcErrorKind.ArgumentNotDecoded));
    }

    [Test]
    public void Ordinary_keys_are_never_taken_for_chosen_ones()
    {
        Assert.That(
            Crossing.Cross<HashSet<long>, HashSetCodec<long, Int64Codec>>(
                [.. Enumerable.Range(0, 5000).Select(i => i * 1024L)]),
            Has.Count.EqualTo(5000));
        Assert.That(
            Crossing.Cross<HashSet<Guid>, HashSetCodec<Guid, GuidCodec>>(
                [.. Enumerable.Range(0, 5000).Select(_ => Guid.NewGuid())]),
            Has.Count.EqualTo(5000));
    }

    [Test]
    public void Budget_is_charged_before_anything_is_made()
    {
        byte[] bytes = Crossing.Encode<long[], ArrayCodec<long, Int64Codec>>(new long[100]);

        Assert.That(
            Crossing.Decode<long[], ArrayCodec<long, Int64Codec>>(bytes, new PlainReadContext(budget: 800)),
            Has.Length.EqualTo(100));
        Assert.That(
            () => Crossing.Decode<long[], ArrayCodec<long, Int64Codec>>(bytes, new PlainReadContext(budget: 799)),
            Throws.TypeOf<IpcProtocolException>());
        Assert.That(
            () => Crossing.Decode<List<long>, ListCodec<long, Int64Codec>>(bytes, new PlainReadContext(budget: 799)),
            Throws.TypeOf<IpcProtocolException>());
        Assert.That(
            () => Crossing.Decode<HashSet<long>, HashSetCodec<long, Int64Codec>>(
                bytes, new PlainReadContext(budget: 799)),
            Throws.TypeOf<IpcProtocolException>());
    }

    [Test]
    public void Depth_is_limited_on_both_sides()
    {
        List<List<int>> nested = [[1]];

        Assert.That(
            () => Crossing.Encode<List<List<int>>, ListCodec<List<int>, ListCodec<int, Int32Codec>>>(
                nested, new PlainWriteContext(maxDepth: 1)),
            Throws.TypeOf<IpcException>());
        Assert.That(
            () => Crossing.Decode<List<List<int>>, ListCodec<List<int>, ListCodec<int, Int32Codec>>>(
                Crossing.Hex("91 91 01"), new PlainReadContext(maxDepth: 1)),
            Throws.TypeOf<IpcProtocolException>());
        Assert.That(
            Crossing.Decode<List<List<int>>, ListCodec<List<int>, ListCodec<int, Int32Codec>>>(
                Crossing.Hex("91 91 01"), new PlainReadContext(maxDepth: 2)),
            Is.EqualTo(nested));
    }

    [Test]
    public void Collection_that_lies_about_its_count_is_not_written()
    {
        foreach (int claimed in new[] { 2, 4 })
        {
            Assert.That(
                () => Crossing.Encode<ICollection<int>, ICollectionCodec<int, Int32Codec>>(new Liar(claimed)),
                Throws.TypeOf<IpcException>().With.Property(nameof(IpcException.Kind)).EqualTo(
                    IpcErrorKind.ArgumentNotEncoded));
        }
    }

    private static void Same<T, TCodec>(T value)
        where TCodec : struct, IIpcCodec<T>
        => Assert.That(Crossing.Cross<T, TCodec>(value), Is.EqualTo(value));

    private static NUnit.Framework.Constraints.IResolveConstraint Like(StringComparer comparer)
        => Is.EqualTo(
            comparer.Equals(StringComparer.Ordinal)
                ? EqualityComparer<string>.Default
                : (object)comparer).Or.EqualTo(comparer);

    private static void Refused<T, TCodec>(string hex)
        where TCodec : struct, IIpcCodec<T>
        => Assert.That(
            () => Crossing.Decode<T, TCodec>(Crossing.Hex(hex)),
            Throws.TypeOf<IpcProtocolException>(),
            $"{typeof(TCodec).Name} took {hex}.");

    private sealed class Liar(int claimed) : ICollection<int>
    {
        public int Count => claimed;

        public bool IsReadOnly => true;

        public void Add(int item) => throw new NotSupportedException();

        public void Clear() => throw new NotSupportedException();

        public bool Contains(int item) => throw new NotSupportedException();

        public void CopyTo(int[] array, int arrayIndex) => throw new NotSupportedException();

        public bool Remove(int item) => throw new NotSupportedException();

        public IEnumerator<int> GetEnumerator() => Enumerable.Range(1, 3).GetEnumerator();

        System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
