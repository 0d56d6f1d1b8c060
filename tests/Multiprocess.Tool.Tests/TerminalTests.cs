using System.Diagnostics;
using System.Text;

namespace Multiprocess.Tool.Tests;

/// <summary>
/// <c>shell</c> as somebody at a terminal has it: the tool as a process, on a terminal that script(1) makes.
/// </summary>
[Platform("Linux")]
[CancelAfter(120_000)]
public sealed class TerminalTests
{
    private const string Up = "\u001b[A";
    private const string Down = "\u001b[B";
    private const string Left = "\u001b[D";
    private const string Home = "\u001b[H";
    private const string Backspace = "\u007f";
    private const string EndOfInput = "\u0004";
    private const string EraseLine = "\u0015";
    private const string Prompt = "Example.Shop.IShop> ";

    private static readonly TimeSpan s_bound = TimeSpan.FromSeconds(60);

    private ServerProcess _server = null!;
    private Process _script = null!;

    [OneTimeSetUp]
    public void Start() => _server = new ServerProcess();

    [OneTimeTearDown]
    public void Stop() => _server.Dispose();

    [SetUp]
    public async Task OpenTerminal()
    {
        const string script = "/usr/bin/script";
        if (!File.Exists(script))
        {
            Assert.Ignore("script is not here, which makes a terminal (Debian: bsdutils).");
        }

        string tool = Path.Combine(AppContext.BaseDirectory, "Multiprocess.Tool");
        var start = new ProcessStartInfo(
            script, ["--quiet", "--return", "--command", $"'{tool}' shell '{_server.Address}'", "/dev/null"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        start.Environment["TERM"] = "xterm";
        _script = Process.Start(start)!;
        await ReadUntil(Prompt);
    }

    [TearDown]
    public void CloseTerminal()
    {
        if (!_script.HasExited)
        {
            _script.Kill(entireProcessTree: true);
            _script.WaitForExit();
        }

        _script.Dispose();
    }

    [TestCase("Add 2 4" + Backspace + "3", "5", TestName = "The_last_letter_is_taken_back")]
    [TestCase("dd 1 1" + Home + "A", "2", TestName = "A_letter_goes_in_at_the_beginning")]
    [TestCase("Add 10 3" + Left + Left + "0", "103", TestName = "A_letter_goes_in_in_the_middle")]
    [TestCase("nonsense" + EraseLine + "Add 20 22", "42", TestName = "A_line_is_erased")]
    [TestCase("TryD\t7 2 1", "quotient = 3", TestName = "A_word_that_can_be_one_thing_only_is_completed")]
    public async Task Line_is_edited(string keys, string expected)
    {
        Type(keys + "\r");

        Assert.That(await ReadUntil("\n" + expected + "\r\n"), Does.Contain(expected));
    }

    [Test]
    public async Task Words_that_may_follow_are_listed()
    {
        Type("Add\t");

        Assert.That(await ReadUntil("AddSlowlyAsync"), Does.Contain("Add  AddSlowlyAsync"));
    }

    [Test]
    public async Task Earlier_lines_come_back()
    {
        Type("Add 1 1\r");
        await ReadUntil("\n2\r\n");
        Type("Add 2 2\r");
        await ReadUntil("\n4\r\n");

        Type(Up + Up + "0\r");
        await ReadUntil("\n11\r\n");
        Type(Up + Up + Down + Down + "Add 3 3\r");

        Assert.That(await ReadUntil("\n6\r\n"), Does.Contain("Add 3 3"));
    }

    [Test]
    public async Task End_of_input_ends_the_shell_and_a_failed_line_does_not()
    {
        Type("Nothing\r");
        await ReadUntil("has no method, property or event 'Nothing'");
        await ReadUntil(Prompt);
        Type(EndOfInput);

        await _script.WaitForExitAsync().WaitAsync(s_bound);
        Assert.That(_script.ExitCode, Is.Zero);
    }

    private void Type(string keys)
    {
        _script.StandardInput.Write(keys);
        _script.StandardInput.Flush();
    }

    /// <summary>
    /// What the terminal shows from now on until a text; the sequences that move its cursor are in it.
    /// </summary>
    private async Task<string> ReadUntil(string text)
    {
        var shown = new StringBuilder();
        char[] one = new char[1];
        using var bound = new CancellationTokenSource(s_bound);
        while (!shown.ToString().Contains(text, StringComparison.Ordinal))
        {
            int count = 0;
            try
            {
                count = await _script.StandardOutput.ReadAsync(one, bound.Token);
            }
            catch (OperationCanceledException)
            {
                // Told below, with what was shown.
            }

            Assert.That(count, Is.Not.Zero, () => $"The terminal does not show '{text}'. It shows '{shown}'.");
            shown.Append(one);
        }

        return shown.ToString();
    }
}
