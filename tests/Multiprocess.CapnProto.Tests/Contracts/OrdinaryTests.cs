using System.Buffers;
using System.Collections.Immutable;
using Multiprocess.CapnProto.Rpc;
using Multiprocess.CapnProto.Tests.Rpc;

namespace Multiprocess.CapnProto.Tests.Contracts;

/// <summary>Contracts without attributes of Cap'n Proto, in an assembly that asks for it.</summary>
[TestFixture(Wire.Pipe)]
[TestFixture(Wire.Socket)]
public sealed class OrdinaryTests(Wire wire)
{
    private Ordinary _object = null!;
    private CapnpConnection _connection = null!;
    private CapnpConnection _other = null!;
    private IOrdinary _remote = null!;

    [SetUp]
    public void Connect()
    {
        _object = new Ordinary();
        (_connection, _other) = PeerFixture.Pair(root: null, CapnpContract.Serve<IOrdinary>(_object), wire: wire);
        _remote = _connection.GetRoot<IOrdinary>();
    }

    [TearDown]
    public async Task Disconnect()
    {
        _remote.Dispose();
        _object.Dispose();
        await _connection.DisposeAsync().AsTask().WaitAsync(PeerCalls.Bound);
        await _other.DisposeAsync().AsTask().WaitAsync(PeerCalls.Bound);
    }

    [Test]
    public async Task Calls_are_made_as_over_the_other_protocol()
    {
        _remote.Title = "titled";

        Assert.That(_remote.Title, Is.EqualTo("titled"));
        Assert.That(_remote.Add(2, 3), Is.EqualTo(5));
        Assert.That(_remote.Add("a", null), Is.EqualTo("a"));
        Assert.That(await _remote.AddAsync(2, long.MaxValue - 2), Is.EqualTo(long.MaxValue));
        long steps = 5;
        Assert.That(_remote.TryDivide(7, 2, out int quotient, ref steps), Is.True);
        Assert.That((quotient, steps), Is.EqualTo((3, 6L)));
    }

    [Test]
    public void Nullable_values_are_there_or_not()
    {
        Assert.That(_remote.Half(8), Is.EqualTo(4));
        Assert.That(_remote.Half(0), Is.Zero);
        Assert.That(_remote.Half(null), Is.Null);
        Assert.That(_remote.Gaps([1, null, 0]), Is.EqualTo(new int?[] { 1, null, 0 }));
    }

    [Test]
    public void Default_array_is_an_empty_one()
    {
        Assert.That(_remote.CountOf(default), Is.Zero);
        Assert.That(_remote.CountOf([1, 2]), Is.EqualTo(2));
    }

    [Test]
    public void Collection_keeps_the_order_of_its_enumeration()
        => Assert.That(
            _remote.Turn(new Stack<string?>(["last", null, "first"])), Is.EqualTo(new[] { "first", null, "last" }));

    [Test]
    public void Values_come_back_as_they_were()
    {
        var inner = new OrdinaryRecord(
            false, 0, "", null, null, null, short.MinValue, OrdinaryColor.Red, 'ä') { Big = ulong.MaxValue };
        var record = new OrdinaryRecord(
            true, 200, "name", 7, new OrdinaryPoint(1.5, -2), inner, 3, OrdinaryColor.Blue, 'x')
        {
            Words = ["one", null, ""],
        };

        OrdinaryRecord back = _remote.Echo(record);

        Assert.That(back with { Words = record.Words, Parent = null }, Is.EqualTo(record with { Parent = null }));
        Assert.That(back.Words, Is.EqualTo(record.Words));
        Assert.That(back.Parent! with { Words = inner.Words }, Is.EqualTo(inner));
        Assert.That(_remote.Swap(("left", 3)), Is.EqualTo((3, "left")));
        Assert.That(_remote.Reverse([1, 2, 3]), Is.EqualTo(new byte[] { 3, 2, 1 }));
        Assert.That(_remote.Next(OrdinaryColor.Red), Is.EqualTo(OrdinaryColor.Green));
        Assert.That(_remote.Grant(OrdinaryRights.Read), Is.EqualTo(OrdinaryRights.All));
        var time = new DateTime(2026, 11, 30, 12, 0, 0, DateTimeKind.Utc);
        var id = Guid.NewGuid();
        Assert.That(
            _remote.Times(time, TimeSpan.FromTicks(-5), id, 12.340m),
            Is.EqualTo((time, TimeSpan.FromTicks(-5), id, 12.340m)));
        var there = new DateTimeOffset(2026, 11, 30, 12, 0, 0, TimeSpan.FromMinutes(-90));
        foreach (Uri? link in (Uri?[])[null, new Uri("a/b", UriKind.Relative)])
        {
            Assert.That(
                _remote.Others(there, 2..^3, link, new Version(1, 2)),
                Is.EqualTo((there, 2..^3, link, new Version(1, 2))));
        }

        Assert.That(_remote.Sum([1, 2, 3]), Is.EqualTo(6));
        Dictionary<string, List<OrdinaryPoint>> groups = _remote.Group([new(1, 2), new(-1, 2), new(3, 4)]);
        Assert.That(groups["right"], Is.EqualTo(new[] { new OrdinaryPoint(1, 2), new OrdinaryPoint(3, 4) }));
        Assert.That(groups["left"], Is.EqualTo(new[] { new OrdinaryPoint(-1, 2) }));
    }

    [Test]
    public void Callbacks_run_on_the_waiting_thread_to_any_depth()
    {
        int here = Environment.CurrentManagedThreadId;
        var threads = new HashSet<int>();
        int Back(int depth)
        {
            threads.Add(Environment.CurrentManagedThreadId);
            return _remote.CallBack(depth, Back);
        }

        var seen = new List<string>();
        _remote.Each(3, (i, text) => seen.Add($"{i} {text}"));

        Assert.That(_remote.CallBack(6, Back), Is.EqualTo(6));
        Assert.That(threads, Is.EquivalentTo(new[] { here }));
        Assert.That(seen, Is.EqualTo(new[] { "0 ", "1 odd", "2 " }));
        int there = _remote.ThreadId();
        Assert.That(there, Is.Not.EqualTo(here));
        Assert.That(_remote.ThreadId(), Is.EqualTo(there));
    }

    [Test]
    public void Objects_go_forth_and_come_home()
    {
        IOrdinaryChild child = _remote.Make(7);
        Assert.That(child.Number(), Is.EqualTo(7));
        Assert.That(_remote.Use(child), Is.EqualTo(7));
        Assert.That(_object.Used, Is.InstanceOf<Child>(), "It comes home as itself.");
        Assert.That(child.Parent, Is.Not.Null);
        Assert.That(child.Parent!.Add(1, 1), Is.EqualTo(2));

        child.Dispose();

        Assert.That(() => ((Child)_object.Used!).Disposals, Is.EqualTo(1).After(10_000, 5));
        Assert.That(_remote.Use(new Child(null, 9)), Is.EqualTo(9));
    }

    [Test]
    public void Closed_hierarchies_cross_as_their_cases()
    {
        var circle = new OrdinaryCircle(1.5);
        IOrdinaryChild child = _remote.Make(7);

        Assert.That(_remote.Grow(circle, 2), Is.EqualTo(new OrdinaryCircle(3)));
        Assert.That(_remote.Grow(null, 2), Is.Null);
        IOrdinaryThing[] ordered = _remote.Order([new OrdinaryGroup([circle], null), child, circle]);

        Assert.That(((IOrdinaryChild)ordered[0]).Number(), Is.EqualTo(7));
        Assert.That(ordered[1], Is.EqualTo(circle));
        Assert.That(((OrdinaryGroup)ordered[2]).Shapes, Is.EqualTo(new[] { circle }));
    }

    [Test]
    public void Wide_numbers_and_arrays_of_several_dimensions_cross()
    {
        string?[,,] cube = { { { "a", null }, { "b", "" } } };

        var (signed, unsigned, grid, back) = _remote.Wide(
            Int128.MinValue, UInt128.MaxValue - 1, new[,] { { 1, 2, 3 }, { 4, 5, 6 } }, cube);

        Assert.That((signed, unsigned), Is.EqualTo((Int128.MinValue, UInt128.MaxValue - 1)));
        Assert.That(grid, Is.EqualTo(new[,] { { 1, 2, 3 }, { 4, 5, 6 } }));
        Assert.That(back, Is.EqualTo(cube));
        Assert.That(_remote.Wide(-1, 0, new int[0, 4], null).Item3.GetLength(1), Is.EqualTo(4));
        var shifted = (int[,])Array.CreateInstance(typeof(int), [1, 1], [5, 0]);
        Assert.That(
            () => _remote.Wide(0, 0, shifted, null),
            Throws.TypeOf<IpcException>().With.Property("Kind").EqualTo(IpcErrorKind.ArgumentNotEncoded));
        Assert.That(_remote.Sum(new ReadOnlySequence<byte>([1, 2, 3])), Is.EqualTo(6));
    }

    [Test]
    public void Comparer_that_would_be_lost_is_refused()
    {
        var words = new HashSet<string>(["a"], StringComparer.Ordinal);
        var counts = new SortedDictionary<string, int> { ["b"] = 1 };

        Assert.That(_remote.Unite(words, counts), Is.EquivalentTo(new[] { "a", "b" }));
        foreach (Action call in (Action[])
            [
                () => _remote.Unite(new(StringComparer.OrdinalIgnoreCase), counts),
                () => _remote.Unite(words, new(StringComparer.Ordinal)),
            ])
        {
            var refused = Assert.Throws<IpcException>(() => call());
            Assert.That(refused.Kind, Is.EqualTo(IpcErrorKind.ArgumentNotEncoded));
            Assert.That(refused.Message, Does.Contain("comparer"));
        }
    }

    [Test]
    public void Exception_arrives_with_its_text()
        => Assert.That(
            () => _remote.TryDivide(1, 0, out _, ref _object.Steps),
            Throws.TypeOf<CapnpException>().With.Message.EqualTo("nothing to divide by"));

    internal sealed class Ordinary : IOrdinary
    {
        public long Steps;

        public string Title { get; set; } = "";

        public IOrdinaryChild? Used { get; private set; }

        public int Add(int a, int b) => a + b;

        public string Add(string a, string? b) => a + b;

        public Task<long> AddAsync(long a, long b, CancellationToken cancellationToken) => Task.FromResult(a + b);

        public bool TryDivide(int a, int b, out int quotient, ref long steps)
        {
            quotient = b == 0 ? throw new InvalidOperationException("nothing to divide by") : a / b;
            steps++;
            return true;
        }

        public int? Half(int? value) => value / 2;

        public (int Left, string Right) Swap((string Left, int Right) pair) => (pair.Right, pair.Left);

        public OrdinaryRecord Echo(OrdinaryRecord record) => record;

        public Dictionary<string, List<OrdinaryPoint>> Group(OrdinaryPoint[] points)
            => points.GroupBy(point => point.X < 0 ? "left" : "right").ToDictionary(
                group => group.Key, group => group.ToList());

        public int?[] Gaps(int?[] values) => values;

        public byte[] Reverse(byte[] bytes) => [.. bytes.Reverse()];

        public OrdinaryColor Next(OrdinaryColor color) => color + 1;

        public OrdinaryRights Grant(OrdinaryRights rights) => rights | OrdinaryRights.Write;

        public (DateTime, TimeSpan, Guid, decimal) Times(DateTime time, TimeSpan span, Guid id, decimal money)
            => (time, span, id, money);

        public (DateTimeOffset, Range, Uri?, Version) Others(
            DateTimeOffset time, Range range, Uri? link, Version version)
            => (time, range, link, version);

        public int Sum(ReadOnlySpan<byte> bytes)
        {
            int sum = 0;
            foreach (byte next in bytes)
            {
                sum += next;
            }

            return sum;
        }

        public int CallBack(int depth, Func<int, int> back) => depth == 0 ? 0 : 1 + back(depth - 1);

        public void Each(int count, Action<int, string?> action)
        {
            for (int i = 0; i < count; i++)
            {
                action(i, i % 2 == 0 ? null : "odd");
            }
        }

        public IOrdinaryChild Make(int number) => new Child(this, number);

        public int Use(IOrdinaryChild child)
        {
            Used = child;
            return child.Number();
        }

        public int ThreadId() => Environment.CurrentManagedThreadId;

        public int CountOf(ImmutableArray<int> numbers) => numbers.Length;

        public Queue<string?> Turn(Stack<string?> words) => new(words);

        public OrdinaryShape? Grow(OrdinaryShape? shape, int factor)
            => shape is OrdinaryCircle circle ? circle with { Radius = circle.Radius * factor } : null;

        public IOrdinaryThing[] Order(List<IOrdinaryThing> things)
            => [.. things.OrderBy(thing => thing.GetType().Name, StringComparer.Ordinal)];

        public (Int128, UInt128, int[,], string?[,,]?) Wide(
            Int128 signed, UInt128 unsigned, int[,] grid, string?[,,]? cube)
            => (signed, unsigned, grid, cube);

        public long Sum(ReadOnlySequence<byte> bytes) => Sum(bytes.ToArray().AsSpan());

        public ISet<string> Unite(HashSet<string> one, SortedDictionary<string, int> other)
            => new HashSet<string>(one.Concat(other.Keys), StringComparer.Ordinal);

        public void Dispose()
        {
        }
    }

    private sealed class Child(IOrdinary? parent, int number) : IOrdinaryChild
    {
        private int _disposals;

        public int Disposals => Volatile.Read(ref _disposals);

        public IOrdinary? Parent => parent;

        public int Number() => number;

        public void Dispose() => Interlocked.Increment(ref _disposals);
    }
}
