using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace Multiprocess.Hosting.Tests;

/// <summary>Clients that are resolved from services.</summary>
[CancelAfter(120_000)]
public sealed class ClientTests
{
    private string _folder = null!;
    private int _roots;

    private string Address => $"unix:{Path.Combine(_folder, "s.sock")}";

    [SetUp]
    public void MakeFolder()
    {
        _folder = Directory.CreateTempSubdirectory("mp").FullName;
        _roots = 0;
    }

    [TearDown]
    public void RemoveFolder() => Directory.Delete(_folder, recursive: true);

    [Test]
    public void The_first_call_connects_and_nothing_before_it()
    {
        string address = Address;
        var services = new ServiceCollection();
        services.AddIpcClient<ICounter>(address);
        using ServiceProvider provider = services.BuildServiceProvider();
        ICounter counter = provider.GetRequiredService<ICounter>();
        var client = provider.GetRequiredService<IpcHostedClient<ICounter>>();
        Assert.That(() => counter.Next(), Throws.InstanceOf<IpcDisconnectedException>(), "nobody listens");
        using IpcServer server = Listen();
        Assert.That(server.Connections, Is.Empty);

        Assert.That(counter.Next(), Is.EqualTo(1));

        Assert.That(counter.Next(), Is.EqualTo(2));
        Assert.That(client.Connections, Is.EqualTo(1));
        Assert.That(provider.GetRequiredKeyedService<ICounter>(address), Is.SameAs(counter));
    }

    [Test]
    public void A_lost_connection_is_made_again_by_the_next_call()
    {
        using ServiceProvider services = Build();
        ICounter counter = services.GetRequiredService<ICounter>();
        using (Listen())
        {
            Assert.That(counter.Next(), Is.EqualTo(1));
        }

        WaitUntilLost(services);
        Assert.That(() => counter.Next(), Throws.InstanceOf<IpcDisconnectedException>());
        using IpcServer again = Listen();

        Assert.That(counter.Next(), Is.EqualTo(1), "a new root");
        Assert.That(_roots, Is.EqualTo(2));
    }

    [Test]
    public async Task A_call_that_was_under_way_fails_and_is_not_made_again()
    {
        using ServiceProvider services = Build();
        ICounter counter = services.GetRequiredService<ICounter>();
        Task<string> waiting;
        using (IpcServer server = Listen())
        {
            waiting = counter.WaitAsync();
            Assert.That(
                () => server.Connections.Sum(one => one.CallsInFlight),
                Is.EqualTo(1).After((int)Bounds.Time.TotalMilliseconds, 5));
        }

        using IpcServer again = Listen();
        Assert.That(async () => await waiting.WaitAsync(Bounds.Time), Throws.InstanceOf<IpcDisconnectedException>());
        WaitUntilLost(services);
        Assert.That(counter.Next(), Is.EqualTo(1));
        Assert.That(again.Connections.Sum(one => one.CallsInFlight), Is.Zero);
        await Task.CompletedTask;
    }

    [Test]
    public void A_loss_can_be_final()
    {
        using ServiceProvider services = Build(options => options.LostConnection = IpcLostConnection.Fail);
        ICounter counter = services.GetRequiredService<ICounter>();
        using (Listen())
        {
            counter.Next();
        }

        WaitUntilLost(services);
        using IpcServer again = Listen();

        Assert.That(() => counter.Next(), Throws.InstanceOf<IpcDisconnectedException>());
        Assert.That(
            async () => await services.GetRequiredService<IpcHostedClient<ICounter>>().ConnectAsync(),
            Throws.InstanceOf<IpcDisconnectedException>());
        Assert.That(again.Connections, Is.Empty);
    }

    [Test]
    public void Each_connection_is_prepared_before_anybody_calls()
    {
        var counted = new System.Collections.Concurrent.BlockingCollection<int>();
        using ServiceProvider services = Build(prepare: (_, connection, _) =>
        {
            connection.Root.Counted += counted.Add;
            return Task.CompletedTask;
        });
        ICounter counter = services.GetRequiredService<ICounter>();
        using (Listen())
        {
            counter.Next();
        }

        WaitUntilLost(services);
        using IpcServer again = Listen();
        counter.Next();

        Assert.That(counted, Has.Count.EqualTo(2));
    }

    [Test]
    public void A_hook_that_throws_fails_the_call_and_leaves_no_connection()
    {
        using ServiceProvider services = Build(prepare: (_, _, _) => throw new InvalidOperationException("not ready"));
        using IpcServer server = Listen();

        Assert.That(
            () => services.GetRequiredService<ICounter>().Next(),
            Throws.InvalidOperationException.With.Message.EqualTo("not ready"));

        Assert.That(services.GetRequiredService<IpcHostedClient<ICounter>>().Connection, Is.Null);
        Assert.That(() => server.Connections, Is.Empty.After((int)Bounds.Time.TotalMilliseconds, 5));
    }

    [Test]
    public void A_hook_that_calls_the_client_itself_does_not_hang()
    {
        using ServiceProvider services = Build(
            options => options.Connection = options.Connection with { ConnectTimeout = TimeSpan.FromMilliseconds(300) },
            (provider, _, _) =>
            {
                provider.GetRequiredService<ICounter>().Next();
                return Task.CompletedTask;
            });
        using IpcServer server = Listen();

        Assert.That(
            () => services.GetRequiredService<ICounter>().Next(),
            Throws.TypeOf<IpcTimeoutException>().With.Message.Contains("was not prepared"));
    }

    [Test]
    public void Threads_that_call_at_once_make_one_connection()
    {
        using ServiceProvider services = Build();
        ICounter counter = services.GetRequiredService<ICounter>();
        using IpcServer server = Listen();
        using var barrier = new Barrier(8);
        Thread[] threads = [.. Enumerable.Range(0, 8).Select(_ => new Thread(() =>
        {
            barrier.SignalAndWait(Bounds.Time);
            counter.Next();
        }))];

        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => Assert.That(thread.Join(Bounds.Time)));

        Assert.That(services.GetRequiredService<IpcHostedClient<ICounter>>().Connections, Is.EqualTo(1));
        Assert.That(counter.Next(), Is.EqualTo(9));
    }

    [Test]
    public void Disposed_services_end_the_connection_and_make_none()
    {
        ServiceProvider services = Build();
        ICounter counter = services.GetRequiredService<ICounter>();
        using IpcServer server = Listen();
        counter.Next();

        services.Dispose();

        Assert.That(() => server.Connections, Is.Empty.After((int)Bounds.Time.TotalMilliseconds, 5));
        Assert.That(() => counter.Next(), Throws.TypeOf<ObjectDisposedException>());
    }

    [Test]
    public void Services_that_never_called_do_not_connect_to_dispose_a_disposable_contract()
    {
        int connections = 0;
        using var server = IpcServer.Listen<IClosable>(Address, _ =>
        {
            Interlocked.Increment(ref connections);
            return new Closable();
        });
        ServiceProvider services = new ServiceCollection().AddIpcClient<IClosable>(
            Address).Services.BuildServiceProvider();
        _ = services.GetRequiredService<IClosable>();

        services.Dispose();

        Assert.That(connections, Is.Zero);
    }

    [Test]
    public async Task Health_is_that_of_a_server_that_can_be_reached()
    {
        using ServiceProvider services = Build();
        HealthCheckService health = services.GetRequiredService<HealthCheckService>();

        HealthReportEntry without = (await health.CheckHealthAsync()).Entries["ipc-clients"];
        using IpcServer server = Listen();
        HealthReportEntry with = (await health.CheckHealthAsync()).Entries["ipc-clients"];

        Assert.That((without.Status, with.Status), Is.EqualTo((HealthStatus.Unhealthy, HealthStatus.Healthy)));
        Assert.That(without.Exception, Is.InstanceOf<IpcDisconnectedException>());
    }

    [Test]
    public void Two_clients_of_one_contract_have_keys()
    {
        string other = $"unix:{Path.Combine(_folder, "o.sock")}";
        var services = new ServiceCollection();
        services.AddIpcClient<ICounter>(Address, name: "first");
        services.AddIpcClient<ICounter>(other, name: "second");
        using ServiceProvider provider = services.BuildServiceProvider();
        using IpcServer first = Listen();
        using IpcServer second = IpcServer.Listen<ICounter>(other, _ => new PlainCounter(100));

        Assert.That(provider.GetRequiredKeyedService<ICounter>("first").Next(), Is.EqualTo(1));
        Assert.That(provider.GetRequiredKeyedService<ICounter>("second").Next(), Is.EqualTo(101));
        Assert.That(
            provider.GetRequiredService<ICounter>(), Is.SameAs(provider.GetRequiredKeyedService<ICounter>("first")));
        Assert.That(
            () => services.AddIpcClient<ICounter>(other, name: "second"),
            Throws.InvalidOperationException.With.Message.Contains("twice"));
    }

    [Test]
    public void Options_come_from_a_section()
    {
        IConfiguration configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Counter:Address"] = Address,
            ["Counter:LostConnection"] = "Fail",
            ["Counter:Connection:CallTimeout"] = "00:00:09",
        }).Build();
        var services = new ServiceCollection();
        services.AddIpcClient<ICounter>(configuration.GetSection("Counter"));
        using ServiceProvider provider = services.BuildServiceProvider();
        using IpcServer server = Listen();

        IpcHostedClientOptions options = provider.GetRequiredService<IOptionsMonitor<IpcHostedClientOptions>>().Get(
            "Counter");
        Assert.That(provider.GetRequiredService<ICounter>().Next(), Is.EqualTo(1));
        Assert.That(
            (options.LostConnection, options.Connection.CallTimeout),
            Is.EqualTo((IpcLostConnection.Fail, TimeSpan.FromSeconds(9))));
    }

    private static void WaitUntilLost(IServiceProvider services)
        => Assert.That(
            () => services.GetRequiredService<IpcHostedClient<ICounter>>().Connection,
            Is.Null.After((int)Bounds.Time.TotalMilliseconds, 5));

    private IpcServer Listen() => IpcServer.Listen<ICounter>(Address, _ =>
    {
        Interlocked.Increment(ref _roots);
        return new PlainCounter(0);
    });

    private ServiceProvider Build(
        Action<IpcHostedClientOptions>? configure = null,
        Func<IServiceProvider, IpcConnection<ICounter>, CancellationToken, Task>? prepare = null)
    {
        var services = new ServiceCollection();
        services.AddIpcClient(Address, configure, prepare);
        services.AddHealthChecks().AddIpcClients();
        return services.BuildServiceProvider();
    }

    private sealed class PlainCounter(int start) : ICounter
    {
        private int _count = start;

        public event Action<int>? Counted;

        public int Next()
        {
            int count = Interlocked.Increment(ref _count);
            Counted?.Invoke(count);
            return count;
        }

        public int Scope() => 0;

        public async Task<string> WaitAsync(CancellationToken cancellationToken = default)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
            return "";
        }
    }
}
