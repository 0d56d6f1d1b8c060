using Bitcoin.Hosting;
using Microsoft.Extensions.Logging;

namespace Bitcoin.Tests;

internal sealed class DebugLogTests
{
    private static readonly string[] s_ipc = ["ipc"];

    [Test]
    public void What_is_logged_before_the_log_is_open_is_kept()
    {
        using StringWriter console = new();
        using DebugLog log = new(Forge.Clock());
        log.Write("early");
        log.Write("ipc", "early call");
        log.Write("net", "early noise");

        log.Open(null, console, s_ipc);
        log.Write("late");

        Assert.That(Lines(console), Is.EqualTo(new[]
        {
            "2023-11-14T22:13:20.000000Z early",
            "2023-11-14T22:13:20.000000Z [ipc] early call",
            "2023-11-14T22:13:20.000000Z late",
        }));
    }

    [Test]
    public void The_program_s_own_lines_are_copied_and_not_those_of_the_toolkit()
    {
        List<string> copied = [];
        using DebugLog log = new(Forge.Clock()) { Copy = (category, line) => copied.Add($"{category}:{line}") };
        log.Open(null, null, ["rpc", "ipc"]);

        log.Write("one");
        log.Warn("two");
        log.Write("rpc", "three");
        log.Write("net", "nobody wants it");
        log.CreateLogger("Multiprocess.Ipc").LogDebug("a call, perhaps that of the copy");
        log.CreateLogger("Multiprocess.Ipc").LogWarning("trouble");

        Assert.That(copied, Is.EqualTo(new[] { ":one", ":two", "rpc:three" }));
    }

    [TestCase("ipc", true)]
    [TestCase("1", true)]
    [TestCase("all", true)]
    [TestCase("net", false)]
    public void The_toolkits_lines_are_of_the_category_ipc(string category, bool wanted)
    {
        using StringWriter console = new();
        using DebugLog log = new(Forge.Clock());
        log.Open(null, console, [category]);
        ILogger logger = log.CreateLogger("Multiprocess.Ipc");

        logger.LogDebug("send request #1");
        logger.LogTrace("payload");
        logger.LogWarning("trouble");

        string[] expected = wanted
            ? ["2023-11-14T22:13:20.000000Z [ipc] send request #1", "2023-11-14T22:13:20.000000Z trouble"]
            : ["2023-11-14T22:13:20.000000Z trouble"];
        Assert.That(Lines(console), Is.EqualTo(expected));
        Assert.That(logger.IsEnabled(LogLevel.Debug), Is.EqualTo(wanted));
        Assert.That(logger.IsEnabled(LogLevel.Trace), Is.False);
    }

    [Test]
    [Platform("Linux")]
    public void A_full_disk_loses_lines_and_nothing_else_and_the_loss_is_told()
    {
        string folder = Directory.CreateTempSubdirectory("log-").FullName;
        string path = Path.Combine(folder, "debug.log");
        try
        {
            File.CreateSymbolicLink(path, "/dev/full");
            using DebugLog log = new(Forge.Clock());
            log.Open(path, null, []);

            log.Write("lost");
            log.Write("lost too");
            File.Delete(path);
            log.Reopen();
            log.Write("kept");

            string[] lines = [.. File.ReadAllLines(path).Select(static line => line[28..])];
            Assert.That(lines, Has.Length.EqualTo(2));
            Assert.That(lines[0], Does.StartWith("2 lines were lost: "));
            Assert.That(lines[1], Is.EqualTo("kept"));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Test]
    public void A_file_that_was_moved_away_is_made_anew_and_one_that_cannot_be_stays()
    {
        string folder = Directory.CreateTempSubdirectory("log-").FullName;
        string path = Path.Combine(folder, "debug.log");
        try
        {
            using DebugLog log = new(Forge.Clock());
            log.Open(path, null, []);
            log.Write("old");
            File.Move(path, path + ".1");
            log.Reopen();
            log.Write("new");
            File.Move(path, path + ".2");
            Directory.CreateDirectory(path);
            log.Reopen();
            log.Write("newer");

            Assert.That(File.ReadAllText(path + ".1"), Does.EndWith(" old\n"));
            Assert.That(
                File.ReadAllLines(path + ".2"),
                Has.Length.EqualTo(3).And.ItemAt(1)
                    .Contains("could not be opened again").And.ItemAt(2)
                    .EndsWith(" newer"));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [TestCase("a\nb", @"a\x0ab")]
    [TestCase("\u001b[2J", @"\x1b[2J")]
    [TestCase("a\u2028b\u202e", @"a\u2028b\u202e")]
    [TestCase("plain ä 漢", "plain ä 漢")]
    public void What_others_say_makes_no_line_and_drives_no_terminal(string text, string written)
    {
        using StringWriter console = new();
        using DebugLog log = new(Forge.Clock());
        log.Open(null, console, []);

        log.Write(text);
        log.CreateLogger("x").LogWarning("{Text}", text);

        Assert.That(Lines(console).Select(static line => line[28..]), Is.EqualTo(new[] { written, written }));
    }

    [Test]
    public void The_file_is_appended_to()
    {
        string path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        try
        {
            for (int i = 0; i < 2; i++)
            {
                using DebugLog log = new(Forge.Clock());
                log.Open(path, null, []);
                log.Write($"start {i}");
            }

            Assert.That(
                File.ReadAllLines(path).Select(static line => line[^7..]), Is.EqualTo(new[] { "start 0", "start 1" }));
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static string[] Lines(StringWriter console)
        => console.ToString().Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries);
}
