using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Multiprocess.Connections;
using Multiprocess.Messages;
using Multiprocess.Native;
using Multiprocess.Protocols;
using Multiprocess.Serialization.Codecs;
using Multiprocess.Tests.Objects;
using Multiprocess.Tests.Support;
using Multiprocess.Tests.Transports;
using Multiprocess.Transports;

namespace Multiprocess.Tests.Connections;

/// <summary>Listening and connecting at a real socket: who is served, when, and what is left afterwards.</summary>
[Platform("Linux")]
[CancelAfter(60_000)]
public sealed class ServerTests
{
    private SocketDirectory _directory = null!;

    private IpcAddress Address => IpcAddress.Unix(_directory["s.sock"]);

    [SetUp]
    public void MakeDirectory() => _directory = new SocketDirectory();

    [TearDown]
    public void RemoveDirectory() => _directory.Dispose();

    [Test]
    public void A_server_serves_each_client_a_root_of_its_own()
    {
        int made = 0;
        using IpcServer server = IpcServer.Listen<IStage>(Address, _ => Numbered(Interlocked.Increment(ref made)));

        using IpcConnection<IStage> first = IpcConnection.Connect<IStage>(Address);
        using IpcConnection<IStage> second = IpcConnection.Connect<IStage>(Address);

        Assert.That(new[] { first.Root.Call(0), second.Root.Call(0) }, Is.EquivalentTo(new[] { 1, 2 }));
        Assert.That(first.Peer.ProcessId, Is.EqualTo(Environment.ProcessId));
        Assert.That(server.Connections, Has.Count.EqualTo(2));
    }

    [Test]
    public async Task A_client_connects_without_holding_a_thread()
    {
        using IpcServer server = IpcServer.Listen<IStage>(Address, _ => new Stage());

        await using IpcConnection<IStage> client = await IpcConnection.ConnectAsync<IStage>(Address);

        Assert.That(client.Root.Call(4), Is.EqualTo(4));
    }

    [TestCase(1)]
    [TestCase(2)]
    public void At_the_limit_the_next_client_is_served_when_one_has_left(int limit)
    {
        using IpcServer server = IpcServer.Listen<IStage>(
            Address, _ => new Stage(), new IpcServerOptions { MaxConnections = limit });
        List<IpcConnection<IStage>> within =
            [
                .. Enumerable.Range(0, limit).Select(_ => IpcConnection.Connect<IStage>(Address)),
            ];
        TestThread<int> beyond = TestThread.Start(() =>
        {
            using IpcConnection<IStage> late = IpcConnection.Connect<IStage>(
                Address, new IpcConnectionOptions { ConnectTimeout = TimeSpan.FromMinutes(1) });
            return late.Root.Call(7);
        });
        Assert.That(within.Select(client => client.Root.Call(1)), Is.All.EqualTo(1));
        Assert.That(beyond.HasEnded, Is.False);

        within[0].Dispose();

        Assert.That(beyond.Join(), Is.EqualTo(7));
        within.ForEach(client => client.Dispose());
    }

    [Test]
    public void A_client_that_leaves_before_it_says_anything_harms_nobody()
    {
        var log = new TestLog();
        using IpcServer server = IpcServer.Listen<IStage>(
            Address, _ => new Stage(), new IpcServerOptions { LoggerFactory = log });
        using (var stranger = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            stranger.Connect(new UnixDomainSocketEndPoint(_directory["s.sock"]));
        }

        using IpcConnection<IStage> client = IpcConnection.Connect<IStage>(Address);

        Assert.That(client.Root.Call(1), Is.EqualTo(1));
        Assert.That(log.Entries.Where(entry => entry.Level >= LogLevel.Warning), Is.Empty);
    }

    [Test]
    public void A_clients_call_waits_while_the_root_is_made()
    {
        var making = new Signal();
        var go = new Signal();
        using IpcServer server = IpcServer.Listen<IStage>(Address, _ =>
        {
            making.Set();
            go.Await();
            return new Stage();
        });
        TestThread<int> caller = TestThread.Start(() =>
        {
            using IpcConnection<IStage> client = IpcConnection.Connect<IStage>(Address);
            return client.Root.Call(3);
        });
        making.Await();
        Assert.That(caller.HasEnded, Is.False);

        go.Set();

        Assert.That(caller.Join(), Is.EqualTo(3));
    }

    [Test]
    public void A_root_that_cannot_be_made_is_told_to_the_client_and_the_next_one_is_served()
    {
        bool first = true;
        using IpcServer server = IpcServer.Listen<IStage>(Address, _ =>
        {
            bool fails = first;
            first = false;
            return fails ? throw new InvalidOperationException("no root today") : new Stage();
        });

        using IpcConnection<IStage> refused = IpcConnection.Connect<IStage>(Address);
        IpcDisconnectedException? caught = Assert.Throws<IpcDisconnectedException>(() => refused.Root.Call(1));

        Assert.That(caught!.Message, Does.Contain("no root today"));
        using IpcConnection<IStage> next = IpcConnection.Connect<IStage>(Address);
        Assert.That(next.Root.Call(2), Is.EqualTo(2));
    }

    [Test]
    public void Another_contract_than_the_servers_is_refused_and_both_are_named()
    {
        using IpcServer server = IpcServer.Listen<IStage>(Address, _ => new Stage());

        IpcException? caught = Assert.Throws<IpcException>(() => IpcConnection.Connect<IListener>(Address));

        Assert.That(caught!.Kind, Is.EqualTo(IpcErrorKind.Refused));
        Assert.That(caught.Message, Does.Contain(nameof(IStage)).And.Contain(nameof(IListener)));
    }

    [Test]
    public void Nobody_there_is_said_with_the_path()
    {
        IpcDisconnectedException? caught = Assert.Throws<IpcDisconnectedException>(
            () => IpcConnection.Connect<IStage>(Address));

        Assert.That(caught!.Message, Does.Contain(_directory["s.sock"]));
    }

    [TestCase("")]
    [TestCase("unix:")]
    [TestCase("auto")]
    [TestCase("tcp:localhost:1")]
    [TestCase("systemd")]
    public void An_address_that_cannot_be_listened_on_says_why(string address)
    {
        IpcException? caught = Assert.Throws<IpcException>(() => IpcServer.Listen<IStage>(address, _ => new Stage()));

        Assert.That(caught!.Kind, Is.EqualTo(IpcErrorKind.AddressUnavailable));
    }

    [TestCase("")]
    [TestCase("0")]
    public void Trying_to_connect_to_no_address_gives_nothing(string address)
        => Assert.That(IpcConnection.TryConnect<IStage>(address), Is.Null);

    [Test]
    public void Auto_connects_where_somebody_serves_and_gives_nothing_otherwise()
    {
        IpcAddress auto = IpcAddress.Parse("auto").Resolve(_directory.Path, "s");
        Assert.That(IpcConnection.TryConnect<IStage>(auto), Is.Null, "nothing is there");
        using (IpcServer server = IpcServer.Listen<IStage>(Address, _ => new Stage()))
        {
            using IpcConnection<IStage>? client = IpcConnection.TryConnect<IStage>(auto);

            Assert.That(client!.Root.Call(5), Is.EqualTo(5));
        }

        Assert.That(IpcConnection.TryConnect<IStage>(auto), Is.Null, "nobody is there any more");
        Assert.That(
            () => IpcServer.Listen<IStage>(auto, _ => new Stage()),
            Throws.TypeOf<IpcException>().With.Message.Contains("for connecting"));
    }

    [Test]
    public async Task Shutting_down_drains_what_runs_refuses_what_comes_and_removes_the_socket()
    {
        var entered = new Signal();
        var stage = new Stage
        {
            OnCallUntil = (x, token) =>
            {
                entered.Set();
                token.WaitHandle.WaitOne(Patience.Bound);
                return x;
            },
        };
        using IpcServer server = IpcServer.Listen<IStage>(Address, _ => stage);
        using IpcConnection<IStage> client = IpcConnection.Connect<IStage>(Address);
        TestThread<int> caller = TestThread.Start(() => client.Root.CallUntil(9, CancellationToken.None));
        entered.Await();

        await server.ShutdownAsync(Patience.Bound).WaitAsync(Patience.Bound);

        Assert.That(caller.Join(), Is.EqualTo(9), "the call that ran was told to stop, and its answer still came");
        Assert.That(() => client.Root.Call(1), Throws.TypeOf<IpcDisconnectedException>());
        Assert.That(File.Exists(_directory["s.sock"]), Is.False);
        Assert.That(() => IpcConnection.Connect<IStage>(Address), Throws.TypeOf<IpcDisconnectedException>());
    }

    [Test]
    public async Task Shutting_down_drains_a_connection_that_was_opened_a_moment_before()
    {
        var entered = new Signal();
        var stopping = new Signal();
        Thread? serving = null;
        var stage = new Stage
        {
            OnCallUntil = (x, token) =>
            {
                entered.Set();
                token.WaitHandle.WaitOne(Patience.Bound);
                stopping.Set();
                return serving!.Join(Patience.Bound) ? x : -1;
            },
        };
        var options = new IpcServerOptions();

        // The thread that serves the client goes on only when the server stops and the call runs, and ends before the
        // call.
        using var server = new IpcServer(Endpoint.Listen(Address, options), options, (transport, began, shared) =>
        {
            serving = Thread.CurrentThread;
            ServedConnection connection = ServedConnection.Open<IStage>(transport, options, _ => stage, began, shared);
            stopping.Await();
            return connection;
        });
        using IpcConnection<IStage> client = IpcConnection.Connect<IStage>(Address);
        TestThread<int> caller = TestThread.Start(() => client.Root.CallUntil(9, CancellationToken.None));
        entered.Await();

        await server.ShutdownAsync(Patience.Bound).WaitAsync(Patience.Bound);

        Assert.That(caller.Join(), Is.EqualTo(9));
    }

    [Test]
    public void Two_listeners_serve_side_by_side()
    {
        using IpcServer one = IpcServer.Listen<IStage>(Address, _ => Numbered(1));
        using IpcServer two = IpcServer.Listen<IStage>(IpcAddress.Unix(_directory["t.sock"]), _ => Numbered(2));

        using IpcConnection<IStage> ofOne = IpcConnection.Connect<IStage>(one.Address);
        using IpcConnection<IStage> ofTwo = IpcConnection.Connect<IStage>(two.Address);

        Assert.That((ofOne.Root.Call(0), ofTwo.Root.Call(0)), Is.EqualTo((1, 2)));
    }

    [Test]
    public void A_client_hears_of_a_server_that_ends_while_it_makes_the_root()
    {
        var making = new Signal();
        var ended = new Signal();
        var resource = new Resource();
        var disposed = new Signal();
        resource.OnDispose = disposed.Set;
        IpcServer server = IpcServer.Listen<IResource>(Address, _ =>
        {
            making.Set();
            ended.Await();
            return resource;
        });
        using IpcConnection<IResource> client = IpcConnection.Connect<IResource>(Address);
        TestThread<int> calling = TestThread.Start(() => client.Root.Use(1));
        making.Await();

        server.Dispose();

        Assert.That(calling.Join, Throws.TypeOf<IpcDisconnectedException>());

        // Made for nobody, by the server: so it is the server's to dispose.
        ended.Set();
        disposed.Await();
        Assert.That(resource.Disposals, Is.EqualTo(1));
    }

    [Test]
    public async Task A_client_hears_of_a_shutdown_while_the_root_is_made()
    {
        var making = new Signal();
        var ended = new Signal();
        IpcServer server = IpcServer.Listen<IStage>(Address, _ =>
        {
            making.Set();
            ended.Await();
            return new Stage();
        });
        using IpcConnection<IStage> client = IpcConnection.Connect<IStage>(Address);
        TestThread<int> calling = TestThread.Start(() => client.Root.Call(1));
        making.Await();

        await server.ShutdownAsync(TimeSpan.FromSeconds(30)).WaitAsync(Patience.Bound);

        Assert.That(calling.Join, Throws.TypeOf<IpcDisconnectedException>().With.Message.Contains("shutting down"));
        ended.Set();
    }

    [Test]
    public void A_server_that_was_disposed_has_no_connections()
    {
        using IpcServer server = IpcServer.Listen<IStage>(Address, _ => new Stage());
        using IpcConnection<IStage> client = IpcConnection.Connect<IStage>(Address);
        client.Root.Call(1);

        server.Dispose();

        Assert.That(server.Connections, Is.Empty);
    }

    [Test]
    [NonParallelizable]
    public void A_client_waits_while_the_system_gives_the_server_no_thread()
    {
        var log = new TestLog();
        var refused = new Signal();
        int refusals = 0;
        BackgroundThread.Refuses = name =>
        {
            if (name != "ipc connection" || Interlocked.Increment(ref refusals) > 2)
            {
                return false;
            }

            refused.Set();
            return true;
        };
        try
        {
            using IpcServer server = IpcServer.Listen<IStage>(
                Address, _ => new Stage(), new IpcServerOptions { LoggerFactory = log });

            using IpcConnection<IStage> client = IpcConnection.Connect<IStage>(Address);

            Assert.That(client.Root.Call(4), Is.EqualTo(4));
            Assert.That(refusals, Is.EqualTo(3));
            Assert.That(
                log.Entries.Count(
                    entry => entry.Text.Contains("Starting a thread for a client", StringComparison.Ordinal)),
                Is.EqualTo(1));
        }
        finally
        {
            BackgroundThread.Refuses = null;
        }
    }

    [Test]
    [NonParallelizable]
    public void A_connection_that_gets_no_thread_is_a_typed_error_and_ends_on_both_sides()
    {
        using IpcServer server = IpcServer.Listen<IStage>(Address, _ => new Stage());
        using IpcConnection<IStage> other = IpcConnection.Connect<IStage>(Address);
        other.Root.Call(1);
        int refusals = 0;
        BackgroundThread.Refuses = name => name == "ipc stand-by" && Interlocked.Increment(ref refusals) <= 2;
        try
        {
            // Both ends are in this process: whichever is refused first ends the connection for the other.
            Assert.That(
                () =>
                {
                    using IpcConnection<IStage> client = IpcConnection.Connect<IStage>(Address);
                    client.Root.Call(1);
                },
                Throws.InstanceOf<IpcException>());
        }
        finally
        {
            BackgroundThread.Refuses = null;
        }

        Patience.Until(() => server.Connections.Count == 1, "only the other client is left");
        Assert.That(other.Root.Call(2), Is.EqualTo(2));
    }

    [Test]
    [NonParallelizable]
    public void A_client_for_which_there_is_no_descriptor_is_told_and_the_others_go_on()
    {
        int limit = OpenFiles.Limit;
        using IpcServer server = IpcServer.Listen<IStage>(Address, _ => new Stage());
        using IpcConnection<IStage> other = IpcConnection.Connect<IStage>(Address);
        other.Root.Call(1);
        try
        {
            OpenFiles.Limit = 17;

            IpcException? refused = Assert.Throws<IpcException>(() => IpcConnection.Connect<IStage>(Address).Dispose());

            Assert.That(refused!.Kind, Is.EqualTo(IpcErrorKind.LimitExceeded));
            Assert.That(refused!.Message, Does.Contain("no descriptor left").And.Contain("17"));
            Assert.That(other.Root.Call(2), Is.EqualTo(2));
        }
        finally
        {
            OpenFiles.Limit = limit;
        }

        using IpcConnection<IStage> served = IpcConnection.Connect<IStage>(Address);
        Assert.That(served.Root.Call(3), Is.EqualTo(3));
    }

    [Test]
    public void A_user_has_no_more_connections_than_allowed_and_they_go_on()
    {
        using IpcServer server = IpcServer.Listen<IStage>(
            Address, _ => new Stage(), new IpcServerOptions { MaxUserConnections = 2 });
        using IpcConnection<IStage> first = IpcConnection.Connect<IStage>(Address);
        IpcConnection<IStage> second = IpcConnection.Connect<IStage>(Address);

        IpcException? refused = Assert.Throws<IpcException>(() => IpcConnection.Connect<IStage>(Address).Dispose());

        Assert.That(refused!.Kind, Is.EqualTo(IpcErrorKind.LimitExceeded));
        Assert.That(refused.Message, Does.Contain("already has 2 connections"));
        Assert.That(first.Root.Call(1) + second.Root.Call(2), Is.EqualTo(3));

        second.Dispose();
        Patience.Until(
            () =>
            {
                try
                {
                    using IpcConnection<IStage> next = IpcConnection.Connect<IStage>(Address);
                    return next.Root.Call(4) == 4;
                }
                catch (IpcException)
                {
                    // The server has not counted it out yet.
                    return false;
                }
            },
            "another one is served when one has left");
    }

    [Test]
    [NonParallelizable]
    public void A_server_that_gets_no_thread_leaves_the_address_free()
    {
        BackgroundThread.Refuses = name => name == "ipc accept";
        try
        {
            Assert.That(
                () => IpcServer.Listen<IStage>(Address, _ => new Stage()),
                Throws.TypeOf<IpcException>().With.Property(nameof(IpcException.Kind)).EqualTo(
                    IpcErrorKind.LimitExceeded));
        }
        finally
        {
            BackgroundThread.Refuses = null;
        }

        using IpcServer server = IpcServer.Listen<IStage>(Address, _ => new Stage());
        using IpcConnection<IStage> client = IpcConnection.Connect<IStage>(Address);
        Assert.That(client.Root.Call(1), Is.EqualTo(1));
    }

    [Test]
    public void A_log_that_throws_harms_neither_calls_nor_the_process()
    {
        using var broken = new BrokenLog();
        using IpcServer server = IpcServer.Listen<IStage>(
            Address, _ => new Stage(), new IpcServerOptions { LoggerFactory = broken });

        using IpcConnection<IStage> client = IpcConnection.Connect<IStage>(
            Address, new IpcConnectionOptions { LoggerFactory = broken });

        Assert.That(client.Root.Call(3), Is.EqualTo(3));
        Assert.That(broken.Lines, Is.Positive);
        Assert.That(() => IpcConnection.Connect<IListener>(Address), Throws.TypeOf<IpcException>());
        Assert.That(client.Root.Call(4), Is.EqualTo(4));
    }

    [Test]
    public void A_log_that_was_disposed_is_no_log()
    {
        using IpcServer server = IpcServer.Listen<IStage>(
            Address, _ => new Stage(), new IpcServerOptions { LoggerFactory = new BrokenLog { IsDisposed = true } });

        using IpcConnection<IStage> client = IpcConnection.Connect<IStage>(Address);

        Assert.That(client.Root.Call(3), Is.EqualTo(3));
    }

    [Test]
    public void What_AuthorizePeer_throws_is_a_refusal_and_is_logged()
    {
        var log = new TestLog();
        Func<IpcPeer, bool> allows = Endpoint.Allows(new IpcServerOptions
        {
            LoggerFactory = log,
            AuthorizePeer = _ => throw new InvalidOperationException("no list of users")
        });

        Assert.That(allows(new IpcPeer(1, UserId: 123_456, GroupId: 1)), Is.False);
        Assert.That(log.Entries.Single().Text, Does.Contain("AuthorizePeer"));
        Assert.That(log.Entries.Single().Exception!.Message, Is.EqualTo("no list of users"));
    }

    private static Stage Numbered(int number) => new() { OnCall = _ => number };
}

/// <summary>Throws whenever it is written to.</summary>
internal sealed class BrokenLog : ILoggerFactory, ILogger
{
    private int _lines;

    public int Lines => Volatile.Read(ref _lines);

    public bool IsDisposed { get; init; }

    public ILogger CreateLogger(string categoryName)
        => IsDisposed ? throw new ObjectDisposedException(nameof(BrokenLog)) : this;

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

    public void Dispose()
    {
    }

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel,
        EventId eventId,
        TState state,
        Exception? exception,
        Func<TState, Exception?, string> formatter)
    {
        Interlocked.Increment(ref _lines);
        throw new InvalidOperationException("the disk is full");
    }
}
