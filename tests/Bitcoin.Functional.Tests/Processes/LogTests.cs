using System.Diagnostics;
using System.Text.RegularExpressions;
using Bitcoin.Functional.Support;

namespace Bitcoin.Functional.Processes;

internal sealed class LogTests : ProcessTest
{
    [Test]
    public void Both_ends_of_a_call_are_logged_with_the_same_thread_name_and_number()
    {
        RpcClient rpc = RunNode(out Host node, "-debug=ipc");
        rpc.Call("createwallet", "w");
        Stop(node);

        string[] lines = Combine();

        Assert.That(lines.Select(static line => line[..2]).Distinct().Order(), Is.EqualTo(new[] { "n ", "w " }));
        Match sent = First(
            lines,
            @"^w .*\[ipc\] \[\d+ (?<thread>b-walletcall\.\d+)/\d+\] send request #(?<number>\d+) (?<method>\S+GetBlockHash)");
        Match executed = First(
            lines,
            $@"^n .*\[ipc\] \[\d+ {Regex.Escape(sent.Groups["thread"].Value)}/\d+\] executing request #{sent.Groups["number"].Value} {Regex.Escape(sent.Groups["method"].Value)}");
        Match answered = First(
            lines,
            $@"^n .*\[ipc\] .*send response #{sent.Groups["number"].Value} {Regex.Escape(sent.Groups["method"].Value)}");
        Assert.That((sent.Success, executed.Success, answered.Success), Is.EqualTo((true, true, true)));
    }

    [Test]
    public void Logs_without_a_line_in_common_are_put_in_order_of_time()
    {
        Directory.CreateDirectory(RegtestDirectory);
        File.WriteAllText(
            Path.Combine(RegtestDirectory, "debug.log"),
            "2026-01-01T00:00:00.000001Z one\n2026-01-01T00:00:00.000003Z three\n  and more of three\n");
        File.WriteAllText(Path.Combine(RegtestDirectory, "debug.log.wallet"), "2026-01-01T00:00:00.000002Z two\n");
        File.WriteAllText(Path.Combine(RegtestDirectory, "debug.log.gui"), "2026-01-01T00:00:00.000004Z four\n");

        Assert.That(Combine(), Is.EqualTo(new[]
        {
            "n 2026-01-01T00:00:00.000001Z one",
            "w 2026-01-01T00:00:00.000002Z two",
            "n 2026-01-01T00:00:00.000003Z three",
            "n   and more of three",
            "g 2026-01-01T00:00:00.000004Z four",
        }));
    }

    [Test]
    public void Every_source_has_a_colour_of_its_own()
    {
        Directory.CreateDirectory(RegtestDirectory);
        File.WriteAllText(
            Path.Combine(RegtestDirectory, "debug.log"), "2026-01-01T00:00:00.000001Z one\n  more of one\n");
        File.WriteAllText(Path.Combine(RegtestDirectory, "debug.log.wallet"), "2026-01-01T00:00:00.000002Z two\n");
        File.WriteAllText(Path.Combine(RegtestDirectory, "debug.log.gui"), "2026-01-01T00:00:00.000003Z three\n");

        Assert.That(Combine("--colour"), Is.EqualTo(new[]
        {
            "\e[34mn 2026-01-01T00:00:00.000001Z one\e[0m",
            "\e[34mn   more of one\e[0m",
            "\e[32mw 2026-01-01T00:00:00.000002Z two\e[0m",
            "\e[35mg 2026-01-01T00:00:00.000003Z three\e[0m",
        }));
        Assert.That(Combine(), Has.None.Contain("\e"), "what is not a terminal gets no colours by itself");
    }

    [Test]
    public void On_a_terminal_the_lines_are_coloured()
    {
        if (!File.Exists("/usr/bin/script"))
        {
            Assert.Ignore("there is no program that makes a terminal");
        }

        Directory.CreateDirectory(RegtestDirectory);
        File.WriteAllText(Path.Combine(RegtestDirectory, "debug.log"), "2026-01-01T00:00:00.000001Z one\n");

        string output = Run("/usr/bin/script", "-qec", $"{Script} {RegtestDirectory}", "/dev/null");

        Assert.That(output.TrimEnd(), Is.EqualTo("\e[34mn 2026-01-01T00:00:00.000001Z one\e[0m"));
    }

    private static Match First(string[] lines, string pattern)
        => lines.Select(line => Regex.Match(line, pattern)).FirstOrDefault(static match => match.Success)
            ?? Match.Empty;

    private static string Script => Path.GetFullPath(Path.Combine(HostFolder.Path, "../../../eng/combine-logs"));

    private string[] Combine(params string[] options)
        => Run(Script, [.. options, RegtestDirectory]).Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private static string Run(string program, params string[] arguments)
    {
        using Process process = Process.Start(
            new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardInput = true })!;
        process.StandardInput.Close();
        string output = process.StandardOutput.ReadToEnd();
        Assert.That(process.WaitForExit(Host.Patience), Is.True);
        return output;
    }
}
