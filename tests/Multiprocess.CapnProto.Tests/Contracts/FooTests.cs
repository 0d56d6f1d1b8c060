using Multiprocess.CapnProto.Rpc;
using Multiprocess.CapnProto.Tests.Rpc;

namespace Multiprocess.CapnProto.Tests.Contracts;

/// <summary>
/// Contracts by libmultiprocess's conventions, called by generated proxies. If the variable LIBMULTIPROCESS_FOO names a
/// socket, the same tests also call the server there, which serves libmultiprocess's own implementation.
/// </summary>
[TestFixtureSource(nameof(Sockets))]
public sealed class FooTests(string socket)
{
    private CapnpConnection _connection = null!;
    private CapnpConnection? _other;
    private IFoo _foo = null!;

    private static IEnumerable<string> Sockets
        => Environment.GetEnvironmentVariable("LIBMULTIPROCESS_FOO") is { Length: > 0 } there
            ? [nameof(Wire.Pipe), nameof(Wire.Socket), there]
            : [nameof(Wire.Pipe), nameof(Wire.Socket)];

    [SetUp]
    public void Connect()
    {
        if (Enum.TryParse(socket, out Wire wire))
        {
            (_connection, _other) = PeerFixture.Pair(root: null, CapnpContract.Serve<IFoo>(new Foo()), wire: wire);
        }
        else
        {
            _connection = CapnpConnection.Connect("unix:" + socket);
        }

        _foo = _connection.GetRoot<IFoo>();
        _foo.InitThreadMap();
    }

    [TearDown]
    public async Task Disconnect()
    {
        _connection.Dispose();
        await _connection.DisposeAsync().AsTask().WaitAsync(PeerCalls.Bound);
        if (_other is not null)
        {
            await _other.DisposeAsync().AsTask().WaitAsync(PeerCalls.Bound);
        }
    }

    [Test]
    public void Numbers_cross_in_parameters_and_results()
    {
        int sum = 5;

        _foo.AddOut(3, 4, out int ret);
        _foo.AddInOut(7, ref sum);

        Assert.That(_foo.Add(1, 2), Is.EqualTo(3));
        Assert.That(ret, Is.EqualTo(7));
        Assert.That(sum, Is.EqualTo(12));
        Assert.That(_foo.PassDouble(1.5), Is.EqualTo(1.5));
        Assert.That(_foo.PassEnum(FooEnum.Two), Is.EqualTo(FooEnum.Two));
    }

    [TestCase(null)]
    [TestCase(3)]
    public void Struct_crosses_with_all_its_fields(int? optional)
    {
        FooStruct sent = Struct(optional);

        FooStruct received = _foo.Pass(sent);

        Assert.That(received.Name, Is.EqualTo(sent.Name));
        Assert.That(received.SetInt, Is.EqualTo(sent.SetInt));
        Assert.That(received.VectorBool, Is.EqualTo(sent.VectorBool));
        Assert.That(received.OptionalInt, Is.EqualTo(optional));
        Assert.That(received.UnorderedSetInt, Is.EquivalentTo(sent.UnorderedSetInt));
        Assert.That(received.MapStringInt, Is.EquivalentTo(sent.MapStringInt));
    }

    [Test]
    public void Declared_exception_is_caught_as_itself()
    {
        FooException caught = Assert.Throws<FooException>(() => _foo.Raise(Struct(7)))!;

        Assert.That(caught.Name, Is.EqualTo("name"));
        Assert.That(caught.OptionalInt, Is.EqualTo(7));
        Assert.That(caught.SetInt, Is.EqualTo(new[] { 1, 2 }));
    }

    [Test]
    public void Other_values_cross()
    {
        Assert.That(_foo.MapSize(new() { ["a"] = "b", ["c"] = "d" }), Is.EqualTo(2));
        Assert.That(_foo.PassCustom(new("v1", 5)), Is.EqualTo(new FooCustom("v1", 5)));
        Assert.That(_foo.PassEmpty(new()), Is.EqualTo(new FooEmpty()));
        Assert.That(_foo.PassData([1, 2, 0]), Is.EqualTo(new byte[] { 1, 2, 0 }));
        Assert.That(_foo.PassMessage(new("init")).Message, Is.EqualTo("init read call build"));
        FooMessage mutable = new("init");
        _foo.PassMutable(ref mutable);
        Assert.That(mutable.Message, Is.EqualTo("init pass call return"));
        List<byte[]?> pointers = _foo.PassDataPointers([[1, 2], null, [3]]);
        Assert.That(pointers, Has.Count.EqualTo(3));
        Assert.That(pointers[0], Is.EqualTo(new byte[] { 1, 2 }));
        Assert.That(pointers[1] ?? [], Is.Empty);
        Assert.That(pointers[2], Is.EqualTo(new byte[] { 3 }));
    }

    [Test]
    public void Callback_runs_on_the_thread_that_waits()
    {
        var callback = new Recording();
        int here = Environment.CurrentManagedThreadId;
        int fn = 0;

        int result = _foo.Callback(callback, 1);
        int shared = _foo.CallbackShared(callback, 2);
        int unique = _foo.CallbackUnique(callback, 3);
        int passed = _foo.PassFn(() =>
        {
            fn = Environment.CurrentManagedThreadId;
            return 10;
        });

        Assert.That(new[] { result, shared, unique, passed }, Is.EqualTo(new[] { 101, 102, 103, 10 }));
        Assert.That(callback.Threads, Is.EqualTo(new[] { here, here, here }));
        Assert.That(fn, Is.EqualTo(here));

        // libmultiprocess destroys each.
        Assert.That(() => callback.Disposals, Is.EqualTo(_other is not null ? 1 : 3).After(10_000, 10));
    }

    [Test]
    public void Callback_of_a_derived_interface_has_both_methods()
    {
        var callback = new Extended();

        Assert.That(_foo.CallbackExtended(callback, 1), Is.EqualTo(201));
        Assert.That(_foo.Callback(callback, 1), Is.EqualTo(101));
    }

    [Test]
    public void Saved_callback_is_called_later_and_released()
    {
        var callback = new Recording();
        _foo.SaveCallback(callback);

        int first = _foo.CallbackSaved(4);
        int second = _foo.CallbackSaved(5);
        _foo.SaveCallback(new Recording());

        Assert.That(new[] { first, second }, Is.EqualTo(new[] { 104, 105 }));
        Assert.That(callback.Threads, Has.All.EqualTo(Environment.CurrentManagedThreadId));
        Assert.That(callback.Disposed.WaitOne(PeerCalls.Bound), Is.True);
    }

    [Test]
    public void Exception_of_a_callback_passes_through()
    {
        Assert.That(
            () => _foo.PassFn(() => throw new InvalidOperationException("my reason")),
            Throws.InstanceOf<CapnpException>().With.Message.Contains("my reason"));
        Assert.That(_foo.Add(1, 1), Is.EqualTo(2));
    }

    [Test]
    public void Callbacks_nest_on_the_same_two_threads()
    {
        var threads = new HashSet<int>();
        int Down(int depth)
        {
            threads.Add(Environment.CurrentManagedThreadId);
            return depth == 0 ? 0 : 1 + _foo.PassFn(() => Down(depth - 1));
        }

        int depth = Down(10);

        Assert.That(depth, Is.EqualTo(10));
        Assert.That(threads, Is.EqualTo(new[] { Environment.CurrentManagedThreadId }));
    }

    [Test]
    public void Threads_call_side_by_side()
    {
        using var barrier = new Barrier(8);
        int[] results = new int[8];
        Thread[] threads =
        [
            .. Enumerable.Range(0, 8).Select(i => new Thread(() =>
            {
                for (int round = 0; round < 20; round++)
                {
                    int here = Environment.CurrentManagedThreadId;
                    results[i] += _foo.PassFn(() =>
                    {
                        // All eight wait in a call at the same time.
                        Assert.That(barrier.SignalAndWait(PeerCalls.Bound), Is.True);
                        return here == Environment.CurrentManagedThreadId ? 1 : 1000;
                    });
                }
            })),
        ];
        Array.ForEach(threads, thread => thread.Start());

        Assert.That(threads.All(thread => thread.Join(PeerCalls.Bound)), Is.True);
        Assert.That(results, Is.All.EqualTo(20));
    }

    [Test]
    public void Methods_without_a_context_can_be_called()
    {
        _foo.CallFn();
        _foo.CallFnAsync();

        Assert.That(_foo.CallIntFnAsync(21), Is.EqualTo(42));
    }

    private static FooStruct Struct(int? optional) => new()
    {
        Name = "name",
        SetInt = [1, 2],
        VectorBool = [false, true, false],
        OptionalInt = optional,
        UnorderedSetInt = [1, 2, 3],
        MapStringInt = new() { ["a"] = 1, ["b"] = 2 },
    };

    private class Recording : IFooCallback
    {
        public List<int> Threads { get; } = [];

        public ManualResetEvent Disposed { get; } = new(false);

        public int Disposals { get; private set; }

        public int Call(int arg)
        {
            Threads.Add(Environment.CurrentManagedThreadId);
            return 100 + arg;
        }

        public void Dispose()
        {
            Disposals++;
            Disposed.Set();
        }
    }

    private sealed class Extended : Recording, IExtendedCallback
    {
        public int CallExtended(int arg) => 200 + arg;
    }
}
