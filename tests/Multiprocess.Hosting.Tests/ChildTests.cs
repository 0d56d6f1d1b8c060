using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Multiprocess.Hosting.Tests;

/// <summary>A supervised child under a host, as a process.</summary>
[CancelAfter(120_000)]
public sealed class ChildTests
{
    private RecordingLoggerProvider _logs = null!;

    [SetUp]
    public void MakeLogs() => _logs = new RecordingLoggerProvider();

    [TearDown]
    public void DisposeLogs() => _logs.Dispose();

    [Test]
    public async Task The_contract_resolves_to_the_child_and_calls_it()
    {
        using IHost host = Build();
        IChild child = host.Services.GetRequiredService<IChild>();
        Assert.That(
            () => child.Add(2, 3),
            Throws.TypeOf<IpcDisconnectedException>().With.Message.Contains("has not been started yet"));

        await host.StartAsync();

        Assert.That(child.Add(2, 3), Is.EqualTo(5));
        Assert.That(child.ProcessId, Is.Not.EqualTo(Environment.ProcessId));
        Assert.That(host.Services.GetRequiredKeyedService<IChild>("child"), Is.SameAs(child));
        await host.StopAsync();
        Assert.That(() => child.Add(2, 3), Throws.InstanceOf<IpcDisconnectedException>());
    }

    [Test]
    public async Task A_record_arrives_whole_with_level_event_scopes_values_and_exception()
    {
        using IHost host = await StartAsync();

        host.Services.GetRequiredService<IChild>().LogWhole();

        LogRecord record = await _logs.Find(record => record.Category == "Tests.Child");
        Assert.That(record.Level, Is.EqualTo(LogLevel.Error));
        Assert.That(record.Event.Id, Is.EqualTo(42));
        Assert.That(record.Event.Name, Is.EqualTo("Whole"));
        Assert.That(
            record.Message,
            Is.EqualTo("Answer 42 of child\n  \\u001b[31m"),
            "lines stay and are indented, escape codes do not stay");
        Assert.That(record.Values, Has.Member(KeyValuePair.Create("Answer", (object?)42L)));
        Assert.That(record.Values, Has.Member(KeyValuePair.Create("Who", (object?)"child")));
        Assert.That(record.Values.Select(value => value.Key), Has.Member("{OriginalFormat}"));
        Assert.That(record.Scopes.Select(scope => scope?.ToString()), Has.Some.Contains("child child, process"));
        string?[] scopes = [.. record.Scopes.Select(scope => scope?.ToString())];
        Assert.That(scopes, Has.Member("outer"));
        Assert.That(scopes[^1], Is.EqualTo("inner 7 seven"), "the innermost is the last");
        Assert.That(record.Scopes[^1], Has.Member(KeyValuePair.Create("Number", (object?)7L)));
        var exception = record.Exception as IpcChildLoggedException;
        Assert.That(exception, Is.Not.Null);
        Assert.That(exception!.ExceptionType, Is.EqualTo("System.InvalidOperationException"));
        Assert.That(exception.Message, Is.EqualTo("It went wrong."));
        Assert.That(exception.StackTrace, Does.Contain("LogWhole"));
        Assert.That(exception.ToString(), Does.Contain("System.FormatException: Deep inside."));
    }

    [Test]
    public async Task Nothing_is_lost_at_an_orderly_end_however_much_is_logged_on_the_way()
    {
        using IHost host = await StartAsync();
        IChild child = host.Services.GetRequiredService<IChild>();
        child.LogAtTheEnd(5_000);

        child.LogMany(30_000);
        await host.StopAsync();

        Assert.That(
            Messages("Tests.Child"),
            Is.EqualTo(Enumerable.Range(0, 30_000).Select(i => $"Number {i}")),
            "all, and in order");
        Assert.That(
            Messages("Tests.Ending"),
            Is.EqualTo(Enumerable.Range(0, 5_000).Select(i => $"Stopping {i}").Append("Disposed")));
        Assert.That(
            _logs.Records.Where(record => record.Event.Id == 32),
            Is.Empty,
            "a child that its parent ends is not started again");
    }

    [Test]
    public async Task A_flood_that_the_parent_cannot_take_is_cut_and_counted_and_holds_nobody_up()
    {
        using IHost host = await StartAsync(options => options.Spawn = options.Spawn with { Arguments = ["small"] });
        IChild child = host.Services.GetRequiredService<IChild>();
        using var mayGoOn = new ManualResetEventSlim();
        using var isStalled = new ManualResetEventSlim();
        _logs.Before = category =>
        {
            if (category == "Tests.Child")
            {
                isStalled.Set();
                mayGoOn.Wait(Bounds.Time);
            }
        };

        child.LogMany(1);
        Assert.That(isStalled.Wait(Bounds.Time));
        child.LogMany(100_000);
        Assert.That(child.Add(2, 3), Is.EqualTo(5), "the child goes on while its parent's logger hangs");
        mayGoOn.Set();

        LogRecord dropped = await _logs.Find(record => record.Event.Id == 63);
        Assert.That(dropped.Level, Is.EqualTo(LogLevel.Warning));
        Assert.That(dropped.Values.Single(value => value.Key == "Count").Value, Is.InRange(99_000L, 100_000L));
        Assert.That(Messages("Tests.Child").Count(), Is.InRange(2, 1_000));
    }

    [Test]
    public async Task A_child_cannot_make_loggers_without_end()
    {
        using IHost host = await StartAsync();

        host.Services.GetRequiredService<IChild>().LogCategories(1_200);
        await host.StopAsync();

        Assert.That(
            _logs.Records.Count(record => record.Message.StartsWith("Category ", StringComparison.Ordinal)),
            Is.EqualTo(1_200),
            "none is lost");
        Assert.That(
            _logs.Records
                .Select(record => record.Category)
                .Where(category => category.StartsWith("Tests.Category", StringComparison.Ordinal))
                .Distinct()
                .Count(),
            Is.LessThanOrEqualTo(1_000));
        LogRecord last = _logs.Records.Single(record => record.Message == "Category 1199");
        Assert.That(last.Category, Is.EqualTo("Multiprocess.Hosting.Child.child"));
        Assert.That(
            last.Scopes.OfType<IEnumerable<KeyValuePair<string, object?>>>().SelectMany(scope => scope),
            Has.Member(KeyValuePair.Create("Category", (object?)"Tests.Category1199")));
    }

    [Test]
    public async Task A_long_message_arrives_cut()
    {
        using IHost host = await StartAsync();

        host.Services.GetRequiredService<IChild>().LogLong(1_000_000);

        LogRecord record = await _logs.Find(record => record.Category == "Tests.Child");
        Assert.That(record.Message, Has.Length.EqualTo(32 * 1024).And.EndsWith("…"));
    }

    [Test]
    public async Task Lines_of_both_standard_streams_are_logged()
    {
        using IHost host = await StartAsync();
        IChild child = host.Services.GetRequiredService<IChild>();

        child.Print("to output", toError: false);
        child.Print("to error \u001b[31m", toError: true);
        await host.StopAsync();

        LogRecord output = _logs.Records.Single(record => record.Event.Id == 60);
        LogRecord error = _logs.Records.Single(record => record.Event.Id == 61);
        Assert.That(
            (output.Category, output.Level, output.Message),
            Is.EqualTo(("Multiprocess.Hosting.Child.child", LogLevel.Information, "to output")));
        Assert.That((error.Level, error.Message), Is.EqualTo((LogLevel.Warning, "to error \\u001b[31m")));
    }

    [Test]
    public async Task Sections_of_the_parent_reach_the_child_and_nothing_else_does()
    {
        using IHost host = await StartAsync(
            options => options.ConfigurationSections.Add("Shared"),
            new() { ["Shared:Deep:Key"] = "value", ["Shared:Empty"] = "", ["Other:Key"] = "secret" });
        IChild child = host.Services.GetRequiredService<IChild>();

        Assert.That(child.Setting("Shared:Deep:Key"), Is.EqualTo("value"));
        Assert.That(child.Setting("Shared:Empty"), Is.Empty);
        Assert.That(child.Setting("Other:Key"), Is.Null);
    }

    [Test]
    public async Task A_child_that_is_killed_comes_back_prepared_and_with_its_logs()
    {
        var happened = new System.Collections.Concurrent.BlockingCollection<int>();
        using IHost host = await StartAsync(prepare: (_, child, _) =>
        {
            child.Root.Happened += happened.Add;
            return Task.CompletedTask;
        });
        IChild child = host.Services.GetRequiredService<IChild>();
        var hosted = host.Services.GetRequiredService<IpcHostedChild<IChild>>();
        int first = child.ProcessId;

        hosted.Supervisor!.Current!.Kill();
        await _logs.Find(
            record => record.Event.Id == 55 && !record.Message.Contains($"{first}.", StringComparison.Ordinal));
        Assert.That(child.ProcessId, Is.Not.EqualTo(first));
        child.Raise(3);
        child.LogWhole();

        Assert.That(happened.TryTake(out int value, Bounds.Time) ? value : 0, Is.EqualTo(3));
        Assert.That(await _logs.Find(record => record.Category == "Tests.Child"), Is.Not.Null);
    }

    [Test]
    public async Task A_child_that_does_not_stop_is_killed_in_time()
    {
        using IHost host = await StartAsync(options => options.StopTimeout = TimeSpan.FromMilliseconds(200));
        IChild child = host.Services.GetRequiredService<IChild>();
        child.HangAtTheEnd();

        await host.StopAsync().WaitAsync(Bounds.Time);

        Assert.That(_logs.Records.Select(record => record.Event.Id), Has.Member(56));
    }

    [Test]
    public async Task A_call_that_runs_when_the_host_stops_is_cancelled_and_answered()
    {
        using IHost host = await StartAsync();
        Task<string> waiting = host.Services.GetRequiredService<IChild>().WaitAsync();
        await _logs.Find(record => record.Message == "Waiting");

        await host.StopAsync();

        Assert.That(await waiting.WaitAsync(Bounds.Time), Is.EqualTo("cancelled"));
    }

    [Test]
    public async Task A_child_that_stops_by_itself_is_reported_and_may_stop_the_host([Values] bool stopsHost)
    {
        using IHost host = await StartAsync(options => options.StopHostWhenGone = stopsHost);
        Task stopping = WhenStopping(host);

        host.Services.GetRequiredService<IChild>().StopHost();

        LogRecord gone = await _logs.Find(record => record.Event.Id == 57);
        Assert.That(gone.Message, Does.Contain("exit code 0"));
        HealthReport report = await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync();
        Assert.That(report.Entries["ipc-children"].Status, Is.EqualTo(HealthStatus.Unhealthy));
        if (stopsHost)
        {
            await stopping.WaitAsync(Bounds.Time);
        }

        Assert.That(stopping.IsCompleted, Is.EqualTo(stopsHost));
    }

    [Test]
    public async Task Health_follows_the_child()
    {
        using IHost host = await StartAsync(
            options => options.Restart =
                new IpcRestartPolicy { InitialDelay = TimeSpan.FromMinutes(1), MaxDelay = TimeSpan.FromMinutes(1) });
        HealthCheckService health = host.Services.GetRequiredService<HealthCheckService>();

        HealthReportEntry runs = (await health.CheckHealthAsync()).Entries["ipc-children"];
        host.Services.GetRequiredService<IpcHostedChild<IChild>>().Supervisor!.Current!.Kill();
        await _logs.Find(record => record.Event.Id == 32);
        HealthReportEntry restarts = (await health.CheckHealthAsync()).Entries["ipc-children"];

        Assert.That(runs.Status, Is.EqualTo(HealthStatus.Healthy));
        Assert.That(runs.Data["child"], Does.StartWith("runs as process"));
        Assert.That(restarts.Status, Is.EqualTo(HealthStatus.Degraded));
    }

    [Test]
    public void A_child_whose_root_cannot_be_made_fails_the_start_and_says_why()
    {
        using IHost host = Build(options => options.Spawn = options.Spawn with { Arguments = ["broken"] });

        Assert.That(
            () => host.StartAsync(), Throws.InstanceOf<IpcException>().With.Message.Contains("There is no root."));

        Assert.That(
            _logs.Records.Where(
                record => record.Exception is IpcChildLoggedException).Select(record => record.Exception!.Message),
            Is.EqualTo(["There is no root."]));
    }

    [Test]
    public void A_child_that_is_no_host_fails_the_start_and_is_told_how()
    {
        using IHost host = BuildPlain(options => options.StartTimeout = TimeSpan.FromMilliseconds(100));

        Assert.That(
            () => host.StartAsync(), Throws.TypeOf<IpcTimeoutException>().With.Message.Contains("IsHosted = false"));
    }

    [Test]
    public async Task A_child_without_a_host_is_supervised_too()
    {
        using IHost host = BuildPlain(options => options.IsHosted = false);

        await host.StartAsync();

        Assert.That(host.Services.GetRequiredService<IPlain>().Add(2, 3), Is.EqualTo(5));
        await host.StopAsync();
    }

    [Test]
    public void A_plain_parent_can_have_a_child_under_a_host()
    {
        using var child = IpcChildProcess.Spawn<IChild>(Bounds.Program);

        Assert.That(child.Root.Add(2, 3), Is.EqualTo(5));
        child.Dispose();

        Assert.That(child.Exit!.Code, Is.Zero);
    }

    [Test]
    public void Options_are_checked_when_the_host_starts()
    {
        using IHost host = Build(options => options.StartTimeout = TimeSpan.Zero);

        Assert.That(
            () => host.StartAsync(),
            Throws.TypeOf<Microsoft.Extensions.Options.OptionsValidationException>().With.Message.Contains(
                "StartTimeout"));
    }

    [Test]
    public async Task Options_come_from_a_section()
    {
        HostApplicationBuilder builder = Builder();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Worker:Program"] = Bounds.Program,
            ["Worker:ConfigurationSections:0"] = "Worker",
            ["Worker:Restart:MaxRestarts"] = "3",
            ["Worker:Spawn:ExitTimeout"] = "00:00:07",
        });
        builder.Services.AddIpcChild<IChild>("worker", builder.Configuration.GetSection("Worker"));
        using IHost host = builder.Build();

        await host.StartAsync();

        IpcHostedChildOptions options =
            host.Services.GetRequiredService<Microsoft.Extensions.Options.IOptionsMonitor<IpcHostedChildOptions>>().Get(
                "worker");
        Assert.That(options.Restart.MaxRestarts, Is.EqualTo(3));
        Assert.That(options.Spawn.ExitTimeout, Is.EqualTo(TimeSpan.FromSeconds(7)));
        Assert.That(host.Services.GetRequiredService<IChild>().Setting("Worker:Restart:MaxRestarts"), Is.EqualTo("3"));
        await host.StopAsync();
    }

    [Test]
    public void A_name_stands_for_one_child()
    {
        var services = new ServiceCollection();
        services.AddIpcChild<IChild>("child");

        Assert.That(
            () => services.AddIpcChild<IChild>("child"),
            Throws.InvalidOperationException.With.Message.Contains("twice"));
    }

    private static Task WhenStopping(IHost host)
    {
        var stopping = new TaskCompletionSource();
        host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.Register(stopping.SetResult);
        return stopping.Task;
    }

    private IEnumerable<string> Messages(string category)
        => _logs.Records.Where(record => record.Category == category).Select(record => record.Message);

    private HostApplicationBuilder Builder()
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Logging.AddProvider(_logs);
        builder.Services.AddHealthChecks().AddIpcChildren();
        return builder;
    }

    private IHost Build(
        Action<IpcHostedChildOptions>? configure = null,
        Dictionary<string, string?>? settings = null,
        Func<IServiceProvider, IpcChildProcess<IChild>, CancellationToken, Task>? prepare = null)
    {
        HostApplicationBuilder builder = Builder();
        builder.Configuration.AddInMemoryCollection(settings);
        builder.Services.AddIpcChild(
            "child",
            options =>
            {
                options.Program = Bounds.Program;
                configure?.Invoke(options);
            },
            prepare);
        return builder.Build();
    }

    private IHost BuildPlain(Action<IpcHostedChildOptions> configure)
    {
        HostApplicationBuilder builder = Builder();
        builder.Services.AddIpcChild<IPlain>("plain", options =>
        {
            options.Program = Bounds.Program;
            options.Spawn = options.Spawn with { Arguments = ["plain"] };
            configure(options);
        });
        return builder.Build();
    }

    private async Task<IHost> StartAsync(
        Action<IpcHostedChildOptions>? configure = null,
        Dictionary<string, string?>? settings = null,
        Func<IServiceProvider, IpcChildProcess<IChild>, CancellationToken, Task>? prepare = null)
    {
        IHost host = Build(configure, settings, prepare);
        await host.StartAsync();
        return host;
    }
}
