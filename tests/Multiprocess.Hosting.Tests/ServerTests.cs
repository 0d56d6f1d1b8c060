using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Multiprocess.Hosting.Tests;

/// <summary>Servers under a host.</summary>
[CancelAfter(120_000)]
public sealed class ServerTests
{
    private string _folder = null!;
    private RecordingLoggerProvider _logs = null!;

    private string Address => $"unix:{Path.Combine(_folder, "s.sock")}";

    private string OtherAddress => $"unix:{Path.Combine(_folder, "o.sock")}";

    [SetUp]
    public void MakeFolder()
    {
        _folder = Directory.CreateTempSubdirectory("mp").FullName;
        _logs = new RecordingLoggerProvider();
        Counter.Held = null;
    }

    [TearDown]
    public void RemoveFolder()
    {
        _logs.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Test]
    public async Task Each_connection_has_a_scope_of_its_own_that_ends_with_it()
    {
        string address = Address;
        using IHost host = await StartAsync(builder =>
        {
            builder.Services.AddIpcServer<ICounter, Counter>(address);
        });
        ScopeLog scopes = host.Services.GetRequiredService<ScopeLog>();
        var first = IpcConnection.Connect<ICounter>(Address);
        using var second = IpcConnection.Connect<ICounter>(Address);
        int[] numbers = [first.Root.Scope(), first.Root.Scope(), second.Root.Scope()];

        first.Dispose();

        Assert.That(scopes.Ended.TryTake(out int ended, Bounds.Time) ? ended : 0, Is.EqualTo(numbers[0]));
        Assert.That(numbers[1], Is.EqualTo(numbers[0]));
        Assert.That(numbers[2], Is.Not.EqualTo(numbers[0]));
        Assert.That(second.Root.Scope(), Is.EqualTo(numbers[2]), "the other one goes on");
        await host.StopAsync();
    }

    [Test]
    public async Task A_scope_lives_while_a_call_of_its_connection_runs()
    {
        var held = new TaskCompletionSource();
        Counter.Held = held.Task;
        using IHost host = await StartAsync(builder => builder.Services.AddIpcServer<ICounter, Counter>(Address));
        ScopeLog scopes = host.Services.GetRequiredService<ScopeLog>();
        var connection = IpcConnection.Connect<ICounter>(Address);
        Task<string> waiting = connection.Root.WaitAsync();
        IpcServer server = host.Services.GetRequiredService<IpcHostedServer>().Server!;
        WaitForCalls(1);
        IpcConnection served = server.Connections[0];

        connection.Dispose();
        await ((Task)served.Completion.WaitAsync(Bounds.Time)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        bool hasEndedEarly = scopes.Ended.TryTake(out _, TimeSpan.FromMilliseconds(50));
        held.SetResult();

        Assert.That(hasEndedEarly, Is.False);
        Assert.That(scopes.Ended.TryTake(out _, Bounds.Time), Is.True);
        Assert.That(async () => await waiting, Throws.InstanceOf<IpcDisconnectedException>());
        await host.StopAsync();
    }

    [Test]
    public async Task A_singleton_is_shared_by_all_connections()
    {
        using IHost host = await StartAsync(builder =>
        {
            builder.Services.AddSingleton<SharedCounter>();
            builder.Services.AddIpcServer<ICounter, SharedCounter>(Address);
        });
        using var first = IpcConnection.Connect<ICounter>(Address);
        using var second = IpcConnection.Connect<ICounter>(Address);

        Assert.That((first.Root.Next(), second.Root.Next()), Is.EqualTo((1, 2)));
        await host.StopAsync();
    }

    [Test]
    public void A_singleton_of_a_disposable_contract_is_refused()
    {
        var services = new ServiceCollection();
        services.AddSingleton<Closable>();

        Assert.That(
            () => services.AddIpcServer<IClosable, Closable>(Address),
            Throws.InvalidOperationException.With.Message.Contains("would dispose it for all"));
    }

    [Test]
    public async Task Several_servers_run_side_by_side_and_stop_together()
    {
        using IHost host = await StartAsync(builder =>
        {
            builder.Services.AddIpcServer<ICounter, Counter>(Address);
            builder.Services.AddIpcServer<IClosable>(OtherAddress, (_, _) => new Closable());
        });
        using var first = IpcConnection.Connect<ICounter>(Address);
        using var second = IpcConnection.Connect<IClosable>(OtherAddress);
        Task<string> waiting = first.Root.WaitAsync();
        WaitForCalls(1);

        Assert.That((first.Root.Next(), second.Root.Answer()), Is.EqualTo((1, 42)));
        await host.StopAsync().WaitAsync(Bounds.Time);

        Assert.That(
            await waiting.WaitAsync(Bounds.Time), Is.EqualTo("cancelled"), "a call that heeds its token is answered");
        Assert.That(() => IpcConnection.Connect<ICounter>(Address), Throws.InstanceOf<IpcDisconnectedException>());
        Assert.That(
            () => IpcConnection.Connect<IClosable>(OtherAddress), Throws.InstanceOf<IpcDisconnectedException>());
    }

    [Test]
    public async Task What_does_not_end_within_the_shutdown_time_out_is_ended_for_all_servers_together()
    {
        Counter.Held = Counter.Unending.Task;
        using IHost host = await StartAsync(builder =>
        {
            builder.Services.Configure<HostOptions>(
                options => options.ShutdownTimeout = TimeSpan.FromMilliseconds(300));
            builder.Services.AddIpcServer<ICounter, Counter>(Address);
            builder.Services.AddIpcServer<ICounter, Counter>(OtherAddress);
        });
        using var first = IpcConnection.Connect<ICounter>(Address);
        using var second = IpcConnection.Connect<ICounter>(OtherAddress);
        Task[] waiting = [first.Root.WaitAsync(), second.Root.WaitAsync()];
        WaitForCalls(2);

        await host.StopAsync().WaitAsync(Bounds.Time);

        foreach (Task one in waiting)
        {
            Assert.That(async () => await one.WaitAsync(Bounds.Time), Throws.InstanceOf<IpcDisconnectedException>());
        }

        Assert.That(_logs.Records.Count(record => record.Event.Id == 51), Is.EqualTo(2));
    }

    [Test]
    public async Task Health_is_that_of_a_server_which_listens()
    {
        using IHost host = Build(builder => builder.Services.AddIpcServer<ICounter, Counter>(Address));
        HealthCheckService health = host.Services.GetRequiredService<HealthCheckService>();

        HealthReportEntry before = (await health.CheckHealthAsync()).Entries["ipc-servers"];
        await host.StartAsync();
        HealthReportEntry listens = (await health.CheckHealthAsync()).Entries["ipc-servers"];
        await host.StopAsync();
        HealthReportEntry after = (await health.CheckHealthAsync()).Entries["ipc-servers"];

        Assert.That(
            (before.Status, listens.Status, after.Status),
            Is.EqualTo((HealthStatus.Unhealthy, HealthStatus.Healthy, HealthStatus.Unhealthy)));
        Assert.That(before.Description, Does.Contain(Address));
        Assert.That(listens.Tags, Has.Member("ready"));
    }

    [Test]
    public async Task Address_and_limits_come_from_a_section()
    {
        using IHost host = await StartAsync(builder =>
        {
            builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
            {
                ["Counter:Address"] = Address,
                ["Counter:DrainTimeout"] = "00:00:03",
                ["Counter:Server:MaxConnections"] = "7",
                ["Counter:Server:Limits:MaxNesting"] = "9",
            });
            builder.Services.AddIpcServer<ICounter, Counter>(builder.Configuration.GetSection("Counter"));
        });
        using var connection = IpcConnection.Connect<ICounter>(Address);

        IpcHostedServerOptions options =
            host.Services.GetRequiredService<IOptionsMonitor<IpcHostedServerOptions>>().Get("Counter");
        Assert.That(connection.Root.Next(), Is.EqualTo(1));
        Assert.That(
            (options.Server.MaxConnections, options.Server.Limits.MaxNesting, options.DrainTimeout),
            Is.EqualTo((7, 9, TimeSpan.FromSeconds(3))));
        await host.StopAsync();
    }

    [TestCase("")]
    [TestCase("0")]
    [TestCase("nonsense")]
    public void An_address_that_is_none_fails_the_start(string address)
    {
        using IHost host = Build(builder => builder.Services.AddIpcServer<ICounter, Counter>(address, name: "counter"));

        Assert.That(
            () => host.StartAsync(), Throws.TypeOf<OptionsValidationException>().With.Message.Contains("'counter'"));
    }

    [Test]
    public async Task A_taken_address_fails_the_start()
    {
        using var server = IpcServer.Listen<IClosable>(Address, _ => new Closable());
        using IHost host = Build(builder => builder.Services.AddIpcServer<ICounter, Counter>(Address));

        Assert.That(() => host.StartAsync(), Throws.InstanceOf<IpcException>());
        await host.StopAsync();
    }

    [Test]
    public void A_name_stands_for_one_server()
    {
        var services = new ServiceCollection();
        services.AddIpcServer<ICounter, Counter>(Address);

        Assert.That(
            () => services.AddIpcServer<ICounter, Counter>(Address),
            Throws.InvalidOperationException.With.Message.Contains("twice"));
    }

    [Test]
    public void Outside_of_a_connection_there_is_none()
    {
        using IHost host = Build(builder => builder.Services.AddIpcServer<ICounter, Counter>(Address));
        using IServiceScope scope = host.Services.CreateScope();

        Assert.That(
            () => scope.ServiceProvider.GetRequiredService<IpcConnection>(),
            Throws.InvalidOperationException.With.Message.Contains("scope of a connection"));
    }

    /// <summary>Waits until calls run: one that has not begun when its connection ends never does.</summary>
    private static void WaitForCalls(int count)
    {
        for (int i = 0; i < count; i++)
        {
            Assert.That(Counter.Begun.TryTake(out _, Bounds.Time), Is.True);
        }
    }

    private IHost Build(Action<HostApplicationBuilder> add)
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Logging.AddProvider(_logs);
        builder.Services.AddSingleton<ScopeLog>();
        builder.Services.AddScoped<ScopeProbe>();
        builder.Services.AddHealthChecks().AddIpcServers(tags: ["ready"]);
        add(builder);
        return builder.Build();
    }

    private async Task<IHost> StartAsync(Action<HostApplicationBuilder> add)
    {
        IHost host = Build(add);
        await host.StartAsync();
        return host;
    }

    private sealed class SharedCounter : ICounter
    {
        private int _count;

        public event Action<int>? Counted;

        public int Next()
        {
            int count = Interlocked.Increment(ref _count);
            Counted?.Invoke(count);
            return count;
        }

        public int Scope() => 0;

        public Task<string> WaitAsync(CancellationToken cancellationToken = default) => Task.FromResult("");
    }
}
