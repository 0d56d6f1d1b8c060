using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging;
using Multiprocess.Tests.Support;

namespace Multiprocess.Tests.Logging;

/// <summary>Event ids are unique, and are what the document says: who filters by them may rely on it.</summary>
public sealed partial class EventIdTests
{
    private static readonly (int Id, LogLevel Level, string Name)[] s_events =
    [
        .. typeof(IpcConnection).Assembly.GetTypes()
            .SelectMany(type => type.GetMethods(
                BindingFlags.Static
                    | BindingFlags.Instance
                    | BindingFlags.Public
                    | BindingFlags.NonPublic
                    | BindingFlags.DeclaredOnly))
            .Select(method => (Method: method, Message: method.GetCustomAttribute<LoggerMessageAttribute>()))
            .Where(written => written.Message is not null)
            .Select(
                written => (written.Message!.EventId, written.Message.Level, written.Message.EventName
                    ?? written.Method.Name)),
    ];

    [Test]
    public void Every_event_has_an_id_of_its_own()
    {
        Assert.That(s_events, Has.Length.GreaterThan(15));
        Assert.That(s_events.Select(written => written.Id), Is.Unique);
        Assert.That(s_events.Select(written => written.Name), Is.Unique);
    }

    [Test]
    public void Document_lists_every_event_with_id_level_and_name()
        => Assert.That(
            Documents.Rows("src/README.md", Row()).Select(row => $"{row[1]} {row[2]} {row[3]}"),
            Is.EqualTo(
                s_events.OrderBy(written => written.Id).Select(
                    written => $"{written.Id} {written.Level} {written.Name}")));

    [Test]
    public void A_written_line_has_the_id_and_the_name_of_the_document()
    {
        var log = new TestLog();
        var options = new IpcConnectionOptions { LoggerFactory = log };
        using (IpcTestPair<IStage> pair = IpcTestPair.Create<IStage>(
            new Stage(), new IpcTestPairOptions { Client = options, Server = options }))
        {
            pair.Root.Call(1);
        }

        Assert.That(log.Entries, Is.Not.Empty);
        Assert.That(log.Entries.Select(entry => (entry.Id, entry.Level, entry.Name)).Distinct(), Is.SubsetOf(s_events));
    }

    // | 1 | Information | `Connected` | meaning |
    [GeneratedRegex(@"^\| (\d+) \| (Trace|Debug|Information|Warning|Error|Critical) \| `(\w+)` \| [^|]+ \|$")]
    private static partial Regex Row();
}
