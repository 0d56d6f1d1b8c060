using Multiprocess.CapnProto.Messages;
using Multiprocess.CapnProto.Rpc;
using Multiprocess.CapnProto.Tests.Rpc;

namespace Multiprocess.CapnProto.Tests.Contracts;

[TestFixture(Wire.Pipe)]
[TestFixture(Wire.Socket)]
public sealed class WorkshopTests(Wire wire)
{
    private Workshop _object = null!;
    private CapnpConnection _connection = null!;
    private CapnpConnection _other = null!;
    private IWorkshop _workshop = null!;

    [SetUp]
    public void Connect()
    {
        _object = new Workshop();
        (_connection, _other) = PeerFixture.Pair(root: null, CapnpContract.Serve<IWorkshop>(_object), wire: wire);
        _workshop = _connection.GetRoot<IWorkshop>();
    }

    [TearDown]
    public async Task Disconnect()
    {
        _connection.Dispose();
        _other.Dispose();
        await _connection.DisposeAsync().AsTask().WaitAsync(PeerCalls.Bound);
        await _other.DisposeAsync().AsTask().WaitAsync(PeerCalls.Bound);
        Assert.That(() => _other.State.Exports.Count + _other.State.Imports.Count, Is.Zero.After(10_000, 10));
    }

    [Test]
    public void Thread_of_a_client_has_one_thread_of_the_server()
    {
        int[] mine = [_workshop.ThreadId(), _workshop.ThreadId(), _workshop.ThreadId()];
        int other = 0;
        var thread = new Thread(() => other = _workshop.ThreadId());
        thread.Start();
        thread.Join();

        Assert.That(mine.Distinct().Count(), Is.EqualTo(1));
        Assert.That(mine, Has.None.EqualTo(other).And.None.EqualTo(Environment.CurrentManagedThreadId));
    }

    [Test]
    public void Thread_of_the_server_ends_after_the_thread_of_the_client()
    {
        Thread? there = null;
        var thread = new Thread(() => there = ThreadOf());
        thread.Start();
        thread.Join();

        Assert.That(there, Is.Not.Null);
        Assert.That(() => there!.IsAlive, Is.False.After(20_000, 20));

        Thread ThreadOf()
        {
            Thread? found = null;
            _workshop.KeepHook(value =>
            {
                found = Thread.CurrentThread;
                return value;
            });

            // A call back from a thread that serves nobody: a worker of this side.
            _ = _workshop.CallKeptFromElsewhere();
            return found!;
        }
    }

    [Test]
    public async Task Token_ends_a_synchronous_call_and_its_thread_is_left_to_it()
    {
        int before = _workshop.ThreadId();
        using var source = new CancellationTokenSource();
        Task cancel = Task.Run(async () =>
        {
            await _object.Blocked.WaitAsync(PeerCalls.Bound);
            await source.CancelAsync();
        });

        Assert.That(() => _workshop.Block(source.Token), Throws.InstanceOf<OperationCanceledException>());

        await cancel;
        Assert.That(await _object.Cancelled.WaitAsync(PeerCalls.Bound), Is.True);
        Assert.That(_workshop.ThreadId(), Is.Not.EqualTo(before));
    }

    [Test]
    public async Task Token_ends_an_asynchronous_call()
    {
        using var source = new CancellationTokenSource();
        Task call = _workshop.BlockAsync(source.Token);
        Assert.That(await _object.Blocked.WaitAsync(PeerCalls.Bound), Is.True);

        await source.CancelAsync();

        Assert.That(async () => await call.WaitAsync(PeerCalls.Bound), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(await _object.Cancelled.WaitAsync(PeerCalls.Bound), Is.True);
    }

    [Test]
    public async Task Asynchronous_calls_run_side_by_side_with_blocked_ones()
    {
        using var source = new CancellationTokenSource();
        Task[] blocked = [.. Enumerable.Range(0, 3).Select(_ => _workshop.BlockAsync(source.Token))];

        int[] sums = await Task.WhenAll(Enumerable.Range(0, 50).Select(i => _workshop.AddAsync(i, 1)))
            .WaitAsync(PeerCalls.Bound);

        Assert.That(sums, Is.EqualTo(Enumerable.Range(1, 50)));
        await source.CancelAsync();
        Assert.That(
            async () => await Task.WhenAll(blocked).WaitAsync(PeerCalls.Bound),
            Throws.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public async Task Callback_of_an_asynchronous_call_runs_on_a_thread_of_its_own()
    {
        int there = 0;

        int result = await _workshop.CallBackAsync(value =>
        {
            there = Environment.CurrentManagedThreadId;
            return value + 1;
        }).WaitAsync(PeerCalls.Bound);

        Assert.That(result, Is.EqualTo(21));
        Assert.That(there, Is.Not.Zero);
    }

    [Test]
    public void Callback_from_a_thread_that_serves_nobody_runs_on_a_thread_of_its_own()
    {
        int there = 0;
        _workshop.KeepHook(value =>
        {
            there = Environment.CurrentManagedThreadId;
            return value + 1;
        });

        Assert.That(_workshop.CallKeptFromElsewhere(), Is.EqualTo(31));
        Assert.That(there, Is.Not.Zero.And.Not.EqualTo(Environment.CurrentManagedThreadId));
    }

    [Test]
    public async Task Call_cannot_be_put_on_a_thread_that_does_not_wait()
    {
        // The server keeps what it got: the thread that waited for it, and an object to call.
        CapnpReference? thread = null;
        CapnpReference? hook = null;
        bool hasRun = false;
        var spy = new Spy(call =>
        {
            if (call.MethodId == 13)
            {
                CapnpStructReader parameters = call.Parameters.ReadStruct();
                thread = call.Capability(parameters.Pointer(0).ReadStruct().Pointer(1));
                hook = call.Capability(parameters.Pointer(1));
            }
        });
        (CapnpConnection client, CapnpConnection server) = PeerFixture.Pair(root: null, spy, wire: wire);
        await using CapnpConnection first = client;
        await using CapnpConnection second = server;
        client.GetRoot<IWorkshop>().KeepHook(value =>
        {
            hasRun = true;
            return value;
        });
        using CapnpReference keptThread = thread!;
        using CapnpReference keptHook = hook!;

        using CapnpRequest request = keptHook.Call(0x9c1d2e3f40516275, 0);
        CapnpStructBuilder context = request.Parameters.InitStruct(new CapnpStructSize(1, 1)).Pointer(0)
            .InitStruct(new CapnpStructSize(0, 2));
        request.Write(context.Pointer(0), keptThread);
        using CapnpAnswer answer = request.Send();

        Assert.That(
            async () => await answer.Completion.WaitAsync(PeerCalls.Bound),
            Throws.InstanceOf<CapnpException>().With.Message.Contains("waits for an answer"));
        Assert.That(hasRun, Is.False);
    }

    [Test]
    public void Object_is_the_same_proxy_and_comes_home_as_itself()
    {
        ITool tool = _workshop.Make("saw");

        Assert.That(tool.Use(), Is.EqualTo("used saw"));
        Assert.That(_workshop.IsOwn(tool), Is.True);
        Assert.That(_workshop.IsOwn(new Tool("mine")), Is.False);
        tool.Dispose();
        Assert.That(_object.Tools[0].Disposals, Is.EqualTo(1));
        Assert.That(() => tool.Use(), Throws.InstanceOf<ObjectDisposedException>());
        tool.Dispose();
        Assert.That(_object.Tools[0].Disposals, Is.EqualTo(1));
    }

    [Test]
    public async Task Object_is_destroyed_without_blocking()
    {
        ITool tool = _workshop.Make("file");

        await tool.DisposeAsync();

        Assert.That(_object.Tools[0].Disposals, Is.EqualTo(1));
    }

    [Test]
    public void Objects_of_a_lost_client_are_disposed()
    {
        _ = _workshop.Make("axe");

        _connection.Dispose();

        Assert.That(() => _object.Tools[0].Disposals, Is.EqualTo(1).After(10_000, 10));
    }

    [Test]
    public async Task Lost_server_ends_waiting_calls_and_its_methods_are_cancelled()
    {
        Task waiting = Task.Factory.StartNew(
            () => _workshop.Block(CancellationToken.None), TaskCreationOptions.LongRunning);
        Assert.That(await _object.Blocked.WaitAsync(PeerCalls.Bound), Is.True);

        _other.Dispose();

        Assert.That(
            async () => await waiting.WaitAsync(PeerCalls.Bound), Throws.InstanceOf<IpcDisconnectedException>());
        Assert.That(await _object.Cancelled.WaitAsync(PeerCalls.Bound), Is.True);
        Assert.That(() => _workshop.ThreadId(), Throws.InstanceOf<IpcDisconnectedException>());
    }

    [Test]
    public void Properties_pairs_and_messages_of_exceptions_cross()
    {
        _workshop.Title = "mill";

        Assert.That(_workshop.Title, Is.EqualTo("mill"));
        Assert.That(_workshop.Pair(true), Is.EqualTo((7, "seven")));
        Assert.That(_workshop.Pair(false), Is.Null);
        Assert.That(() => _workshop.Break("worn"), Throws.InstanceOf<ToolException>().With.Message.EqualTo("worn"));
    }

    [Test]
    public void Reference_without_a_contract_crosses()
    {
        Hook hook = value => value * 2;
        using CapnpReference sent = CapnpReference.Of(CapnpContract.Serve(hook));

        CapnpReference? received = _workshop.Pass(sent);

        Assert.That(_workshop.Pass(null), Is.Null);
        Assert.That(received!.As<Hook>()(21), Is.EqualTo(42));
        received!.Dispose();
    }

    [Test]
    public async Task Client_can_make_no_more_threads_than_the_limit()
    {
        (CapnpConnection client, CapnpConnection server) = PeerFixture.Pair(
            root: null, CapnpContract.Serve<IWorkshop>(_object), new CapnpConnectionOptions { MaxThreads = 2 }, wire);
        await using CapnpConnection first = client;
        await using CapnpConnection second = server;
        IWorkshop workshop = client.GetRoot<IWorkshop>();
        using var source = new CancellationTokenSource();
        Task[] blocked = [.. Enumerable.Range(0, 2).Select(_ => workshop.BlockAsync(source.Token))];

        Assert.That(
            () => workshop.ThreadId(),
            Throws.InstanceOf<CapnpException>().With.Property("Type").EqualTo(CapnpExceptionType.Overloaded));

        await source.CancelAsync();
        Assert.That(
            async () => await Task.WhenAll(blocked).WaitAsync(PeerCalls.Bound),
            Throws.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public async Task Pool_runs_calls_that_name_no_thread()
    {
        using CapnpReference root = _connection.Bootstrap();
        using CapnpRequest construct = root.Call(0x9c1d2e3f40516273, 0);
        construct.Parameters.InitStruct(new CapnpStructSize(0, 1));
        using CapnpAnswer constructed = construct.Send();
        using CapnpReference map = constructed.Pipeline(0);
        using CapnpRequest makePool = map.Call(0xee5e37179ad9dc9d, 1);
        makePool.Parameters.InitStruct(new CapnpStructSize(1, 0)).WriteUInt32(0, 1);
        using CapnpAnswer made = makePool.Send();
        await made.Completion.WaitAsync(PeerCalls.Bound);
        var ids = new HashSet<int>();
        for (int i = 0; i < 5; i++)
        {
            using CapnpRequest request = root.Call(0x9c1d2e3f40516273, 8);
            request.Parameters.InitStruct(new CapnpStructSize(0, 1));
            using CapnpAnswer answer = request.Send();
            await answer.Completion.WaitAsync(PeerCalls.Bound);
            ids.Add(answer.Results.ReadStruct().ReadInt32(0));
        }

        Assert.That(ids, Has.Count.EqualTo(1));
    }

    [TestCase(65_536, "")]
    [TestCase(65_537, "elements without content")]
    public async Task List_of_elements_without_content_is_limited(int count, string refusal)
    {
        (CapnpConnection client, CapnpConnection server) = PeerFixture.Pair(
            root: null, CapnpContract.Serve<IEmpties>(new Empties()), wire: wire);
        await using CapnpConnection first = client;
        await using CapnpConnection second = server;
        using CapnpReference root = client.Bootstrap();
        using CapnpRequest request = root.Call(0x9c1d2e3f40516276, 0);
        request.Parameters.InitStruct(new CapnpStructSize(0, 1)).Pointer(0).InitStructList(default, count);

        using CapnpAnswer answer = request.Send();
        Exception? thrown = null;
        try
        {
            await answer.Completion.WaitAsync(PeerCalls.Bound);
        }
        catch (CapnpException exception)
        {
            thrown = exception;
        }

        Assert.That(thrown?.Message ?? "", refusal.Length == 0 ? Is.Empty : Does.Contain(refusal));
    }

    [CapnpInterface(0x9c1d2e3f40516276)]
    public interface IEmpties
    {
        int Count(FooEmpty[] empties);
    }

    private sealed class Empties : IEmpties
    {
        public int Count(FooEmpty[] empties) => empties.Length;
    }

    private sealed class Spy(Action<CapnpCall> look) : ICapnpObject
    {
        public ValueTask CallAsync(CapnpCall call)
        {
            look(call);
            return ValueTask.CompletedTask;
        }
    }
}
