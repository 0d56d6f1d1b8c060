using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Example.Shop;

namespace Multiprocess.Tool.Tests;

/// <summary><c>watch</c>, <c>shell</c>, <c>monitor</c>, <c>waiting</c>, <c>leaks</c> and <c>trace</c>, over a live
/// server.</summary>
[Platform("Linux")]
[CancelAfter(120_000)]
public sealed class LiveTests
{
    private ServerProcess _server = null!;

    [OneTimeSetUp]
    public void Start() => _server = new ServerProcess();

    [OneTimeTearDown]
    public void Stop() => _server.Dispose();

    [Test]
    public void Events_are_printed_as_they_come()
    {
        // What is sold before a handler is there is not heard. So it is sold until all are, and many are watched.
        using var enough = new CancellationTokenSource();
        Task selling = Task.Run(() =>
        {
            while (!enough.IsCancellationRequested)
            {
                _server.Sell("tea");
                Thread.Yield();
            }
        });

        ToolRun all = ToolRun.Done("watch", _server.Address, "--count", "500", "--json");
        ToolRun one = ToolRun.Done("watch", _server.Address, "Sold", "--count", "2");
        enough.Cancel();
        selling.Wait();

        string[] names = [.. all.Json.Select(line => line["called"]!.GetValue<string>()).Distinct().Order()];
        Assert.That(names, Is.EqualTo(new[] { "Counted", "Sold" }));
        Assert.That(
            all.Json.First(line => line["called"]!.GetValue<string>() == "Sold")["arguments"]!.AsObject()
                .Single().Value!.GetValue<string>(),
            Is.EqualTo("tea"));
        Assert.That(one.Lines[0], Is.EqualTo("Sold(\"tea\")"));
    }

    [Test]
    public void A_method_that_calls_back_is_watched()
        => Assert.That(
            ToolRun.Done("watch", _server.Address, "Watch", "tick", "--for", "0.2").Lines[..2],
            Is.EqualTo(new[] { "tick(1, \"one\")", "tick(2, \"two\")" }));

    [TestCase("has no method, property or event 'Bought'", "watch", "Bought")]
    [TestCase("--count: Expected at least 1, got 0", "watch", "--count", "0")]
    public void What_cannot_be_watched_is_an_error(string expected, string verb, params string[] rest)
    {
        ToolRun run = ToolRun.Of([verb, _server.Address, .. rest]);

        Assert.That(run.Code, Is.EqualTo(ExitCode.Usage));
        Assert.That(run.Errors, Does.Contain(expected));
    }

    [Test]
    public void A_shell_keeps_what_it_was_handed()
    {
        ToolRun run = ToolRun.With(
            """
            Desk
            #2.Label
            IsMine #2
            #2.Next "the second"
            #3.Label
            objects
            #3.Dispose
            objects
            Greet {"person":{"name":"A","age":1,"roles":[]},"role":null}
            Echo "two words"
            methods #2
            exit
            """,
            "shell", _server.Address);

        Assert.That(run.Code, Is.EqualTo(ExitCode.Done), run.Errors);
        Assert.That(run.Lines[..8], Is.EqualTo(new[]
        {
            "#2 (Example.Shop.IDesk)", "first", "true", "#3 (Example.Shop.IDesk)", "the second",
            "#2 Example.Shop.IDesk", "#3 Example.Shop.IDesk", "#2 Example.Shop.IDesk",
        }));
        Assert.That(
            run.Output,
            Does.Contain("\"Name\": \"A\"").And.Contains("two words\n").And.Contains("IDesk Next(string label)"));
    }

    [Test]
    public void A_failed_line_of_a_shell_is_told_and_the_others_are_done()
    {
        ToolRun run = ToolRun.With(
            "Nothing\n#9.Label\nrelease #9\nrelease #1\nFail no\nEcho \"x\nAdd 1 2\n", "shell", _server.Address);

        Assert.That(run.Code, Is.EqualTo(ExitCode.No));
        Assert.That(run.Lines, Is.EqualTo(new[] { "3" }));
        Assert.That(
            run.Errors,
            Does.Contain("has no method, property or event 'Nothing'")
                .And.Contains("#9: Expected an object")
                .And.Contains("#1: Expected an object")
                .And.Contains("System.InvalidOperationException: no")
                .And.Contains("closing quotation mark"));
    }

    [Test]
    public void A_monitor_shows_what_was_called_by_method()
    {
        using IpcConnection<IShop> client = IpcConnection.Connect<IShop>(_server.Address);
        using var enough = new CancellationTokenSource();
        Task calling = Task.Run(() =>
        {
            while (!enough.IsCancellationRequested)
            {
                client.Root.Add(1, 2);
            }
        });

        ToolRun byAddress = ToolRun.Done("monitor", _server.Address, "--interval", "0.3", "--count", "2", "--json");
        ToolRun byProcess = ToolRun.Done("monitor", $"{_server.Id}", "--interval", "0.3", "--count", "1");
        enough.Cancel();
        calling.Wait();

        JsonNode last = byAddress.Json[^1];
        JsonNode add = last["methods"]!.AsArray()
            .Single(
                row
                    => row!["method"]!.GetValue<string>() == "Example.Shop.IShop.Add"
                        && row["role"]!.GetValue<string>() == "server")!;
        Assert.That(byAddress.Json, Has.Length.EqualTo(2));
        Assert.That(last["process"]!.GetValue<int>(), Is.EqualTo(_server.Id));
        Assert.That(last["connections"]!.GetValue<int>(), Is.GreaterThanOrEqualTo(1));
        Assert.That(add["calls"]!.GetValue<long>(), Is.Positive);
        Assert.That(
            add["p50Seconds"]!.GetValue<double>(),
            Is.Positive.And.LessThanOrEqualTo(add["p99Seconds"]!.GetValue<double>()));
        Assert.That(last["receivedBytesPerSecond"]!.GetValue<double>(), Is.Positive);
        Assert.That(byProcess.Output, Does.Contain("Example.Shop.IShop.Add").And.Contains("calls/s"));
    }

    [Test]
    public void A_monitor_on_a_narrow_terminal_leaves_columns_out_and_no_line_is_wider()
    {
        using IpcConnection<IShop> client = IpcConnection.Connect<IShop>(_server.Address);
        using var enough = new CancellationTokenSource();
        Task calling = Task.Run(() =>
        {
            while (!enough.IsCancellationRequested)
            {
                client.Root.Add(1, 2);
            }
        });

        ToolRun run = ToolRun.Narrow(40, "monitor", _server.Address, "--count", "1", "--interval", "0.3");
        enough.Cancel();
        calling.Wait();

        Assert.That(run.Code, Is.Zero, run.Errors);
        Assert.That(run.Output, Does.Contain("IShop.Add").And.Contains("p99").And.Not.Contains("p50"));
        string[] others = [.. run.Lines.Where(line => !line.StartsWith("unix:", StringComparison.Ordinal))];
        Assert.That(others.Select(line => line.TrimEnd().Length), Has.All.LessThanOrEqualTo(40), run.Output);
    }

    [TestCase("watch", "Sold")]
    [TestCase("monitor", "--interval", "0.2")]
    [TestCase("trace")]
    public void Ctrl_C_ends_a_verb_that_watches(string verb, params string[] rest)
    {
        using Process tool = Process.Start(
            new ProcessStartInfo(
                Path.Combine(AppContext.BaseDirectory, "Multiprocess.Tool"), [verb, _server.Address, .. rest])
            {
                RedirectStandardOutput = true,
            })!;
        Task<string?> first = tool.StandardOutput.ReadLineAsync();
        for (int i = 0; i < 1200 && !first.Wait(50); i++)
        {
            _server.Sell("tea");
            ToolRun.Done("call", _server.Address, "Add", "1", "2");
        }

        using (Process kill = Process.Start("kill", ["-INT", $"{tool.Id}"]))
        {
            kill.WaitForExit();
        }

        Assert.That(first.IsCompleted, Is.True, "it has begun");
        Assert.That(tool.WaitForExit(60_000));
        Assert.That(tool.ExitCode, Is.EqualTo(ExitCode.Done));
    }

    [TestCase("--interval: Expected from 0.1", "--interval", "0")]
    [TestCase("'size' not recognized. Must be one of:\n", "--sort", "size")]
    [TestCase("--count: Expected at least 1, got 0.", "--count", "0")]
    [TestCase("--for: Expected from 0 to 1,000,000 seconds, got -1.", "--for", "-1")]
    public void An_option_that_does_not_fit_is_an_error_of_the_command_line(string expected, params string[] options)
    {
        ToolRun run = ToolRun.Of(["monitor", _server.Address, .. options]);

        Assert.That(run.Code, Is.EqualTo(ExitCode.Usage));
        Assert.That(run.Errors, Does.Contain(expected));
    }

    [TestCase("monitor")]
    [TestCase("waiting")]
    [TestCase("leaks")]
    public void A_process_that_is_not_there_or_serves_nobody_is_an_error(string verb)
    {
        ToolRun gone = ToolRun.Of(verb, "1073741824");
        ToolRun deaf = ToolRun.Of(verb, Environment.ProcessId.ToString(CultureInfo.InvariantCulture));

        Assert.That((gone.Code, deaf.Code), Is.EqualTo((ExitCode.NotThere, ExitCode.NotThere)));
        Assert.That(gone.Errors, Is.EqualTo("Process 1073741824: Expected a process that runs, got none.\n"));
        Assert.That(deaf.Errors, Does.StartWith($"Process {Environment.ProcessId}: Expected a Unix socket"));
    }

    [TestCase("monitor")]
    [TestCase("waiting")]
    [TestCase("leaks")]
    [TestCase("trace")]
    [TestCase("watch")]
    [TestCase("shell")]
    public void Nobody_there_is_an_error_of_every_verb(string verb)
    {
        ToolRun run = ToolRun.Of(verb, "unix:/tmp/nobody-is-here.sock");

        Assert.That(run.Code, Is.EqualTo(ExitCode.NotThere));
        Assert.That(run.Errors, Does.StartWith("unix:/tmp/nobody-is-here.sock: "));
    }

    [Test]
    public void Who_waits_for_whom_is_shown()
    {
        using IpcConnection<IShop> client = IpcConnection.Connect<IShop>(_server.Address);
        var blocked = new Thread(() =>
        {
            try
            {
                client.Root.Block();
            }
            catch (IpcDisconnectedException)
            {
                // The test is over.
            }
        }) { IsBackground = true };
        blocked.Start();

        JsonNode? call = null;
        for (int i = 0; i < 200 && call is null; i++)
        {
            call = ToolRun.Done(
                "waiting", _server.Address, "--json").Json.SelectMany(chain => chain["calls"]!.AsArray())
                .FirstOrDefault(step => step!["method"]!.GetValue<string>() == "Example.Shop.IShop.Block");
        }

        Assert.That(call, Is.Not.Null);
        Assert.That(call!["waits"]!.GetValue<bool>(), Is.False);
        Assert.That(call["peer"]!.GetValue<int>(), Is.EqualTo(Environment.ProcessId));
        Assert.That(call["ageMilliseconds"], Is.Not.Null);

        // Servers of other programs may end meanwhile, which the tool then says.
        Assert.That(
            ToolRun.Of("waiting").Output,
            Does.Contain($"process {_server.Id}, thread ").And.Contains(
                $"Example.Shop.IShop.Block for process {Environment.ProcessId} ("));
        client.Dispose();
        Assert.That(blocked.Join(30_000));
    }

    [Test]
    public void Live_objects_are_shown_with_age_and_creation_stack()
    {
        using IpcConnection<IShop> client = IpcConnection.Connect<IShop>(_server.Address);
        IDesk[] desks = [.. Enumerable.Range(0, 3).Select(i => client.Root.Desk.Next($"desk {i}"))];

        JsonNode leaks = ToolRun.Done("leaks", _server.Address, "--json").Value;
        string text = ToolRun.Done("leaks", $"{_server.Id}", "--top", "50").Output;

        JsonNode kind = leaks["contracts"]!.AsArray()
            .Single(
                row
                    => row!["contract"]!.GetValue<string>() == "Example.Shop.IDesk"
                        && row["exported"]!.GetValue<bool>())!;
        Assert.That(kind["count"]!.GetValue<int>(), Is.GreaterThanOrEqualTo(4));
        Assert.That(
            leaks["oldest"]!.AsArray()
                .Where(row => row!["contract"]!.GetValue<string>() == "Example.Shop.IDesk")
                .Select(row => row!["stack"]?.GetValue<string>()),
            Has.All.Contains(" at "));
        Assert.That(text, Does.Contain("Example.Shop.IDesk").And.Contains(" s old"));
        Assert.That(
            ToolRun.Done("leaks", _server.Address, "--older", "100000", "--json").Value["oldest"]!.AsArray(), Is.Empty);
        GC.KeepAlive(desks);
    }

    [Test]
    public void Messages_are_traced_in_words_and_what_is_sensitive_is_not_shown()
    {
        using IpcConnection<IShop> client = IpcConnection.Connect<IShop>(_server.Address);
        using var enough = new CancellationTokenSource();
        Task calling = Task.Run(() =>
        {
            while (!enough.IsCancellationRequested)
            {
                client.Root.Add(20, 22);
                client.Root.Login("me", "hunter2");
                client.Root.Open(new Account("me", "hunter2"));
                try
                {
                    client.Root.Fail("on purpose");
                }
                catch (InvalidOperationException)
                {
                    // As it should.
                }
            }
        });

        ToolRun run = ToolRun.Done("trace", _server.Address, "--count", "60");
        ToolRun json = ToolRun.Done("trace", _server.Address, "--count", "20", "--json");
        enough.Cancel();
        calling.Wait();

        Assert.That(run.Lines, Has.Length.EqualTo(60));
        Assert.That(run.Output, Does.Contain("call received #").And.Contains("Example.Shop.IShop.Add(a: 20, b: 22)"));
        Assert.That(run.Output, Does.Contain("Example.Shop.IShop.Add = 42"));
        Assert.That(run.Output, Does.Contain("threw System.InvalidOperationException: on purpose"));
        Assert.That(
            run.Output,
            Does.Contain("Example.Shop.IShop.Login (values not shown)").And.Contains(
                "Example.Shop.IShop.Open (values not shown)"));
        Assert.That(run.Output + json.Output, Does.Not.Contain("hunter2"));
        Assert.That(json.Json[0]["time"], Is.Not.Null);
    }
}
