using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Multiprocess.Tests.Support;

namespace Multiprocess.Tests.Threads;

/// <summary>
/// Threads with a synchronization context: calling from them, and having callbacks delivered to them.
/// </summary>
public sealed class ContextTests(IpcTestTransport transport) : PairFixture(transport)
{
    [Test]
    public void A_call_from_a_thread_with_a_context_is_made_by_default()
    {
        var log = new TestLog();
        IStage root = Serve<IStage>(new Stage(), client: new IpcConnectionOptions { LoggerFactory = log }).Root;

        int answer = RunWithContext(() => root.CallBack(1, x => root.Call(x + 1)));

        Assert.That(answer, Is.EqualTo(2));
        Assert.That(log.Entries.Where(entry => entry.Level >= LogLevel.Warning), Is.Empty);
    }

    [Test]
    public void A_call_from_a_thread_with_a_context_warns_when_asked()
    {
        var log = new TestLog(LogLevel.Warning);
        IStage root = Serve<IStage>(
            new Stage(),
            client: new IpcConnectionOptions { LoggerFactory = log, BlockingCalls = IpcBlockingPolicy.Warn }).Root;

        int without = TestThread.Run(() => root.Call(1));
        int before = log.Entries.Count;
        int with = RunWithContext(() => root.Call(2));

        Assert.That((without, before, with), Is.EqualTo((1, 0, 2)));
        LogEntry entry = log.Entries.Single();
        Assert.That(entry.Id, Is.EqualTo(17));
        Assert.That(entry.Text, Does.Contain("IStage.Call").And.Contain(nameof(QueueContext)));
    }

    [Test]
    public void A_call_from_a_thread_with_a_context_throws_when_asked_and_sends_nothing()
    {
        int calls = 0;
        IStage root = Serve<IStage>(
            new Stage { OnCall = x => ++calls },
            client: new IpcConnectionOptions { BlockingCalls = IpcBlockingPolicy.Throw }).Root;

        Assert.That(
            () => RunWithContext(() => root.Call(1)),
            Throws.InvalidOperationException.With.Message.Contains("IStage.Call"));
        Assert.That(calls, Is.Zero);
        Assert.That(TestThread.Run(() => root.Call(1)), Is.EqualTo(1));
    }

    [Test]
    public void Calls_that_hold_nobody_up_are_allowed_on_a_thread_with_a_context()
    {
        var posted = new Signal();
        IStage root = Serve<IStage>(
            new Stage { OnPost = _ => posted.Set() },
            client: new IpcConnectionOptions { BlockingCalls = IpcBlockingPolicy.Throw }).Root;

        Task<int> answer = RunWithContext(() =>
        {
            root.Post(1);
            return root.CallAsync(5);
        });

        posted.Await();
        Assert.That(async () => await answer.WaitAsync(Patience.Bound), Is.EqualTo(5));
    }

    [Test]
    public void The_base_class_of_contexts_counts_as_none()
    {
        IStage root = Serve<IStage>(
            new Stage(), client: new IpcConnectionOptions { BlockingCalls = IpcBlockingPolicy.Throw }).Root;

        int answer = TestThread.Run(() =>
        {
            SynchronizationContext.SetSynchronizationContext(new SynchronizationContext());
            return root.Call(3);
        });

        Assert.That(answer, Is.EqualTo(3));
    }

    [Test]
    public void An_awaited_call_goes_on_in_the_callers_context()
    {
        IStage root = Serve<IStage>(new Stage()).Root;
        using var context = new QueueContext();
        int before = 0;
        int after = 0;

        context.Send(
            _ =>
            {
                before = Environment.CurrentManagedThreadId;
                context.Watch(CallAndNote());
            },
            null);
        context.AwaitWatched();

        Assert.That(after, Is.EqualTo(before).And.Not.Zero);

        async Task CallAndNote()
        {
            await root.CallAsync(1);
            after = Environment.CurrentManagedThreadId;
        }
    }

    [Test]
    public void Callbacks_outside_of_any_call_run_in_the_context_of_the_options_in_order()
    {
        using var context = new QueueContext();
        var threads = new List<int>();
        var heard = new List<int>();
        var stage = new Stage();
        IStage root = Serve<IStage>(stage, client: new IpcConnectionOptions { CallbackContext = context }).Root;
        root.Keep(x =>
        {
            threads.Add(Environment.CurrentManagedThreadId);
            heard.Add(x);
            return x;
        });

        TestThread.Run(() =>
        {
            for (int i = 0; i < 5; i++)
            {
                stage.Kept!(i);
            }
        });
        int own = root.CallBack(9, _ => Environment.CurrentManagedThreadId);

        Assert.That(heard, Is.EqualTo(new[] { 0, 1, 2, 3, 4 }));
        Assert.That(threads, Is.All.EqualTo(context.ThreadId));
        Assert.That(
            own, Is.EqualTo(Environment.CurrentManagedThreadId), "Inside a call it runs on the thread that waits.");
    }

    [Test]
    public void A_callback_in_the_context_may_call_back()
    {
        using var context = new QueueContext();
        var stage = new Stage();
        IStage root = Serve<IStage>(stage, client: new IpcConnectionOptions { CallbackContext = context }).Root;
        var threads = new List<int>();
        int Descend(int x)
        {
            threads.Add(Environment.CurrentManagedThreadId);
            return x < 5 ? root.CallBack(x + 1, Descend) : x;
        }

        root.Keep(Descend);

        int deepest = TestThread.Run(() => stage.Kept!(0));

        Assert.That(deepest, Is.EqualTo(5));
        Assert.That(threads, Is.All.EqualTo(context.ThreadId));
    }

    [Test]
    public void Asynchronous_callbacks_begin_in_the_context_of_the_options()
    {
        using var context = new QueueContext();
        int began = 0;
        int wentOn = 0;
        var client = new AsyncListener(async x =>
        {
            began = Environment.CurrentManagedThreadId;
            await Task.Yield();
            wentOn = Environment.CurrentManagedThreadId;
            return x;
        });
        var server = new AsyncKeeper();
        IAsyncKeeper root = Serve<IAsyncKeeper>(
            server, client: new IpcConnectionOptions { CallbackContext = context }).Root;
        root.Keep(client);

        Assert.That(async () => await server.Kept!.AskAsync(3).WaitAsync(Patience.Bound), Is.EqualTo(3));
        Assert.That((began, wentOn), Is.EqualTo((context.ThreadId, context.ThreadId)));
    }

    [Test]
    public void Callbacks_run_by_the_scheduler_of_the_options()
    {
        using var context = new QueueContext();
        TaskScheduler scheduler = null!;
        context.Send(_ => scheduler = TaskScheduler.FromCurrentSynchronizationContext(), null);
        var stage = new Stage();
        var server = new AsyncKeeper();
        IStage root = Serve<IStage>(stage, client: new IpcConnectionOptions { CallbackScheduler = scheduler }).Root;
        IAsyncKeeper keeper = Serve<IAsyncKeeper>(
            server, client: new IpcConnectionOptions { CallbackScheduler = scheduler }).Root;
        root.Keep(_ => Environment.CurrentManagedThreadId);
        keeper.Keep(new AsyncListener(_ => Task.FromResult(Environment.CurrentManagedThreadId)));

        Assert.That(TestThread.Run(() => stage.Kept!(0)), Is.EqualTo(context.ThreadId));
        Assert.That(async () => await server.Kept!.AskAsync(0).WaitAsync(Patience.Bound), Is.EqualTo(context.ThreadId));
    }

    [Test]
    public void A_context_that_takes_no_more_is_an_answer_and_no_end()
    {
        var stage = new Stage();
        var server = new AsyncKeeper();
        IStage root = Serve<IStage>(
            stage, client: new IpcConnectionOptions { CallbackContext = new ClosedContext() }).Root;
        IAsyncKeeper keeper = Serve<IAsyncKeeper>(
            server, client: new IpcConnectionOptions { CallbackContext = new ClosedContext() }).Root;
        root.Keep(x => x);
        keeper.Keep(new AsyncListener(Task.FromResult));

        Assert.That(
            () => TestThread.Run(() => stage.Kept!(1)),
            Throws.TypeOf<IpcDisconnectedException>().With.Message.Contains("closed window"));
        Assert.That(
            async () => await server.Kept!.AskAsync(1).WaitAsync(Patience.Bound),
            Throws.TypeOf<IpcDisconnectedException>());
        Assert.That(root.Call(4), Is.EqualTo(4));
    }

    private static T RunWithContext<T>(Func<T> act)
    {
        using var context = new QueueContext();
        return TestThread.Run(() =>
        {
            SynchronizationContext.SetSynchronizationContext(context);
            return act();
        });
    }

    /// <summary>One thread that runs what is sent and posted, as a user interface's does.</summary>
    private sealed class QueueContext : SynchronizationContext, IDisposable
    {
        private readonly BlockingCollection<Action> _queue = [];
        private readonly TestThread<bool> _thread;
        private readonly Signal _started = new();
        private Task? _watched;

        public QueueContext()
        {
            _thread = TestThread.Start(
                () =>
                {
                    SetSynchronizationContext(this);
                    ThreadId = Environment.CurrentManagedThreadId;
                    _started.Set();
                    foreach (Action act in _queue.GetConsumingEnumerable())
                    {
                        act();
                    }
                },
                "context");
            _started.Await();
        }

        public int ThreadId { get; private set; }

        public override void Post(SendOrPostCallback d, object? state) => _queue.Add(() => d(state));

        public override void Send(SendOrPostCallback d, object? state)
        {
            if (Environment.CurrentManagedThreadId == ThreadId)
            {
                d(state);
                return;
            }

            var done = new Signal();
            _queue.Add(() =>
            {
                d(state);
                done.Set();
            });
            done.Await();
        }

        public void Watch(Task task) => _watched = task;

        public void AwaitWatched() => Assert.That(_watched!.Wait(Patience.Bound), Is.True);

        public void Dispose()
        {
            _queue.CompleteAdding();
            _thread.Join();
            _queue.Dispose();
        }
    }

    private sealed class ClosedContext : SynchronizationContext
    {
        public override void Post(SendOrPostCallback d, object? state)
            => throw new ObjectDisposedException("closed window");

        public override void Send(SendOrPostCallback d, object? state)
            => throw new ObjectDisposedException("closed window");
    }

    private sealed class AsyncListener(Func<int, Task<int>> ask) : IAsyncListener
    {
        public Task<int> AskAsync(int x) => ask(x);
    }

    private sealed class AsyncKeeper : IAsyncKeeper
    {
        public IAsyncListener? Kept { get; private set; }

        public void Keep(IAsyncListener listener) => Kept = listener;
    }
}

/// <summary>What is asked without waiting.</summary>
[IpcInterface]
public interface IAsyncListener
{
    Task<int> AskAsync(int x);
}

/// <summary>Keeps a listener.</summary>
[IpcInterface]
public interface IAsyncKeeper
{
    void Keep(IAsyncListener listener);
}
