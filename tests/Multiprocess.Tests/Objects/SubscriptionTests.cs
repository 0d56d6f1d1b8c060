using Microsoft.Extensions.Logging;
using Multiprocess.Tests.Support;

namespace Multiprocess.Tests.Objects;

/// <summary>Handlers that another process has added to an event.</summary>
public sealed class SubscriptionTests(IpcTestTransport transport) : PairFixture(transport)
{
    private Bell _bell = null!;

    [SetUp]
    public void MakeBell() => _bell = new Bell();

    [Test]
    public void Handlers_leave_their_events_with_their_connection()
    {
        IpcTestPair<IBell> pair = Serve<IBell>(_bell);
        pair.Root.Rung += _ => { };
        pair.Root.Rung += _ => { };
        pair.Root.Called += _ => { };
        pair.Root.Warned += (_, _) => { };
        _bell.Rung += _ => { };
        Assert.That(_bell.Handlers, Is.EqualTo(5));

        pair.Client.Dispose();

        Patience.Until(() => _bell.Handlers == 1, "only the server's own handler is left");
    }

    [Test]
    public void Handlers_leave_their_events_when_the_connection_is_lost()
    {
        IpcTestPair<IBell> pair = Serve<IBell>(_bell);
        pair.Root.Rung += _ => { };

        pair.Faults.ClientToServer.CutAfterBytes(0);

        Patience.Until(() => _bell.Handlers == 0, "no handler is left");
    }

    [Test]
    public void Handlers_of_other_connections_stay()
    {
        int heard = 0;
        IpcTestPair<IBell> one = Serve<IBell>(_bell);
        IpcTestPair<IBell> other = Serve<IBell>(_bell);
        one.Root.Rung += _ => heard += 100;
        other.Root.Rung += x => heard += x;

        one.Client.Dispose();
        Patience.Until(() => _bell.Handlers == 1, "the first one's handler has gone");
        _bell.Ring(5);

        Assert.That(heard, Is.EqualTo(5));
    }

    [Test]
    public void A_handler_that_was_removed_is_not_removed_again()
    {
        IpcTestPair<IBell> pair = Serve<IBell>(_bell);
        Action<int> handler = _ => { };
        pair.Root.Rung += handler;
        pair.Root.Rung += handler;
        pair.Root.Rung -= handler;
        _bell.Removals = 0;

        pair.Client.Dispose();

        Patience.Until(() => _bell.Handlers == 0, "no handler is left");
        Assert.That(_bell.Removals, Is.EqualTo(1));
    }

    [Test]
    public void A_remover_that_throws_is_logged_and_keeps_no_other_handler_in()
    {
        var log = new TestLog(LogLevel.Warning);
        IpcTestPair<IBell> pair = Serve<IBell>(_bell, server: new IpcConnectionOptions { LoggerFactory = log });
        pair.Root.Called += _ => { };
        pair.Root.Rung += _ => { };
        _bell.OnRemove = name =>
        {
            if (name == "Called")
            {
                throw new FormatException("no way out");
            }
        };

        pair.Client.Dispose();

        Patience.Until(() => _bell.Handlers == 1, "the other handler has gone");
        Patience.Until(
            () => log.Entries.Any(
                entry => entry.Text.Contains("Called", StringComparison.Ordinal) && entry.Exception is FormatException),
            "the failure is logged");
    }

    [Test]
    public void A_handler_that_is_added_while_its_connection_goes_does_not_stay()
    {
        var entered = new Signal();
        var leave = new Signal();
        _bell.OnAdd = () =>
        {
            entered.Set();
            leave.Await();
        };
        IpcTestPair<IBell> pair = Serve<IBell>(_bell);
        TestThread<bool> adding = TestThread.Start(() => pair.Root.Rung += _ => { });
        entered.Await();

        pair.Client.Dispose();
        Assert.That(adding.Join, Throws.InstanceOf<IpcDisconnectedException>());
        Assert.That(pair.Server.Closed.WaitHandle.WaitOne(Patience.Bound), Is.True);
        leave.Set();

        Patience.Until(() => _bell.Adds == 1 && _bell.Handlers == 0, "the handler has gone");
    }

    [Test]
    public void A_source_that_nobody_uses_is_not_kept_by_its_handlers()
    {
        IpcTestPair<IBellTower> pair = Serve<IBellTower>(new BellTower());
        WeakReference source = HangAndForget(pair.Root);

        Patience.UntilCollected(() => !source.IsAlive && pair.LiveObjects == 0, "the source and its handler have gone");
    }

    [Test]
    public void What_a_handler_throws_reaches_the_raiser_and_later_handlers_do_not_run_as_in_one_process()
    {
        int heard = 0;
        IpcTestPair<IBell> pair = Serve<IBell>(_bell);
        pair.Root.Rung += _ => throw new FormatException("too loud");
        _bell.Rung += _ => heard++;

        Assert.That(() => _bell.Ring(1), Throws.TypeOf<FormatException>().With.Message.EqualTo("too loud"));
        Assert.That(heard, Is.Zero);
    }

    [Test]
    public void One_way_events_arrive_in_order()
    {
        const int Count = 500;
        var heard = new List<int>();
        IpcTestPair<IBell> pair = Serve<IBell>(_bell);
        pair.Root.Called += x =>
        {
            lock (heard)
            {
                heard.Add(x);
            }
        };

        TestThread.Run(() =>
        {
            for (int i = 0; i < Count; i++)
            {
                _bell.Call(i);
            }
        });

        Patience.Until(() => Count <= Locked(heard), "all were heard");
        Assert.That(heard, Is.EqualTo(Enumerable.Range(0, Count)));
    }

    [Test]
    public void A_one_way_event_that_nobody_takes_is_bounded_and_logged_and_does_not_throw_into_the_raiser()
    {
        var log = new TestLog(LogLevel.Warning);
        IpcTestPair<IBell> pair = Serve<IBell>(
            _bell,
            server: new IpcConnectionOptions
            {
                LoggerFactory = log,
                Limits = new IpcLimits { MaxWaitingBytes = 64 * 1024 }
            });
        pair.Root.Called += _ => { };
        pair.Faults.ServerToClient.Stall();

        TestThread.Run(() =>
        {
            // Some 20 bytes each, of which at most 64 KiB may wait besides what the transport holds.
            for (int i = 0; i < 100_000 && log.Entries.Count == 0; i++)
            {
                _bell.Call(i);
            }
        });

        Assert.That(log.Entries, Is.Not.Empty);
        Assert.That(log.Entries[0].Id, Is.EqualTo(18));
        Assert.That(log.Entries[0].Text, Does.Contain("did not reach the handler"));
        pair.Faults.ServerToClient.Resume();
    }

    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
    private static WeakReference HangAndForget(IBellTower tower)
    {
        IBell bell = tower.Hang();
        bell.Rung += _ => { };
        return BellTower.LastHung();
    }

    private static int Locked(List<int> list)
    {
        lock (list)
        {
            return list.Count;
        }
    }

    private sealed class BellTower : IBellTower
    {
        private static WeakReference s_last = new(null);

        public static WeakReference LastHung() => s_last;

        public IBell Hang()
        {
            var bell = new Bell();
            s_last = new WeakReference(bell);
            return bell;
        }
    }

    private sealed class Bell : IBell
    {
        private readonly Lock _lock = new();
        private Action<int>? _rung;
        private Action<int>? _called;
        private EventHandler<int>? _warned;

        public event Action<int>? Rung
        {
            add => Add(() => _rung += value);
            remove => Remove("Rung", () => _rung -= value);
        }

        public event Action<int>? Called
        {
            add => Add(() => _called += value);
            remove => Remove("Called", () => _called -= value);
        }

        public event EventHandler<int>? Warned
        {
            add => Add(() => _warned += value);
            remove => Remove("Warned", () => _warned -= value);
        }

        public Action OnAdd { get; set; } = () => { };

        public Action<string> OnRemove { get; set; } = _ => { };

        public int Adds { get; private set; }

        public int Removals { get; set; }

        public int Handlers
        {
            get
            {
                lock (_lock)
                {
                    return Count(_rung) + Count(_called) + Count(_warned);
                }
            }
        }

        public void Ring(int x) => _rung?.Invoke(x);

        public void Call(int x) => _called?.Invoke(x);

        private static int Count(Delegate? handlers) => handlers?.GetInvocationList().Length ?? 0;

        private void Add(Action add)
        {
            OnAdd();
            lock (_lock)
            {
                add();
                Adds++;
            }
        }

        private void Remove(string name, Action remove)
        {
            OnRemove(name);
            lock (_lock)
            {
                remove();
                Removals++;
            }
        }
    }
}

/// <summary>A source of events.</summary>
[IpcInterface]
public interface IBell
{
    event Action<int>? Rung;

    [IpcOneWay]
    event Action<int>? Called;

    event EventHandler<int>? Warned;
}

/// <summary>Makes sources of events.</summary>
[IpcInterface]
public interface IBellTower
{
    IBell Hang();
}
