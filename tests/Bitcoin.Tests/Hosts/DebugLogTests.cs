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

        string[] expected = wanted ? ["2023-11-14T22:13:20.000000Z [ipc] send request #1", "2023-11-14T22:13:20.000000Z trouble"] : ["2023-11-14T22:13:20.000000Z trouble"];
        Assert.That(Lines(console), Is.EqualTo(expected));
        Assert.That(logger.IsEnabled(LogLevel.Debug), Is.EqualTo(wanted));
        Assert.That(logger.IsEnabled(LogLevel.Trace), Is.False);
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

            Assert.That(File.ReadAllLines(path).Select(static line => line[^7..]), Is.EqualTo(new[] { "start 0", "start 1" }));
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static string[] Lines(StringWriter console) => console.ToString().Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries);
}
