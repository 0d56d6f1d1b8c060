using System.Diagnostics;
using System.Text.Json.Nodes;
using Example.Shop;

namespace Multiprocess.Tool.Tests;

/// <summary><c>show</c>, <c>replay</c> and <c>completion</c>.</summary>
[Platform("Linux")]
[CancelAfter(120_000)]
public sealed class RecordingTests
{
    private ServerProcess _server = null!;
    private string _file = "";

    [OneTimeSetUp]
    public void Record()
    {
        _server = new ServerProcess(records: true);
        using (IpcConnection<IShop> client = IpcConnection.Connect<IShop>(_server.Address))
        {
            client.Root.Add(20, 22);
            client.Root.Login("me", "hunter2");
            client.Root.Open(new Account("me", "hunter2"));
            client.Root.Desk.Next("second");
            client.Root.Ask(x => x * 2);
            Assert.That(() => client.Root.Fail("on purpose"), Throws.InvalidOperationException);
        }

        string? found = null;
        for (int i = 0; i < 3000 && found is null; i++)
        {
            found = Directory.GetFiles(_server.RecordFolder)
                .FirstOrDefault(
                    file => File.ReadAllText(file).Contains("the connection has ended", StringComparison.Ordinal));
            Thread.Yield();
        }

        _file = found ?? throw new AssertionException("No recording was written.");
    }

    [OneTimeTearDown]
    public void Stop() => _server.Dispose();

    [Test]
    public void A_recording_is_shown_by_its_contract_and_what_is_sensitive_is_masked()
    {
        string text = ToolRun.Done("show", _file, "--contract", _server.Address).Output;

        Assert.That(text, Does.StartWith("# multiprocess recording 1\n"));
        Assert.That(text, Does.Contain("client: Call #1 Example.Shop.IShop.Add(a: 20, b: 22)\n"));
        Assert.That(text, Does.Contain("server: Return #1 Example.Shop.IShop.Add = 42\n"));
        Assert.That(text, Does.Contain("Example.Shop.IShop.Login(user: \"me\", password: \"***\")"));
        Assert.That(text, Does.Contain("\"Pin\":\"***\""));
        Assert.That(text, Does.Contain("Example.Shop.IDesk.Next(label: \"second\")"), "objects are followed");
        Assert.That(
            text,
            Does.Contain("server: Call #1 System.Func<System.Int32, System.Int32>.Invoke(arg: 20)"),
            "callbacks too");
        Assert.That(text, Does.Contain("Example.Shop.IShop.Fail threw System.InvalidOperationException: on purpose"));
        Assert.That(text, Does.Not.Contain("hunter2"));
    }

    [Test]
    public void Without_a_contract_no_value_is_shown()
    {
        ToolRun run = ToolRun.Done("show", _file);

        Assert.That(
            run.Output,
            Does.Contain("(2 values, no description)").And.Not.Contain("hunter2").And.Not.Contain("second"));
        Assert.That(
            ToolRun.Done("show", _file, "--json").Json.Select(line => line["message"]!.GetValue<string>()),
            Does.Contain("Call").And.Member("Return").And.Member("Error"));
    }

    [Test]
    public void A_description_in_a_file_does_as_well()
    {
        string file = Path.GetTempFileName();
        File.WriteAllText(file, ToolRun.Done("describe", _server.Address, "--json").Output);

        Assert.That(
            ToolRun.Done("show", _file, "--contract", file).Output,
            Does.Contain("Example.Shop.IShop.Add(a: 20, b: 22)"));
        File.Delete(file);
    }

    [Test]
    public void A_recording_is_replayed()
    {
        string file = Path.GetTempFileName();
        File.WriteAllText(
            file,
            $"< hello\n> "
                + $"hello\n{string.Join('\n', File.ReadLines(_file).Where(line => line.StartsWith("> ", StringComparison.Ordinal) || line.StartsWith("< ", StringComparison.Ordinal)).Skip(2).TakeWhile(line => !line.Contains("d40102", StringComparison.Ordinal)))}\n");

        ToolRun run = ToolRun.Of("replay", file, _server.Address, "--json");

        Assert.That(run.Code, Is.EqualTo(ExitCode.Done), run.Errors + run.Output);
        Assert.That(run.Value["missing"]!.GetValue<int>(), Is.Zero);
        Assert.That(run.Value["answers"]!.GetValue<int>(), Is.GreaterThanOrEqualTo(3));
        File.Delete(file);
    }

    [Test]
    public void A_replay_with_other_answers_says_so()
    {
        string file = Path.GetTempFileName();

        // The call of Add(2, 3), where an error was recorded.
        File.WriteAllText(
            file, "> hello\n< hello\n> 0f00000098010001010001ce146eda0e920203\n< 0700000095030000019100\n");

        ToolRun run = ToolRun.Of("replay", file, _server.Address);

        Assert.That(run.Code, Is.EqualTo(ExitCode.No));
        Assert.That(run.Output, Does.StartWith("1 of 1 answers, 0 missing, 1 of another kind."));
        File.Delete(file);
    }

    [TestCase("show", "/nowhere/x.ipc.txt")]
    [TestCase("replay", "/nowhere/x.ipc.txt", "unix:/tmp/nobody-is-here.sock")]
    public void A_file_that_is_not_there_is_an_error(params string[] args)
    {
        ToolRun run = ToolRun.Of(args);

        Assert.That(run.Code, Is.EqualTo(ExitCode.Usage));
        Assert.That(run.Errors, Is.EqualTo("/nowhere/x.ipc.txt: Expected a recording, got no file.\n"));
    }

    [Test]
    public void A_file_that_is_no_recording_is_an_error()
    {
        string file = Path.GetTempFileName();
        File.WriteAllText(file, "hello\u001b[31m\n");

        ToolRun run = ToolRun.Of("show", file);

        Assert.That(run.Code, Is.EqualTo(ExitCode.Usage));
        Assert.That(run.Errors, Does.Contain("Line 1 is no traffic").And.Not.Contain("\u001b"));
        File.Delete(file);
    }

    [TestCase("bash", "complete -o default -F _multiprocess multiprocess")]
    [TestCase("zsh", "compdef _multiprocess multiprocess")]
    [TestCase("fish", "complete -c multiprocess")]
    public void A_script_for_each_shell_is_printed(string shell, string expected)
        => Assert.That(ToolRun.Done("completion", shell).Output, Does.Contain(expected));

    [Test]
    public void A_script_is_written_as_JSON_too()
        => Assert.That(
            ToolRun.Done("completion", "fish", "--json").Value["script"]!.GetValue<string>(),
            Is.EqualTo(ToolRun.Done("completion", "fish").Output.TrimEnd('\n')));

    [Test]
    public void Every_verb_writes_JSON([Values(
        "list", "describe", "call", "watch", "shell", "monitor", "trace", "show", "replay", "waiting", "leaks",
        "completion", "baseline", "check", "capnp")] string verb)
        => Assert.That(ToolRun.Done(verb, "--help").Output, Does.Contain("--json"));

    [Test]
    public void A_shell_that_is_not_known_is_an_error()
        => Assert.That(ToolRun.Of("completion", "tcsh").Code, Is.EqualTo(ExitCode.Usage));

    [Test]
    public void Bash_completes_verbs_by_the_script()
    {
        string tool = Path.Combine(AppContext.BaseDirectory, "Multiprocess.Tool");
        string script =
            $"multiprocess() {{ '{tool}' \"$@\"; "
                + $"}}\n{ToolRun.Done("completion", "bash").Output}\nCOMP_LINE='multiprocess de'; "
                + $"COMP_POINT=${{#COMP_LINE}}; COMP_WORDS=(multiprocess de); COMP_CWORD=1\n_multiprocess; printf "
                + $"'%s\\n' \"${{COMPREPLY[@]}}\"";
        using Process bash = Process.Start(
            new ProcessStartInfo("bash", ["-c", script]) { RedirectStandardOutput = true })!;

        Assert.That(bash.StandardOutput.ReadToEnd(), Is.EqualTo("describe\n"));
        Assert.That(bash.WaitForExit(60_000));
    }

    [TestCase("multiprocess de", "describe\n")]
    [TestCase("echo before; multiprocess monitor --so", "--sort\n")]
    public void Fish_completes_by_the_script(string line, string expected)
    {
        const string Shell = "/usr/bin/fish";
        if (!File.Exists(Shell))
        {
            Assert.Ignore("fish is not here.");
        }

        string tool = Path.Combine(AppContext.BaseDirectory, "Multiprocess.Tool");
        string script =
            $"function multiprocess; '{tool}' $argv; end\n{ToolRun.Done("completion", "fish").Output}\n"
                + $"complete -C '{line}'";
        using Process fish = Process.Start(
            new ProcessStartInfo(Shell, ["--no-config", "-c", script]) { RedirectStandardOutput = true })!;

        Assert.That(fish.StandardOutput.ReadToEnd(), Is.EqualTo(expected));
        Assert.That(fish.WaitForExit(60_000));
    }
}
